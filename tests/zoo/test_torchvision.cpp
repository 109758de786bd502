// The zoo against torchvision: names, shapes, activations at every block boundary, logits, costs.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "fathom/zoo/flops.h"
#include "fathom/zoo/network.h"
#include "tests/support.h"

namespace fathom::zoo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kClasses = 1000;
constexpr int kOracleSize = 96;
constexpr double kTolerance = 1e-4;

class Torchvision : public testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<tests::TemporaryFolder>();
    tests::run_oracle("zoo_oracle.py", {"save", folder_->path().string()});
  }
  static void TearDownTestSuite() { folder_.reset(); }

  fs::path file(const std::string& ending) const { return *folder_ / (GetParam() + ending); }

 private:
  inline static std::unique_ptr<tests::TemporaryFolder> folder_;
};

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

Shapes shapes_of(const Network& network) {
  Shapes shapes;
  for (const auto& [name, tensor] : to_state_dict(network.root())) shapes[name] = tensor.shape;
  return shapes;
}

/// "name size size ..." a line.
Shapes read_shapes(const fs::path& path) {
  Shapes shapes;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    std::vector<std::int64_t>& shape = shapes[name];
    for (std::int64_t size = 0; words >> size;) shape.push_back(size);
  }
  return shapes;
}

TEST_P(Torchvision, NamesAndShapesAreTheSame) {
  const Architecture& architecture = find_architecture(GetParam());
  Shapes published = read_shapes(file(".names"));
  ASSERT_FALSE(published.empty());
  const Shapes backbone = shapes_of(build_network(architecture));
  for (const auto& [name, shape] : published) {
    if (backbone.contains(name)) continue;
    const std::string module = name.substr(0, name.rfind('.'));
    EXPECT_NE(std::ranges::find(architecture.published_head, module),
              architecture.published_head.end())
        << name << " is neither in the backbone nor in the published head";
  }
  std::erase_if(published, [](const auto& item) { return item.first.starts_with("AuxLogits."); });
  EXPECT_EQ(shapes_of(build_network(architecture, kClasses)), published);
}

TEST_P(Torchvision, ActivationsAtEveryBoundaryAndLogitsAreTheSame) {
  const torch::NoGradGuard no_grad;
  const weights::StateDict expected = weights::read_weight_file(file(".safetensors")).tensors;
  const bool with_logits = expected.contains("logits");
  Network network = build_network(find_architecture(GetParam()),
                                  with_logits ? std::optional(kClasses) : std::nullopt);
  load_weights(network, weights::read_weight_file(file(".pth")).tensors, GetParam());
  network.root().eval();
  const torch::Tensor input = to_tensor(expected.at("input"));
  torch::Tensor x = input;
  for (std::size_t i = 0; i < network.blocks().size(); ++i) {
    x = network.forward_blocks(x, i, i + 1);
    EXPECT_LE(difference(x, to_tensor(expected.at(std::to_string(i)))), kTolerance)
        << network.blocks()[i].name;
  }
  EXPECT_EQ(x.size(1), network.feature_channels());
  if (with_logits) {
    EXPECT_LE(difference(network.classify(input), to_tensor(expected.at("logits"))), kTolerance);
  }
}

TEST_P(Torchvision, MultiplyAddsOfEveryBlockAreTheSame) {
  const Network network = build_network(find_architecture(GetParam()));
  std::ifstream expected(file(".macs"));
  for (const double flops : count_forward_flops(network, kOracleSize)) {
    double macs = 0;
    ASSERT_TRUE(expected >> macs);
    EXPECT_EQ(flops, 2 * macs);
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, Torchvision,
                         testing::Values("vgg16", "vgg19", "inception_v3", "squeezenet1_1",
                                         "mobilenet_v2"),
                         [](const auto& info) { return std::string(info.param); });

TEST(TorchvisionReads, AStateDictOfOursAndGivesTheSameLogits) {
  const torch::NoGradGuard no_grad;
  const tests::TemporaryFolder folder;
  const Network network = build_network(find_architecture("mobilenet_v2"), kClasses);
  network.root().eval();
  const torch::Tensor input = torch::rand({2, 3, kOracleSize, kOracleSize});
  weights::write_safetensors(folder / "state.safetensors", to_state_dict(network.root()));
  weights::write_safetensors(
      folder / "io.safetensors",
      {{"input", from_tensor(input)}, {"logits", from_tensor(network.classify(input))}});
  const std::string output = tests::run_oracle(
      "zoo_oracle.py",
      {"load", "mobilenet_v2", folder / "state.safetensors", folder / "io.safetensors"});
  EXPECT_LE(std::stod(output), kTolerance) << output;
}

}  // namespace
}  // namespace fathom::zoo
