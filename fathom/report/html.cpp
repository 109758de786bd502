#include <string_view>

#include "fathom/base/error.h"
#include "fathom/report/page_data.h"
#include "fathom/report/report.h"

// The built page of web/, put into the library by cmake/embed_page.S.
extern "C" {
// NOLINTBEGIN(readability-identifier-naming): symbols of the assembler
extern const char fathom_report_page_begin[];
extern const char fathom_report_page_end[];
// NOLINTEND(readability-identifier-naming)
}

namespace fathom::report {
namespace {

constexpr std::string_view kPlaceholder = "FATHOM_STUDY_DATA";

std::string_view page_template() {
  return {fathom_report_page_begin,
          static_cast<std::size_t>(fathom_report_page_end - fathom_report_page_begin)};
}

}  // namespace

std::string report_html(const Study& study) {
  const std::string_view page = page_template();
  const std::size_t at = page.find(kPlaceholder);
  FATHOM_CHECK(at != std::string_view::npos &&
               page.find(kPlaceholder, at + 1) == std::string_view::npos);
  std::string html(page.substr(0, at));
  html += script_safe(page_data(study));
  html += page.substr(at + kPlaceholder.size());
  return html;
}

}  // namespace fathom::report
