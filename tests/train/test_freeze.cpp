#include <algorithm>

#include "fathom/train/freeze.h"
#include "fathom/train/optimizer.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

FrozenNetwork frozen_network(const std::string& architecture, const std::string& level,
                             const weights::PretrainedWeights& weights, bool norm_frozen = false) {
  const zoo::Architecture& found = zoo::find_architecture(architecture);
  zoo::Network network = zoo::build_network(found);
  zoo::load_weights(network, weights.tensors, "test");
  return {std::move(network), zoo::parse_levels(found, {"head", level}).back(), norm_frozen};
}

std::vector<std::string> names(const NamedTensors& tensors) {
  std::vector<std::string> result;
  for (const auto& [name, tensor] : tensors) result.push_back(name);
  return result;
}

/// A training step over the whole network, so that whatever is not frozen moves.
void step(const FrozenNetwork& frozen) {
  frozen.set_training(true);
  const zoo::Network& network = frozen.network();
  const torch::Tensor out =
      network.forward_blocks(torch::randn({4, 3, 64, 64}), 0, network.blocks().size());
  const NamedTensors& trained = frozen.trained_parameters();
  if (trained.empty()) return;
  out.pow(2).mean().backward();
  TrainOptions options;
  options.weight_decay = 0.1;
  Optimizer(trained, options, Precision::fp32).step(0.01);
}

}  // namespace

TEST(Freeze, HeadOnlyTrainsNothingOfTheBackbone) {
  const auto weights = tests::random_weights("mobilenet_v2");
  const FrozenNetwork frozen = frozen_network("mobilenet_v2", "head", weights);
  EXPECT_TRUE(frozen.trained_parameters().empty());
  EXPECT_TRUE(frozen.tuned_buffers().empty());
}

TEST(Freeze, EveryDepthOfEveryArchitectureKeepsItsFrozenTensors) {
  for (const char* name : {"squeezenet1_1", "mobilenet_v2"}) {
    const auto weights = tests::random_weights(name);
    for (const results::Level& level : zoo::all_levels(zoo::find_architecture(name))) {
      const FrozenNetwork frozen = frozen_network(name, level.name, weights);
      const std::string before = frozen.frozen_hash();
      step(frozen);
      EXPECT_EQ(frozen.frozen_hash(), before) << name << " " << level.name;
      EXPECT_NO_THROW(frozen.verify(weights.tensors)) << name << " " << level.name;
    }
  }
}

TEST(Freeze, TunedAndFrozenTensorsAreAllTensors) {
  const auto weights = tests::random_weights("mobilenet_v2");
  for (const char* level : {"head", "stage6", "norm-only", "all"}) {
    const FrozenNetwork frozen = frozen_network("mobilenet_v2", level, weights);
    std::vector<std::string> all = names(frozen.trained_parameters());
    for (const NamedTensors& more : {frozen.tuned_buffers(), frozen.frozen_tensors()}) {
      const std::vector<std::string> rest = names(more);
      all.insert(all.end(), rest.begin(), rest.end());
    }
    std::ranges::sort(all);
    EXPECT_TRUE(std::ranges::adjacent_find(all) == all.end()) << level;
    EXPECT_EQ(all.size(), weights.tensors.size()) << level;
  }
}

TEST(Freeze, FrozenBatchNormLeftInTrainModeIsCaught) {
  const auto weights = tests::random_weights("mobilenet_v2");
  const FrozenNetwork frozen = frozen_network("mobilenet_v2", "top", weights);
  frozen.set_training(true);
  frozen.network().root().train();  // what a careless model.train() does
  frozen.network().forward_blocks(torch::randn({4, 3, 64, 64}), 0,
                                  frozen.network().blocks().size());
  const std::string message = tests::error_of([&] { frozen.verify(weights.tensors); });
  EXPECT_NE(message.find("freeze contract is broken"), std::string::npos) << message;
  EXPECT_NE(message.find("features.0.1.running_mean"), std::string::npos) << message;
}

TEST(Freeze, FrozenWeightThatMovedIsCaught) {
  const auto weights = tests::random_weights("squeezenet1_1");
  const FrozenNetwork frozen = frozen_network("squeezenet1_1", "fire9", weights);
  const torch::NoGradGuard no_grad;
  torch::Tensor weight = frozen.frozen_tensors().front().second;
  weight.view(-1)[0] += 1e-6F;
  EXPECT_NE(tests::error_of([&] { frozen.verify(weights.tensors); }).find("features.0.weight"),
            std::string::npos);
}

TEST(Freeze, NormOnlyTrainsTheAffineParametersOfNormalizationAndKeepsStatistics) {
  const auto weights = tests::random_weights("mobilenet_v2");
  const FrozenNetwork frozen = frozen_network("mobilenet_v2", "norm-only", weights);
  EXPECT_EQ(frozen.first_tuned_block(), 0U);
  for (const auto& [name, tensor] : frozen.trained_parameters()) EXPECT_EQ(tensor.dim(), 1) << name;
  EXPECT_EQ(frozen.trained_parameters().size(), 2U * 52U);  // MobileNetV2 has 52 BatchNorm layers
  step(frozen);
  EXPECT_NO_THROW(frozen.verify(weights.tensors));
}

TEST(Freeze, FrozenNormKeepsStatisticsAndAffineParametersOfTunedBlocks) {
  const auto weights = tests::random_weights("mobilenet_v2");
  const FrozenNetwork frozen = frozen_network("mobilenet_v2", "all", weights, true);
  for (const auto& [name, tensor] : frozen.trained_parameters()) EXPECT_EQ(tensor.dim(), 4) << name;
  step(frozen);
  EXPECT_NO_THROW(frozen.verify(weights.tensors));
}

}  // namespace fathom::train
