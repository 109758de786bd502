// Exported models in Python: torchvision's networks with the head that docs/tuned-models.md puts
// in.
#include <fmt/format.h>

#include <sstream>

#include "tests/deploy/models.h"

namespace fathom::deploy {
namespace {

namespace fs = std::filesystem;

/// n x size x size x 3 random bytes.
torch::Tensor random_pixels(int size) {
  return torch::randint(0, 256, {2, size, size, 3}, torch::kUInt8);
}

/// What training does with pixels, by its definition (weights::Preprocessing).
torch::Tensor by_definition(const torch::Tensor& pixels, const weights::Preprocessing& p) {
  torch::Tensor x = pixels.to(torch::kFloat64).permute({0, 3, 1, 2}) / 255;
  if (p.channels == "BGR") x = x.flip({1});
  const auto per_channel = [](const std::array<double, 3>& values) {
    return torch::tensor(at::ArrayRef<double>(values), torch::kFloat64).view({1, 3, 1, 1});
  };
  x = (x * (p.high - p.low) + p.low - per_channel(p.mean)) / per_channel(p.std);
  return x.to(torch::kFloat32);
}

TEST(Python, TheDocumentedCodeLoadsAModelAndGetsTheSameLogits) {
  torch::manual_seed(3);
  const tests::TemporaryFolder folder;
  std::vector<std::string> files;
  // Of each way in which torchvision ends a network one; one with another preprocessing.
  for (const char* name : {"squeezenet1_1", "densenet121", "inception_v3", "mobilenet_v3_small"}) {
    Model model = tests::random_model(name);
    if (files.empty()) {
      model.card.weights.preprocessing = {"BGR", 0, 255, {103.9, 116.8, 123.7}, {57, 58, 59}};
    }
    const torch::Tensor pixels = random_pixels(96);
    const fs::path file = folder / fmt::format("{}.safetensors", name);
    const fs::path io = folder / fmt::format("{}-io.safetensors", name);
    write_model(file, model);
    const TunedModel network(read_model(file), train::Precision::fp32);
    const torch::Tensor logits =
        network.logits(by_definition(pixels, model.card.weights.preprocessing));
    weights::write_safetensors(
        io, {{"pixels", zoo::from_tensor(pixels)}, {"logits", zoo::from_tensor(logits)}});
    files.insert(files.end(), {file, io});
  }
  std::istringstream differences(tests::run_oracle("tuned_model.py", files));
  for (std::size_t i = 0; i < files.size(); i += 2) {
    double difference = 1;
    ASSERT_TRUE(differences >> difference);
    EXPECT_LE(difference, 1e-4) << files[i];
  }
}

}  // namespace
}  // namespace fathom::deploy
