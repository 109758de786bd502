#include "cli/study_flags.h"

namespace fathom::cli {

void StudyFlags::declare(CLI::App& app) {
  app.add_option("CONFIG", config_, "Settings file (TOML), see configs/; flags override it.");
  study::StudyOptions defaults;
  for (const study::Section& section : defaults.sections()) {
    flags_.declare(app, "Settings [" + section.name + "]", section.fields);
  }
}

study::StudyOptions StudyFlags::options() const {
  return over(config_.empty() ? study::StudyOptions{} : study::read_options(config_));
}

study::StudyOptions StudyFlags::over(study::StudyOptions options) const {
  for (const study::Section& section : options.sections()) flags_.apply(section.fields);
  try {
    check_complete(options);
  } catch (const Error& e) {
    throw UsageError(e.what());
  }
  return options;
}

}  // namespace fathom::cli
