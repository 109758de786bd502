#include "fathom/weights/published.h"

#include <map>

namespace fathom::weights {

PublishedFile published_file(const WeightCard& card) {
  const std::size_t address = card.source.find("https://");
  return {.name = card.file,
          .url = address == std::string::npos ? "" : card.source.substr(address),
          .origin = card.source,
          .sha256 = card.sha256_prefix};
}

std::uint64_t published_size(const WeightCard& card) {
  // torchvision from 0.15 on, _file_size of the Weights enums: MiB to three decimals.
  static const std::map<std::string, double> mebibytes{
      {"vgg16-397923af.pth", 527.796},
      {"vgg19-dcbb9e9d.pth", 548.051},
      {"inception_v3_google-0cc3c7bd.pth", 103.903},
      {"squeezenet1_1-b8a52dc0.pth", 4.729},
      {"mobilenet_v2-b0353104.pth", 13.555},
      {"mobilenet_v2-7ebf99e0.pth", 13.598},
  };
  const auto found = mebibytes.find(card.file);
  return found == mebibytes.end() ? 0 : static_cast<std::uint64_t>(found->second * (1 << 20));
}

}  // namespace fathom::weights
