#include <fmt/format.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/report/report.h"

namespace fathom::report {

void write_reports(const Study& study) try {
  write_file_atomically(study.folder / "results.csv", results_csv(study));
  write_json(study.folder / "results.json", results_json(study));
  write_file_atomically(study.folder / "report.html", report_html(study));
} catch (const Error& error) {
  throw Error(fmt::format("{}. The study itself is whole: 'fathom report {}' writes its report",
                          error.what(), study.folder.string()));
}

}  // namespace fathom::report
