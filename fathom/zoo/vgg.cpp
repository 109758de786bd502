// VGG (Simonyan & Zisserman 2015, table 1, configurations A, B, D and E), also with normalization
// after every convolution, with torchvision's names. Each block ends with its pooling.
#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

namespace nn = torch::nn;

struct VggShape {
  std::vector<int> convs;  ///< of each block
  bool norm = false;
};
constexpr std::array<std::int64_t, 5> kVggWidths{64, 128, 256, 512, 512};

/// `index` counts torchvision's layers: convolution, normalization if any, ReLU, ..., pooling.
Layer vgg_conv(int& index, std::int64_t in, std::int64_t out, bool norm) {
  const auto next = [&index] { return "features." + std::to_string(index++); };
  std::vector<Layer> layers{layer(next(), Convolution(conv_options(in, out, 3).bias(true)))};
  if (norm) layers.push_back(batch_norm(next(), out));
  layers.push_back(relu());
  ++index;
  return chain(std::move(layers));
}

Layer vgg_classifier(std::int64_t classes) {
  const nn::Linear hidden1(512 * 7 * 7, 4096);
  const nn::Linear hidden2(4096, 4096);
  const Layer drop = operation([hidden2](const torch::Tensor& x) {
    return torch::dropout(x, /*p=*/0.5, hidden2->is_training());
  });
  return chain({operation([](const torch::Tensor& x) {
                  return torch::adaptive_avg_pool2d(x, {7, 7}).flatten(1);
                }),
                layer("classifier.0", hidden1), relu(), drop, layer("classifier.3", hidden2),
                relu(), drop, layer("classifier.6", nn::Linear(4096, classes))});
}

Backbone build_vgg(const VggShape& shape, Classes classes) {
  Backbone net{.channels = 3};
  int index = 0;
  for (std::size_t block = 0; block < shape.convs.size(); ++block) {
    for (int unit = 0; unit < shape.convs[block]; ++unit) {
      Layer conv = vgg_conv(index, net.channels, kVggWidths[block], shape.norm);
      net.channels = kVggWidths[block];
      const bool last = unit + 1 == shape.convs[block];
      if (last) ++index;
      net.blocks.emplace_back(unit_name("block", block + 1, unit),
                              last ? chain({std::move(conv), max_pool(2, 2)}) : std::move(conv));
    }
  }
  if (classes) net.classifier = vgg_classifier(*classes);
  return net;
}

Entry vgg(const std::string& name, const std::string& title, const VggShape& shape) {
  return {{.name = name,
           .title = title,
           .paper = "Simonyan & Zisserman 2015, Very Deep Convolutional Networks for Large-Scale "
                    "Image Recognition, arXiv:1409.1556",
           .fine_blocks = unit_names("block", 1, shape.convs),
           .min_input = 32,
           .has_norm = shape.norm,
           .published_head = {"classifier.0", "classifier.3", "classifier.6",   // torchvision's
                              "pre_logits.fc1", "pre_logits.fc2", "head.fc"}},  // timm's
          [shape](Classes classes) { return build_vgg(shape, classes); }};
}

}  // namespace

Family vgg_family() {
  return {vgg("vgg11", "VGG11", {{1, 1, 2, 2, 2}}),
          vgg("vgg11_bn", "VGG11 with BN", {{1, 1, 2, 2, 2}, true}),
          vgg("vgg13", "VGG13", {{2, 2, 2, 2, 2}}),
          vgg("vgg13_bn", "VGG13 with BN", {{2, 2, 2, 2, 2}, true}),
          vgg("vgg16", "VGG16", {{2, 2, 3, 3, 3}}),
          vgg("vgg16_bn", "VGG16 with BN", {{2, 2, 3, 3, 3}, true}),
          vgg("vgg19", "VGG19", {{2, 2, 4, 4, 4}}),
          vgg("vgg19_bn", "VGG19 with BN", {{2, 2, 4, 4, 4}, true})};
}

}  // namespace fathom::zoo
