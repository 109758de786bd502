// Networks of keras.applications, read from Keras's own files, against an interpreter of the layers
// that these files list: what is read, named, laid out and padded is what Keras computes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "fathom/weights/card.h"
#include "fathom/zoo/network.h"
#include "tests/support.h"

namespace fathom::zoo {
namespace {

namespace fs = std::filesystem;

constexpr double kKerasTolerance = 1e-5;

/// The largest difference at the top boundary, as a share of the largest expected number.
double relative_difference(const weights::WeightFile& file, const fs::path& io) {
  const torch::NoGradGuard no_grad;
  const Network network = load_network(find_architecture(file.architecture), file.tensors,
                                       io.string(), file.conventions);
  network.root().eval();
  const weights::StateDict expected = weights::read_weight_file(io).tensors;
  const torch::Tensor features = to_tensor(expected.at("features"));
  const torch::Tensor found =
      network.forward_blocks(to_tensor(expected.at("input")), 0, network.blocks().size());
  EXPECT_EQ(found.sizes(), features.sizes());
  if (found.sizes() != features.sizes()) return 1;
  EXPECT_GT(features.abs().max().item<double>(), 1e-3);
  const double difference =
      (found - features).abs().max().item<double>() / features.abs().max().item<double>();
  testing::Test::RecordProperty("difference", std::to_string(difference * 1e6) + "e-6");
  return difference;
}

/// Files that the oracle writes, and their networks where they are called otherwise.
const std::vector<std::string> kKerasFiles{"vgg16",
                                           "squeezenet1_1",
                                           "inception_v3",
                                           "mobilenet_v2",
                                           "mobilenet_v2_of_keras_3",
                                           "densenet121",
                                           "resnet50_v1",
                                           "xception",
                                           "inception_resnet_v2",
                                           "resnet50_by_branches"};
const std::map<std::string, std::string> kNetworksOfFiles{
    {"mobilenet_v2_of_keras_3", "mobilenet_v2"}, {"resnet50_by_branches", "resnet50_v1"}};

class KerasGraphs : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<tests::TemporaryFolder>();
    std::vector<std::string> arguments{"save", folder_->path().string()};
    arguments.insert(arguments.end(), kKerasFiles.begin(), kKerasFiles.end());
    tests::run_oracle("keras_graph.py", arguments);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static inline std::unique_ptr<tests::TemporaryFolder> folder_;
};

TEST_P(KerasGraphs, AreComputedAsTheirLayersSay) {
  const weights::WeightFile file = weights::read_weight_file(*folder_ / (GetParam() + ".h5"));
  const auto named = kNetworksOfFiles.find(GetParam());
  EXPECT_EQ(file.architecture, named == kNetworksOfFiles.end() ? GetParam() : named->second);
  EXPECT_LE(relative_difference(file, *folder_ / (GetParam() + ".safetensors")), kKerasTolerance);
}

INSTANTIATE_TEST_SUITE_P(Zoo, KerasGraphs, testing::ValuesIn(kKerasFiles),
                         [](const auto& row) { return row.param; });

TEST(KerasNetworks, TensorFlowsPaddingChangesWhatIsComputed) {
  const torch::NoGradGuard no_grad;
  for (const std::string name :
       {"inception_v3", "mobilenet_v2", "mobilenet_v3_small", "squeezenet1_1", "xception"}) {
    SCOPED_TRACE(name);
    const Architecture& architecture = find_architecture(name);
    Network torchvision = build_network(architecture);
    Network tensorflow = build_network(architecture, std::nullopt, {.padding = "tensorflow"});
    load_weights(tensorflow, to_state_dict(torchvision.root()), "memory");
    for (const Network* network : {&torchvision, &tensorflow}) network->root().eval();
    const torch::Tensor x = torch::rand({1, 3, 100, 100});
    const torch::Tensor one = torchvision.forward_blocks(x, 0, torchvision.blocks().size());
    const torch::Tensor other = tensorflow.forward_blocks(x, 0, tensorflow.blocks().size());
    EXPECT_FALSE(one.sizes() == other.sizes() && torch::allclose(one, other));
  }
}

TEST(KerasNetworks, EpsilonReachesEveryNormalization) {
  const Network network =
      build_network(find_architecture("resnet18"), std::nullopt, {.norm_epsilon = 0.25});
  int norms = 0;
  for (const auto& module : network.root().modules()) {
    if (const auto* norm = module->as<torch::nn::BatchNorm2d>()) {
      EXPECT_EQ(norm->options.eps(), 0.25);
      ++norms;
    }
  }
  EXPECT_EQ(norms, 20);
}

TEST(KerasNetworks, APaddingThatANetworkHasNotIsRefused) {
  const std::string error = tests::error_of([] {
    build_network(find_architecture("resnet18"), std::nullopt, {.padding = "tensorflow"});
  });
  EXPECT_NE(error.find("resnet18: weights with TensorFlow's padding"), std::string::npos) << error;
  EXPECT_NE(error.find("inception_v3, squeezenet1_1, mobilenet_v2"), std::string::npos) << error;
}

/// Weights and preprocessing of the shared SqueezeNet as Keras has it, and as the other files have
/// it: another preprocessing, folded into the first convolution.
TEST(KerasNetworks, RealSqueezeNetSeesTheSameWithItsOwnPreprocessing) {
  const torch::NoGradGuard no_grad;
  const fs::path file = tests::shared_path("weights/squeezenet1_1_keras_notop.h5");
  FATHOM_NEEDS(file);
  const weights::WeightStore store(file.parent_path());
  const weights::PretrainedWeights keras = store.load(file.string());
  const fs::path other = file.parent_path() / "squeezenet1_1_features.safetensors";
  const weights::PretrainedWeights torch{.tensors = weights::read_weight_file(other).tensors};
  const Architecture& architecture = find_architecture("squeezenet1_1");
  const torch::Tensor rgb = torch::rand({2, 3, 95, 95});  // fills every pooling window
  const auto features = [&](const weights::PretrainedWeights& weights) {
    const weights::Preprocessing& how = weights.card.preprocessing;
    const auto row = [](const std::array<double, 3>& values) {
      return torch::tensor({values[0], values[1], values[2]}).view({1, 3, 1, 1});
    };
    torch::Tensor x = how.channels == "BGR" ? rgb.flip(1) : rgb;
    x = (x * (how.high - how.low) + how.low - row(how.mean)) / row(how.std);
    const Network network =
        load_network(architecture, weights.tensors, "test", weights.card.conventions);
    return network.forward_blocks(x, 0, network.blocks().size());
  };
  const torch::Tensor expected = features(torch), found = features(keras);
  EXPECT_GT(expected.abs().max().item<double>(), 1);
  EXPECT_LE((found - expected).abs().max().item<double>(),
            1e-4 * expected.abs().max().item<double>());
}

/// The npm package nsfwjs, where tools/fetch_weights nsfwjs puts it.
class RealKerasNetworks : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(RealKerasNetworks, ComputeWhatTheirLayersSay) {
  const auto& [name, last_layer] = GetParam();
  const fs::path folder = weights::default_cache_folder() / "downloads" / "nsfwjs-4.4.0" / name;
  if (!fs::exists(folder)) GTEST_SKIP() << "needs tools/fetch_weights nsfwjs: " << folder;
  const tests::TemporaryFolder out;
  tests::run_oracle("keras_graph.py", {"run", folder.string(), last_layer, out / "io.safetensors"});
  const weights::WeightFile file = weights::read_weight_file(folder / "model.min.js");
  EXPECT_EQ(file.architecture, name);
  EXPECT_EQ(file.conventions.padding, "tensorflow");
  EXPECT_LE(relative_difference(file, out / "io.safetensors"), kKerasTolerance);
}

INSTANTIATE_TEST_SUITE_P(Nsfwjs, RealKerasNetworks,
                         testing::Values(std::pair("inception_v3", "mixed10"),
                                         std::pair("mobilenet_v2", "out_relu")),
                         [](const auto& row) { return row.param.first; });

}  // namespace
}  // namespace fathom::zoo
