// State dicts of timm's networks that are torchvision's under other names: what is read computes
// what timm computes.
#include <gtest/gtest.h>

#include <algorithm>

#include "fathom/zoo/network.h"
#include "tests/support.h"
#include "tests/zoo/timm_wheel.h"

namespace fathom::zoo {
namespace {

namespace fs = std::filesystem;

struct TimmModel {
  std::string name, architecture;
  weights::Conventions conventions = {};
};

const std::vector<TimmModel> kTimmModels{
    {"efficientnet_b0", "efficientnet_b0"},
    {"tf_efficientnet_b1", "efficientnet_b1", {"tensorflow", 1e-3}},
    {"efficientnet_b2", "efficientnet_b2"},
    {"efficientnet_b3", "efficientnet_b3"},
    {"efficientnet_b4", "efficientnet_b4"},
    {"tf_efficientnetv2_s", "efficientnet_v2_s", {"tensorflow", 1e-3}},
    {"mobilenetv2_100", "mobilenet_v2"},
    {"mobilenetv3_small_100", "mobilenet_v3_small", {"torchvision", 1e-5}},
    {"mobilenetv3_large_100", "mobilenet_v3_large", {"torchvision", 1e-5}},
    {"tf_mobilenetv3_small_100", "mobilenet_v3_small", {"tensorflow", 1e-3}},
    {"tf_mobilenetv3_large_100", "mobilenet_v3_large", {"tensorflow", 1e-3}},
    {"convnext_tiny", "convnext_tiny"},
    {"convnext_small", "convnext_small"},
    {"regnety_008_tv", "regnet_y_800mf"},
    {"vgg11", "vgg11"}};

class TimmNames : public testing::TestWithParam<TimmModel> {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(tests::timm_wheel())) return;
    folder_ = std::make_unique<tests::TemporaryFolder>();
    std::vector<std::string> arguments{"features", tests::timm_wheel().string(),
                                       folder_->path().string()};
    for (const TimmModel& model : kTimmModels) arguments.push_back(model.name);
    tests::run_oracle("zoo_oracle.py", arguments);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    if (!folder_) GTEST_SKIP() << "needs tools/fetch_weights timm";
  }

  fs::path file(const std::string& ending) const { return *folder_ / (GetParam().name + ending); }

 private:
  inline static std::unique_ptr<tests::TemporaryFolder> folder_;
};

TEST_P(TimmNames, AreReadAsTheZoosAndComputeTheSame) {
  const torch::NoGradGuard no_grad;
  const weights::WeightFile read = weights::read_weight_file(file(".pth"));
  EXPECT_EQ(read.conventions, GetParam().conventions);
  if (GetParam().name != "vgg11") {  // whose head alone is called otherwise
    EXPECT_NE(read.metadata.at("timm").find("; left out: "), std::string::npos);
  }
  const Network network = load_network(find_architecture(GetParam().architecture), read.tensors,
                                       GetParam().name, GetParam().conventions);
  network.root().eval();
  const weights::StateDict io = weights::read_weight_file(file(".safetensors")).tensors;
  const torch::Tensor expected = to_tensor(io.at("features"));
  const torch::Tensor found =
      network.forward_blocks(to_tensor(io.at("input")), 0, network.blocks().size());
  ASSERT_EQ(found.sizes(), expected.sizes());
  const double largest = std::max(1.0, expected.abs().max().item<double>());
  EXPECT_LE((found - expected).abs().max().item<double>(), 1e-4 * largest);
}

INSTANTIATE_TEST_SUITE_P(Timm, TimmNames, testing::ValuesIn(kTimmModels),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace fathom::zoo
