#include "fathom/report/sources.h"

#include <fmt/format.h>

namespace fathom::report {
namespace {

struct Source {
  const char *authors, *year, *where;
};

constexpr Source kSources[] = {
    {"Bonett and Wright", "2000", "doi:10.1007/BF02294183"},
    {"Cox", "1958", "doi:10.1093/biomet/45.3-4.562"},
    {"DeLong et al.", "1988", "doi:10.2307/2531595"},
    {"Dunnett and Tamhane", "1991", "doi:10.1002/sim.4780100614"},
    {"Guo et al.", "2017", "arXiv:1706.04599"},
    {"Hendrycks and Dietterich", "2019", "arXiv:1903.12261"},
    {"Hesterberg", "2015", "doi:10.1080/00031305.2015.1089789"},
    {"Hillis", "2007", "doi:10.1002/sim.2532"},
    {"Holm", "1979", "Scandinavian Journal of Statistics 6:65"},
    {"Hsu", "1981", "doi:10.1214/aos/1176345580"},
    {"Korn and Graubard", "1998", "Survey Methodology 24:193"},
    {"Kornblith et al.", "2019", "arXiv:1905.00414"},
    {"Nadeau and Bengio", "2003", "doi:10.1023/A:1024068626366"},
    {"Obuchowski", "1997", "doi:10.2307/2533958"},
    {"Obuchowski and Rockette", "1995", "doi:10.1080/03610919508813243"},
    {"Rao and Scott", "1992", "doi:10.2307/2532311"},
    {"Satterthwaite", "1946", "doi:10.2307/3002019"},
    {"Song et al.", "2012", "Journal of Machine Learning Research 13:1393"},
    {"Van Calster et al.", "2019", "doi:10.1186/s12916-019-1466-7"},
    {"Wilson", "1927", "doi:10.1080/01621459.1927.10502953"},
    {"You et al.", "2021", "arXiv:2102.11005"},
    {"Youden", "1950", "doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3"}};

bool is_cited(const Source& source, const std::string& text) {
  return text.find(fmt::format("{}, {}", source.authors, source.year)) != text.npos ||
         text.find(fmt::format("{} ({})", source.authors, source.year)) != text.npos;
}

}  // namespace

std::string sources_cited_in(const std::string& text) {
  std::string cited;
  for (const Source& source : kSources) {
    if (!is_cited(source, text)) continue;
    cited += fmt::format("{}{} {}, {}", cited.empty() ? "" : "; ", source.authors, source.year,
                         source.where);
  }
  return cited.empty() ? "" : cited + ".";
}

}  // namespace fathom::report
