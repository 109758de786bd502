// The zoo against torchvision, and timm for what torchvision has not: names, shapes, activations at
// every block boundary, logits, costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "fathom/weights/card.h"
#include "fathom/zoo/flops.h"
#include "fathom/zoo/network.h"
#include "tests/support.h"
#include "tests/zoo/timm_wheel.h"

namespace fathom::zoo {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kClasses = 1000;
constexpr int kOracleSize = 96;
constexpr double kTolerance = 1e-4;
/// Held to that whatever the size of the numbers (measured: at most 1.1e-5). In the others sums of
/// many residuals grow: to that share of the largest, where it is above 1.
const std::set<std::string> kAbsolute{"inception_v3", "mobilenet_v2", "squeezenet1_1", "vgg16",
                                      "vgg19"};

/// The architectures with weights from torchvision.
std::vector<std::string> published_by_torchvision() {
  std::vector<std::string> names;
  for (const Architecture& architecture : architectures()) {
    if (std::ranges::any_of(weights::known_cards(), [&](const weights::WeightCard& card) {
          return card.architecture == architecture.name && card.source.starts_with("torchvision");
        })) {
      names.push_back(architecture.name);
    }
  }
  return names;
}

/// The architectures of the tests that the filter lets run.
std::set<std::string> wanted_architectures(const testing::TestSuite& suite) {
  std::set<std::string> names;
  for (int i = 0; i < suite.total_test_count(); ++i) {
    const testing::TestInfo& test = *suite.GetTestInfo(i);
    const std::string name = test.name();
    if (test.should_run()) names.insert(name.substr(name.rfind('/') + 1));
  }
  return names;
}

bool suite_is_timm() {
  const std::string name = testing::UnitTest::GetInstance()->current_test_suite()->name();
  return name.starts_with("Timm/");
}

class Published : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<tests::TemporaryFolder>();
    const std::string library = suite_is_timm() ? tests::timm_wheel().string() : "torchvision";
    if (library != "torchvision" && !fs::exists(library)) return;
    std::vector<std::string> arguments{"save", library, folder_->path().string()};
    std::ranges::copy(wanted_architectures(*testing::UnitTest::GetInstance()->current_test_suite()),
                      std::back_inserter(arguments));
    tests::run_oracle("zoo_oracle.py", arguments);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    if (!fs::exists(file(".names"))) GTEST_SKIP() << "needs tools/fetch_weights timm";
  }

  fs::path file(const std::string& ending) const { return *folder_ / (GetParam() + ending); }

 private:
  inline static std::unique_ptr<tests::TemporaryFolder> folder_;
};

double largest(const torch::Tensor& tensor) { return tensor.abs().max().item<double>(); }

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return largest(a - b);
}

double tolerance(const std::string& architecture, const torch::Tensor& expected) {
  return kAbsolute.contains(architecture) ? kTolerance
                                          : kTolerance * std::max(1.0, largest(expected));
}

/// "96", "75": of the entries "96/input", "96/0", ...
std::set<std::string> sizes_of(const weights::StateDict& expected) {
  std::set<std::string> sizes;
  for (const auto& entry : expected) sizes.insert(entry.first.substr(0, entry.first.find('/')));
  return sizes;
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

TEST_P(Published, NamesAndShapesAreTheSame) {
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
  std::erase_if(published, [](const auto& item) {  // auxiliary heads
    return item.first.starts_with("AuxLogits.") || item.first.starts_with("aux");
  });
  EXPECT_EQ(shapes_of(build_network(architecture, kClasses)), published);
}

TEST_P(Published, ActivationsAtEveryBoundaryAndLogitsAreTheSame) {
  const torch::NoGradGuard no_grad;
  const weights::StateDict saved = weights::read_weight_file(file(".safetensors")).tensors;
  const bool with_logits = saved.contains(std::to_string(kOracleSize) + "/logits");
  Network network = build_network(find_architecture(GetParam()),
                                  with_logits ? std::optional(kClasses) : std::nullopt);
  load_weights(network, weights::read_weight_file(file(".pth")).tensors, GetParam());
  network.root().eval();
  for (const std::string& size : sizes_of(saved)) {
    const auto expect = [&](const torch::Tensor& found, const std::string& entry,
                            const std::string& what) {
      const torch::Tensor expected = to_tensor(saved.at(size + "/" + entry));
      EXPECT_LE(difference(found, expected), tolerance(GetParam(), expected))
          << what << " at " << size << " px";
    };
    const torch::Tensor input = to_tensor(saved.at(size + "/input"));
    torch::Tensor x = input;
    for (std::size_t i = 0; i < network.blocks().size(); ++i) {
      x = network.forward_blocks(x, i, i + 1);
      expect(x, std::to_string(i), network.blocks()[i].name);
    }
    EXPECT_EQ(x.size(1), network.feature_channels());
    if (with_logits) expect(network.classify(input), "logits", "logits");
  }
}

TEST_P(Published, MultiplyAddsOfEveryBlockAreTheSame) {
  const Network network = build_network(find_architecture(GetParam()));
  std::ifstream expected(file(".macs"));
  for (const double flops : count_forward_flops(network, kOracleSize)) {
    double macs = 0;
    ASSERT_TRUE(expected >> macs);
    EXPECT_EQ(flops, 2 * macs);
  }
}

INSTANTIATE_TEST_SUITE_P(Torchvision, Published, testing::ValuesIn(published_by_torchvision()),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(Timm, Published, testing::Values("xception", "inception_resnet_v2"),
                         [](const auto& info) { return info.param; });

/// Weights, biases and statistics that keep activations near 1 and are all different: with fresh
/// ones a deep network answers nearly the same to every input.
void randomize(torch::nn::Module& root) {
  const torch::NoGradGuard no_grad;
  for (auto& item : root.named_parameters()) {
    torch::Tensor& tensor = item.value();
    if (tensor.dim() > 1) {
      const double bound = std::sqrt(6.0 / static_cast<double>(tensor[0].numel()));
      tensor.uniform_(-bound, bound);
    } else if (item.key().ends_with("weight")) {
      tensor.uniform_(0.5, 1);
    } else {
      tensor.uniform_(-0.2, 0.2);
    }
  }
  for (auto& item : root.named_buffers()) {
    if (item.key().ends_with("running_var")) item.value().uniform_(0.6, 1.4);
    if (item.key().ends_with("running_mean")) item.value().uniform_(-0.2, 0.2);
  }
}

class TorchvisionReads : public testing::TestWithParam<std::string> {};

TEST_P(TorchvisionReads, AStateDictOfOursAndGivesTheSameLogits) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  const tests::TemporaryFolder folder;
  {  // a VGG takes half a gigabyte, and torchvision's as much again
    const Network network = build_network(find_architecture(GetParam()), kClasses);
    network.root().eval();
    randomize(network.root());
    const torch::Tensor input =
        torch::randn({2, 3, kOracleSize, kOracleSize}) + torch::randn({2, 3, 1, 1});
    const torch::Tensor logits = network.classify(input);
    EXPECT_GT(difference(logits[0], logits[1]), 10 * kTolerance) << "it tells nothing apart";
    weights::write_safetensors(folder / "state.safetensors", to_state_dict(network.root()));
    weights::write_safetensors(folder / "io.safetensors",
                               {{"input", from_tensor(input)}, {"logits", from_tensor(logits)}});
  }
  const std::string output = tests::run_oracle(
      "zoo_oracle.py",
      {"load", "torchvision", GetParam(), folder / "state.safetensors", folder / "io.safetensors"});
  EXPECT_LE(std::stod(output), kTolerance) << output;
}

INSTANTIATE_TEST_SUITE_P(Networks, TorchvisionReads, testing::ValuesIn(kAbsolute),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace fathom::zoo
