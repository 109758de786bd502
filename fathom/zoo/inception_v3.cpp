// InceptionV3 (Szegedy et al. 2016) with torchvision's names; mixed0..mixed10 are its Mixed_5b to
// Mixed_7c. Without the auxiliary head and without torchvision's transform_input: the weights' card
// states the preprocessing.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct ConvShape {
  std::string name;
  std::int64_t out;
  std::int64_t height = 1, width = 1;  ///< of the kernel
  std::int64_t stride = 1;
};

/// With padding the size stays.
Layer inception_conv(std::int64_t in, const ConvShape& shape, bool pad) {
  nn::Conv2dOptions options(in, shape.out, {shape.height, shape.width});
  if (pad) options.padding({shape.height / 2, shape.width / 2});
  return basic_conv(shape.name, options.stride(shape.stride));
}

enum class Pool { none, average, maximum };

/// A chain of convolutions, or of pooling and convolutions; after it `fork`, side by side.
struct Branch {
  std::vector<ConvShape> chain;
  std::vector<ConvShape> fork = {};
  Pool pool = Pool::none;
};
using Branches = std::vector<Branch>;

// Figures 5 to 7 of the paper and the two reductions, in torchvision's letters.

Branches inception_a(std::int64_t pool_width) {
  return {{{{"branch1x1", 64}}},
          {{{"branch5x5_1", 48}, {"branch5x5_2", 64, 5, 5}}},
          {{{"branch3x3dbl_1", 64}, {"branch3x3dbl_2", 96, 3, 3}, {"branch3x3dbl_3", 96, 3, 3}}},
          {{{"branch_pool", pool_width}}, {}, Pool::average}};
}

Branches inception_b() {
  return {{{{"branch3x3", 384, 3, 3, 2}}},
          {{{"branch3x3dbl_1", 64}, {"branch3x3dbl_2", 96, 3, 3}, {"branch3x3dbl_3", 96, 3, 3, 2}}},
          {{}, {}, Pool::maximum}};
}

Branches inception_c(std::int64_t narrow) {
  return {{{{"branch1x1", 192}}},
          {{{"branch7x7_1", narrow}, {"branch7x7_2", narrow, 1, 7}, {"branch7x7_3", 192, 7, 1}}},
          {{{"branch7x7dbl_1", narrow},
            {"branch7x7dbl_2", narrow, 7, 1},
            {"branch7x7dbl_3", narrow, 1, 7},
            {"branch7x7dbl_4", narrow, 7, 1},
            {"branch7x7dbl_5", 192, 1, 7}}},
          {{{"branch_pool", 192}}, {}, Pool::average}};
}

Branches inception_d() {
  return {{{{"branch3x3_1", 192}, {"branch3x3_2", 320, 3, 3, 2}}},
          {{{"branch7x7x3_1", 192},
            {"branch7x7x3_2", 192, 1, 7},
            {"branch7x7x3_3", 192, 7, 1},
            {"branch7x7x3_4", 192, 3, 3, 2}}},
          {{}, {}, Pool::maximum}};
}

Branches inception_e() {
  return {{{{"branch1x1", 320}}},
          {{{"branch3x3_1", 384}}, {{"branch3x3_2a", 384, 1, 3}, {"branch3x3_2b", 384, 3, 1}}},
          {{{"branch3x3dbl_1", 448}, {"branch3x3dbl_2", 384, 3, 3}},
           {{"branch3x3dbl_3a", 384, 1, 3}, {"branch3x3dbl_3b", 384, 3, 1}}},
          {{{"branch_pool", 192}}, {}, Pool::average}};
}

std::int64_t width_of(const Branches& branches, std::int64_t in) {
  std::int64_t width = 0;
  for (const Branch& branch : branches) {
    if (branch.fork.empty()) width += branch.chain.empty() ? in : branch.chain.back().out;
    for (const ConvShape& conv : branch.fork) width += conv.out;
  }
  return width;
}

Layer inception_branch(std::int64_t in, const Branch& branch, Padding padding) {
  std::vector<Layer> layers;
  if (branch.pool == Pool::average) {
    const bool count_padding = padding == Padding::torchvision;
    layers.push_back(operation([=](const torch::Tensor& x) {
      return torch::avg_pool2d(x, 3, 1, 1, /*ceil_mode=*/false, count_padding);
    }));
  }
  if (branch.pool == Pool::maximum) layers.push_back(max_pool(3, 2));
  const auto conv = [&in](const ConvShape& shape) {
    return inception_conv(in, shape, /*pad=*/shape.stride == 1);
  };
  for (const ConvShape& shape : branch.chain) {
    layers.push_back(conv(shape));
    in = shape.out;
  }
  std::vector<Layer> fork;
  for (const ConvShape& shape : branch.fork) fork.push_back(conv(shape));
  if (!fork.empty()) layers.push_back(concatenation(std::move(fork)));
  return chain(std::move(layers));
}

Layer mixed(std::int64_t in, const Branches& branches, Padding padding) {
  std::vector<Layer> layers;
  for (const Branch& branch : branches) layers.push_back(inception_branch(in, branch, padding));
  return concatenation(std::move(layers));
}

constexpr std::int64_t kInceptionStemWidth = 192;

Layer inception_stem() {
  return chain({inception_conv(3, {"Conv2d_1a_3x3", 32, 3, 3, 2}, false),
                inception_conv(32, {"Conv2d_2a_3x3", 32, 3, 3}, false),
                inception_conv(32, {"Conv2d_2b_3x3", 64, 3, 3}, true), max_pool(3, 2),
                inception_conv(64, {"Conv2d_3b_1x1", 80}, false),
                inception_conv(80, {"Conv2d_4a_3x3", kInceptionStemWidth, 3, 3}, false),
                max_pool(3, 2)});
}

Backbone build_inception_v3(Classes classes, Padding padding) {
  const std::vector<std::pair<std::string, Branches>> blocks{
      {"Mixed_5b", inception_a(32)},  {"Mixed_5c", inception_a(64)},
      {"Mixed_5d", inception_a(64)},  {"Mixed_6a", inception_b()},
      {"Mixed_6b", inception_c(128)}, {"Mixed_6c", inception_c(160)},
      {"Mixed_6d", inception_c(160)}, {"Mixed_6e", inception_c(192)},
      {"Mixed_7a", inception_d()},    {"Mixed_7b", inception_e()},
      {"Mixed_7c", inception_e()}};
  Backbone net{.channels = kInceptionStemWidth};
  net.blocks.emplace_back("stem", inception_stem());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto& [name, branches] = blocks[i];
    net.blocks.emplace_back("mixed" + std::to_string(i),
                            under(name, mixed(net.channels, branches, padding)));
    net.channels = width_of(branches, net.channels);
  }
  if (classes) net.classifier = linear_classifier("fc", net.channels, *classes, 0.5);
  return net;
}

}  // namespace

Family inception_family() {
  return {{{.name = "inception_v3",
            .title = "InceptionV3",
            .paper = "Szegedy et al. 2016, Rethinking the Inception Architecture for Computer "
                     "Vision, arXiv:1512.00567",
            .fine_blocks = {"stem", "mixed0", "mixed1", "mixed2", "mixed3", "mixed4", "mixed5",
                            "mixed6", "mixed7", "mixed8", "mixed9", "mixed10"},
            .min_input = 75,
            .default_input = 299,
            .has_norm = true,
            .published_head = {"fc", "AuxLogits.conv0.conv", "AuxLogits.conv0.bn",
                               "AuxLogits.conv1.conv", "AuxLogits.conv1.bn", "AuxLogits.fc"}},
           [](Classes classes) { return build_inception_v3(classes, Padding::torchvision); },
           [](Classes classes) { return build_inception_v3(classes, Padding::tensorflow); }}};
}

}  // namespace fathom::zoo
