#include "fathom/weights/published.h"

namespace fathom::weights {

PublishedFile published_file(const WeightCard& card) {
  const std::size_t address = card.source.find("https://");
  return {.name = card.file,
          .url = address == std::string::npos ? "" : card.source.substr(address),
          .origin = card.source,
          .sha256 = card.sha256_prefix};
}

}  // namespace fathom::weights
