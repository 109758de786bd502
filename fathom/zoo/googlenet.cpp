// GoogLeNet (Szegedy et al. 2015, table 1) as torchvision has it: normalization after every
// convolution and 3 x 3 kernels where the paper has 5 x 5. Without the auxiliary heads and without
// torchvision's transform_input: the weights' card states the preprocessing.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

struct InceptionShape {
  const char* name;
  std::int64_t out1, narrow2, out2, narrow3, out3, out4;  ///< widths by branch
  int pool = 0;                                           ///< kernel of a pooling behind it
};
constexpr std::array<InceptionShape, 9> kInceptions{{
    {"inception3a", 64, 96, 128, 16, 32, 32},
    {"inception3b", 128, 128, 192, 32, 96, 64, 3},
    {"inception4a", 192, 96, 208, 16, 48, 64},
    {"inception4b", 160, 112, 224, 24, 64, 64},
    {"inception4c", 128, 128, 256, 24, 64, 64},
    {"inception4d", 112, 144, 288, 32, 64, 64},
    {"inception4e", 256, 160, 320, 32, 128, 128, 2},
    {"inception5a", 256, 160, 320, 32, 128, 128},
    {"inception5b", 384, 192, 384, 48, 128, 128},
}};

Layer google_pool(int kernel) { return max_pool(kernel, 2, 0, /*ceil_mode=*/true); }

Layer google_conv(const std::string& name, std::int64_t in, std::int64_t out, int kernel = 1,
                  int stride = 1) {
  return basic_conv(name, conv_options(in, out, kernel, stride));
}

Layer google_inception(std::int64_t in, const InceptionShape& s) {
  return concatenation({google_conv("branch1", in, s.out1),
                        chain({google_conv("branch2.0", in, s.narrow2),
                               google_conv("branch2.1", s.narrow2, s.out2, 3)}),
                        chain({google_conv("branch3.0", in, s.narrow3),
                               google_conv("branch3.1", s.narrow3, s.out3, 3)}),
                        chain({max_pool(3, 1, 1), google_conv("branch4.1", in, s.out4)})});
}

Backbone build_googlenet(Classes classes) {
  Backbone net{.channels = 192};
  net.blocks.emplace_back(
      "stem",
      chain({google_conv("conv1", 3, 64, 7, 2), google_pool(3), google_conv("conv2", 64, 64),
             google_conv("conv3", 64, net.channels, 3), google_pool(3)}));
  for (const InceptionShape& shape : kInceptions) {
    Layer block = under(shape.name, google_inception(net.channels, shape));
    if (shape.pool != 0) block = chain({std::move(block), google_pool(shape.pool)});
    net.blocks.emplace_back(shape.name, std::move(block));
    net.channels = shape.out1 + shape.out2 + shape.out3 + shape.out4;
  }
  if (classes) net.classifier = linear_classifier("fc", net.channels, *classes, 0.2);
  return net;
}

Entry googlenet() {
  Architecture architecture{
      .name = "googlenet",
      .title = "GoogLeNet",
      .paper = "Szegedy et al. 2015, Going Deeper with Convolutions, arXiv:1409.4842",
      .fine_blocks = {"stem"},
      .min_input = 32,
      .has_norm = true,
      .published_head = {"fc"}};
  for (const InceptionShape& shape : kInceptions) architecture.fine_blocks.emplace_back(shape.name);
  for (const std::string aux : {"aux1.", "aux2."}) {
    for (const std::string part : {"conv.conv", "conv.bn", "fc1", "fc2"}) {
      architecture.published_head.push_back(aux + part);
    }
  }
  return {std::move(architecture), build_googlenet};
}

}  // namespace

Family googlenet_family() { return {googlenet()}; }

}  // namespace fathom::zoo
