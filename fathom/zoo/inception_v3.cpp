// InceptionV3 (Szegedy et al. 2016) with torchvision's names; mixed0..mixed10 are its Mixed_5b to
// Mixed_7c. Without the auxiliary head and without torchvision's transform_input: the weights' card
// states the preprocessing.
#include <array>

#include "fathom/zoo/families.h"
#include "fathom/zoo/layers.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct ConvShape {
  std::string name;
  std::int64_t out;
  std::int64_t height = 1, width = 1;  ///< of the kernel
  std::int64_t stride = 1;
};

/// Convolution, normalization, ReLU.
struct ConvNorm : nn::Module {
  ConvNorm(std::int64_t in, const ConvShape& shape, bool pad)
      : conv(register_module(
            "conv", nn::Conv2d(nn::Conv2dOptions(in, shape.out, {shape.height, shape.width})
                                   .stride(shape.stride)
                                   .padding(pad ? torch::ExpandingArray<2>(
                                                      {shape.height / 2, shape.width / 2})
                                                : torch::ExpandingArray<2>(0))
                                   .bias(false)))),
        norm(register_module("bn", nn::BatchNorm2d(nn::BatchNorm2dOptions(shape.out).eps(1e-3)))) {}

  torch::Tensor forward(const torch::Tensor& x) { return norm->forward(conv->forward(x)).relu_(); }

  nn::Conv2d conv;
  nn::BatchNorm2d norm;
};

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

struct Mixed : nn::Module {
  Mixed(std::int64_t in, const Branches& shapes) {
    for (const Branch& shape : shapes) {
      Layers layers{.pool = shape.pool};
      std::int64_t width = in;
      for (const ConvShape& conv : shape.chain) {
        layers.chain.push_back(add(width, conv));
        width = conv.out;
      }
      out += shape.fork.empty() ? width : 0;
      for (const ConvShape& conv : shape.fork) {
        layers.fork.push_back(add(width, conv));
        out += conv.out;
      }
      branches_.push_back(std::move(layers));
    }
  }

  torch::Tensor forward(const torch::Tensor& x) {
    std::vector<torch::Tensor> outputs;
    for (const Layers& branch : branches_) {
      torch::Tensor y = x;
      // Average pooling counts the padding, as in torchvision; TensorFlow's does not.
      if (branch.pool == Pool::average) y = torch::avg_pool2d(y, 3, 1, 1);
      if (branch.pool == Pool::maximum) y = torch::max_pool2d(y, 3, 2);
      for (const auto& conv : branch.chain) y = conv->forward(y);
      if (branch.fork.empty()) outputs.push_back(y);
      for (const auto& conv : branch.fork) outputs.push_back(conv->forward(y));
    }
    return torch::cat(outputs, 1);
  }

  std::int64_t out = 0;  ///< channels

 private:
  struct Layers {
    std::vector<std::shared_ptr<ConvNorm>> chain, fork;
    Pool pool = Pool::none;
  };

  std::shared_ptr<ConvNorm> add(std::int64_t in, const ConvShape& shape) {
    return register_module(shape.name,
                           std::make_shared<ConvNorm>(in, shape, /*pad=*/shape.stride == 1));
  }

  std::vector<Layers> branches_;
};

constexpr std::int64_t kInceptionStemWidth = 192;

Block build_inception_stem(const std::string& name, nn::Module& root) {
  Block block{.name = name};
  std::int64_t in = 3;
  const auto add = [&](const ConvShape& shape, bool pad) {
    block.modules.push_back(shape.name);
    const auto layer = root.register_module(shape.name, std::make_shared<ConvNorm>(in, shape, pad));
    in = shape.out;
    return layer;
  };
  const auto conv1a = add({"Conv2d_1a_3x3", 32, 3, 3, 2}, false);
  const auto conv2a = add({"Conv2d_2a_3x3", 32, 3, 3}, false);
  const auto conv2b = add({"Conv2d_2b_3x3", 64, 3, 3}, true);
  const auto conv3b = add({"Conv2d_3b_1x1", 80}, false);
  const auto conv4a = add({"Conv2d_4a_3x3", kInceptionStemWidth, 3, 3}, false);
  block.forward = [=](const torch::Tensor& x) {
    const torch::Tensor y =
        torch::max_pool2d(conv2b->forward(conv2a->forward(conv1a->forward(x))), 3, 2);
    return torch::max_pool2d(conv4a->forward(conv3b->forward(y)), 3, 2);
  };
  return block;
}

}  // namespace

Network build_inception_v3(const Architecture& architecture, Classes classes) {
  const std::vector<std::pair<std::string, Branches>> mixed{
      {"Mixed_5b", inception_a(32)},  {"Mixed_5c", inception_a(64)},
      {"Mixed_5d", inception_a(64)},  {"Mixed_6a", inception_b()},
      {"Mixed_6b", inception_c(128)}, {"Mixed_6c", inception_c(160)},
      {"Mixed_6d", inception_c(160)}, {"Mixed_6e", inception_c(192)},
      {"Mixed_7a", inception_d()},    {"Mixed_7b", inception_e()},
      {"Mixed_7c", inception_e()}};
  auto root = std::make_shared<nn::Module>();
  std::vector<Block> blocks{build_inception_stem(architecture.blocks[0], *root)};
  std::int64_t in = kInceptionStemWidth;
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    const auto& [key, branches] = mixed[i];
    const auto layer = root->register_module(key, std::make_shared<Mixed>(in, branches));
    blocks.push_back({architecture.blocks[i + 1], {key}, [layer](const torch::Tensor& x) {
                        return layer->forward(x);
                      }});
    in = layer->out;
  }
  std::function<torch::Tensor(const torch::Tensor&)> classifier;
  if (classes) {
    classifier = linear_classifier(root->register_module("fc", nn::Linear(in, *classes)), 0.5);
  }
  return Network(architecture, root, std::move(blocks), in, classifier);
}

}  // namespace fathom::zoo
