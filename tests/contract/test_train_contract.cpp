// What every registered architecture must keep when it is trained: a depth moves what it tunes and
// nothing else, and a step against the gradient lowers the loss.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fathom/train/freeze.h"
#include "tests/contract/kinds.h"

namespace fathom::train {
namespace {

class TrainContract : public testing::TestWithParam<zoo::Architecture> {
 protected:
  void SetUp() override { torch::manual_seed(5); }

  torch::Tensor batch() const {
    const int size = std::max(64, GetParam().min_input);
    return torch::rand({4, 3, size, size});
  }
};

/// How far the features are from all being 1.
torch::Tensor loss_of(const zoo::Network& network, const torch::Tensor& batch) {
  return (network.forward_blocks(batch, 0, network.blocks().size()) - 1).square().mean();
}

/// One step of gradient descent that lowers the loss by a hundredth of it, as far as it is linear.
void descend(const FrozenNetwork& frozen, const torch::Tensor& batch) {
  const torch::Tensor loss = loss_of(frozen.network(), batch);
  loss.backward();
  const torch::NoGradGuard no_grad;
  double squares = 0;
  for (const auto& [name, tensor] : frozen.trained_parameters()) {
    squares += tensor.grad().square().sum().item<double>();
  }
  const double rate = 0.01 * loss.item<double>() / squares;
  for (const auto& [name, tensor] : frozen.trained_parameters()) {
    torch::Tensor(tensor).sub_(tensor.grad(), rate);
  }
}

std::map<std::string, torch::Tensor> tensors_of_block(const zoo::Network& network,
                                                      std::size_t block) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& [name, tensor] : network.block_parameters(block)) tensors[name] = tensor;
  for (const auto& [name, tensor] : network.block_buffers(block)) tensors[name] = tensor;
  return tensors;
}

class TrainContractOfAKind : public TrainContract {};

TEST_P(TrainContractOfAKind, EveryDepthMovesWhatItTunesAndNothingElse) {
  const zoo::Network network = zoo::build_network(GetParam());  // every level has the same tensors
  for (const results::Level& level : zoo::all_levels(GetParam())) {
    SCOPED_TRACE(level.name);
    std::vector<std::map<std::string, torch::Tensor>> before;
    for (std::size_t block = 0; block < network.blocks().size(); ++block) {
      before.push_back(tensors_of_block(network, block));
      for (auto& [name, tensor] : before.back()) tensor = tensor.detach().clone();
    }
    network.root().zero_grad(/*set_to_none=*/true);
    const FrozenNetwork frozen(network, level, /*norm_frozen=*/false);
    frozen.set_training(true);
    if (level.depth == 0) {
      loss_of(network, batch());  // nothing to step; a frozen normalization must not follow
    } else {
      descend(frozen, batch());
    }
    for (std::size_t block = 0; block < network.blocks().size(); ++block) {
      const bool is_tuned = block >= frozen.first_tuned_block();
      bool moved = false;
      for (const auto& [name, tensor] : tensors_of_block(network, block)) {
        const bool same = torch::equal(tensor.detach(), before[block].at(name));
        EXPECT_TRUE(is_tuned || same) << name;
        moved |= !same && tensor.requires_grad();
      }
      EXPECT_EQ(moved, is_tuned) << GetParam().blocks[block];
    }
  }
}

/// What TrainContractOfAKind sees move is all that may: of every architecture, tensor by tensor.
TEST_P(TrainContract, EveryDepthFreezesTheBlocksBelowIt) {
  const zoo::Network network = zoo::build_network(GetParam());
  const std::size_t blocks = network.blocks().size();
  const std::size_t tensors = network.root().parameters().size() + network.root().buffers().size();
  for (const results::Level& level : zoo::all_levels(GetParam())) {
    SCOPED_TRACE(level.name);
    const FrozenNetwork frozen(network, level, /*norm_frozen=*/false);
    const std::size_t first = blocks - static_cast<std::size_t>(level.depth);
    EXPECT_EQ(frozen.first_tuned_block(), first);
    std::set<std::string> trained, still;
    for (const auto& [name, tensor] : frozen.trained_parameters()) trained.insert(name);
    for (const auto& [name, tensor] : frozen.tuned_buffers()) trained.insert(name);
    for (const auto& [name, tensor] : frozen.frozen_tensors()) still.insert(name);
    EXPECT_EQ(trained.size() + still.size(), tensors);
    for (std::size_t block = 0; block < blocks; ++block) {
      for (const auto& [name, tensor] : network.block_parameters(block)) {
        EXPECT_EQ(tensor.requires_grad(), block >= first) << name;
      }
      for (const auto& [name, tensor] : tensors_of_block(network, block)) {
        EXPECT_TRUE((block >= first ? trained : still).contains(name)) << name;
      }
    }
    frozen.set_training(true);
    const auto modules = network.root().named_modules();
    for (std::size_t block = 0; block < first; ++block) {
      for (const std::string& name : network.blocks()[block].modules) {
        EXPECT_FALSE(modules[name]->is_training()) << name;
      }
    }
  }
}

TEST_P(TrainContract, AStepLowersTheLoss) {
  const zoo::Network network = zoo::build_network(GetParam());
  const FrozenNetwork frozen(network, zoo::all_levels(GetParam()).back(), /*norm_frozen=*/false);
  frozen.set_training(true);
  const torch::Tensor pictures = batch();
  const double before = loss_of(network, pictures).item<double>();
  descend(frozen, pictures);
  const double after = loss_of(network, pictures).item<double>();
  EXPECT_LT(after, before);
  EXPECT_GT(after, 0.5 * before) << "a hundredth was asked for";
}

INSTANTIATE_TEST_SUITE_P(Zoo, TrainContract, testing::ValuesIn(zoo::architectures()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Zoo, TrainContractOfAKind, testing::ValuesIn(zoo::one_of_each_kind()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace fathom::train
