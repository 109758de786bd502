#include "fathom/report/report.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/terminal.h"

namespace fathom::cli {

void declare_report(CLI::App& app, Action& action) {
  auto folder = std::make_shared<std::string>();
  app.add_option("STUDY", *folder, "Folder of the study.")->required();
  auto latex = std::make_shared<bool>(false);
  app.add_flag("--latex", *latex,
               "Print tables and paragraphs on methods for a paper, in LaTeX, instead.");
  app.footer("Reads only the journal and the predictions that it vouches for; runs nothing.");
  action = [folder, latex](const Invocation&) {
    const report::Study study = report::load_study(*folder);
    if (*latex) {
      fmt::print("{}", report::latex_report(study));
      return kExitDone;
    }
    report::write_reports(study);
    fmt::print("{}\n", report::terminal_report(study, terminal_width()));
    print_next_step(study);
    return kExitDone;
  };
}

}  // namespace fathom::cli
