// The flags of the commands that take a study's settings: study, plan and probe.
#pragma once

#include "cli/command.h"
#include "fathom/study/options.h"

namespace fathom::cli {

class StudyFlags {
 public:
  /// An optional settings file and one flag per setting.
  void declare(CLI::App& app);
  /// Defaults, then the file, then the flags.
  study::StudyOptions options() const;
  /// The same flags over other settings.
  study::StudyOptions over(study::StudyOptions options) const;

 private:
  std::string config_;
  FieldFlags flags_;
};

}  // namespace fathom::cli
