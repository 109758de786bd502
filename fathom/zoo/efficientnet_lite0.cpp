// EfficientNet-Lite0 (Tan & Le 2019; the "lite" variant has ReLU6 and no squeeze-and-excitation)
// with the names of its published PyTorch file. A stage is a run of inverted residuals of one
// output width. Stochastic depth of the original's training is left out.
#include <array>

#include "fathom/zoo/families.h"
#include "fathom/zoo/layers.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

nn::BatchNorm2d make_norm(std::int64_t channels) {
  return nn::BatchNorm2d(nn::BatchNorm2dOptions(channels).eps(1e-3).momentum(0.01));
}

/// At stride 2 the padding is asymmetric: see pad_for_stride.
nn::Conv2d make_conv(std::int64_t in, std::int64_t out, int kernel, int stride = 1,
                     std::int64_t groups = 1) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel)
                        .stride(stride)
                        .padding(stride == 1 ? kernel / 2 : 0)
                        .groups(groups)
                        .bias(false));
}

/// TensorFlow's "same" padding at stride 2 for even sizes, as all are at the published 224 pixels:
/// kernel - 2 in all, the odd one right and below. Kept at other sizes, so that a weight meets the
/// same neighbours.
torch::Tensor pad_for_stride(const torch::Tensor& x, int kernel, int stride) {
  if (stride == 1) return x;
  const int before = (kernel - 2) / 2;
  const int after = kernel - 2 - before;
  return torch::constant_pad_nd(x, {before, after, before, after});
}

/// The inverted residual, by the paper's name for it.
struct MBConv : nn::Module {
  MBConv(std::int64_t in, std::int64_t out, int expansion, int kernel_size, int first)
      : kernel(kernel_size), stride(first), residual(stride == 1 && in == out) {
    const std::int64_t hidden = in * expansion;
    if (expansion != 1) {
      expand = register_module("_expand_conv", make_conv(in, hidden, 1));
      norm0 = register_module("_bn0", make_norm(hidden));
    }
    depthwise =
        register_module("_depthwise_conv", make_conv(hidden, hidden, kernel, stride, hidden));
    norm1 = register_module("_bn1", make_norm(hidden));
    project = register_module("_project_conv", make_conv(hidden, out, 1));
    norm2 = register_module("_bn2", make_norm(out));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    torch::Tensor y = expand ? relu6_(norm0->forward(expand->forward(x))) : x;
    y = relu6_(norm1->forward(depthwise->forward(pad_for_stride(y, kernel, stride))));
    y = norm2->forward(project->forward(y));
    return residual ? x + y : y;
  }

  int kernel, stride;
  bool residual;
  nn::Conv2d expand{nullptr}, depthwise{nullptr}, project{nullptr};
  nn::BatchNorm2d norm0{nullptr}, norm1{nullptr}, norm2{nullptr};
};

struct MBConvStage {
  int expansion;
  std::int64_t width;
  int repeats, kernel, stride;
};
constexpr std::array<MBConvStage, 7> kMBConvStages{{{1, 16, 1, 3, 1},
                                                    {6, 24, 2, 3, 2},
                                                    {6, 40, 2, 5, 2},
                                                    {6, 80, 3, 3, 2},
                                                    {6, 112, 3, 5, 1},
                                                    {6, 192, 4, 5, 2},
                                                    {6, 320, 1, 3, 1}}};
constexpr std::int64_t kEfficientNetStem = 32;
constexpr std::int64_t kEfficientNetWidth = 1280;

Block build_conv_norm(const std::string& name, nn::Module& root, const std::string& conv_name,
                      const std::string& norm_name, const nn::Conv2d& layer) {
  const auto conv = root.register_module(conv_name, layer.ptr());
  const auto norm = root.register_module(norm_name, make_norm(conv->options.out_channels()).ptr());
  const int kernel = static_cast<int>(conv->options.kernel_size()->front());
  const int stride = static_cast<int>(conv->options.stride()->front());
  return {name, {conv_name, norm_name}, [=](const torch::Tensor& x) {
            return relu6_(norm->forward(conv->forward(pad_for_stride(x, kernel, stride))));
          }};
}

Block build_stage(const std::string& name, nn::Module& parent, int& index, std::int64_t in,
                  const MBConvStage& stage) {
  std::vector<std::shared_ptr<MBConv>> layers;
  for (int i = 0; i < stage.repeats; ++i, in = stage.width) {
    layers.push_back(std::make_shared<MBConv>(in, stage.width, stage.expansion, stage.kernel,
                                              i == 0 ? stage.stride : 1));
  }
  return build_chain(name, parent, "_blocks.", index, std::move(layers));
}

}  // namespace

Network build_efficientnet_lite0(const Architecture& architecture, Classes classes) {
  auto root = std::make_shared<nn::Module>();
  std::vector<Block> blocks{build_conv_norm(architecture.blocks.front(), *root, "_conv_stem",
                                            "_bn0", make_conv(3, kEfficientNetStem, 3, 2))};
  const auto parent = add_container(*root, "_blocks");
  int index = 0;
  std::int64_t in = kEfficientNetStem;
  for (std::size_t i = 0; i < kMBConvStages.size(); ++i) {
    blocks.push_back(build_stage(architecture.blocks[i + 1], *parent, index, in, kMBConvStages[i]));
    in = kMBConvStages[i].width;
  }
  blocks.push_back(build_conv_norm(architecture.blocks.back(), *root, "_conv_head", "_bn1",
                                   make_conv(in, kEfficientNetWidth, 1)));
  std::function<torch::Tensor(const torch::Tensor&)> classifier;
  if (classes) {
    classifier = linear_classifier(
        root->register_module("_fc", nn::Linear(kEfficientNetWidth, *classes)), 0.2);
  }
  return Network(architecture, root, std::move(blocks), kEfficientNetWidth, classifier);
}

}  // namespace fathom::zoo
