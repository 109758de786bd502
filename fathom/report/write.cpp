#include "fathom/base/atomic_file.h"
#include "fathom/report/report.h"

namespace fathom::report {

void write_reports(const Study& study) {
  write_file_atomically(study.folder / "results.csv", results_csv(study));
  write_json(study.folder / "results.json", results_json(study));
  write_file_atomically(study.folder / "report.html", report_html(study));
}

}  // namespace fathom::report
