// What every registered architecture must keep: registering one is enough to have it tested here.
#include <ATen/autocast_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

#include "fathom/weights/card.h"
#include "fathom/zoo/flops.h"
#include "fathom/zoo/layers.h"
#include "fathom/zoo/network.h"
#include "tests/contract/kinds.h"

namespace fathom::zoo {
namespace {

class ZooContract : public testing::TestWithParam<Architecture> {
 protected:
  const Architecture& architecture() const { return GetParam(); }
  torch::Tensor smallest_batch() const {
    return torch::rand({2, 3, architecture().min_input, architecture().min_input});
  }
};

class ZooContractOfAKind : public ZooContract {};

/// bf16 autocast on the CPU while it lives.
class Autocast {
 public:
  Autocast() {
    at::autocast::set_autocast_cpu_dtype(torch::kBFloat16);
    at::autocast::set_cpu_enabled(true);
  }
  ~Autocast() {
    at::autocast::clear_cache();
    at::autocast::set_cpu_enabled(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
};

using TensorNames = std::multiset<std::string>;

TensorNames names_of(const torch::OrderedDict<std::string, torch::Tensor>& tensors) {
  const std::vector<std::string> keys = tensors.keys();
  return {keys.begin(), keys.end()};
}

bool has_norm(const Network& network) {
  return std::ranges::any_of(network.root().modules(), [](const auto& module) {
    return module->template as<torch::nn::BatchNorm2d>() != nullptr ||
           module->template as<torch::nn::LayerNorm>() != nullptr;
  });
}

TEST_P(ZooContract, IsDescribed) {
  EXPECT_FALSE(architecture().title.empty());
  EXPECT_FALSE(architecture().paper.empty());
  EXPECT_GE(architecture().default_input, architecture().min_input);
  EXPECT_FALSE(architecture().published_head.empty());
  EXPECT_GE(architecture().fine_blocks.size(), architecture().blocks.size());
  EXPECT_EQ(find_architecture(architecture().name).title, architecture().title);
}

TEST_P(ZooContract, HasKnownWeights) {
  const auto& known = weights::known_cards();
  EXPECT_NE(std::ranges::find(known, architecture().name, &weights::WeightCard::architecture),
            known.end());
}

TEST_P(ZooContract, BlocksOwnEveryTensorOfTheBackboneOnce) {
  const Network network = build_network(architecture());
  TensorNames parameters;
  TensorNames buffers;
  for (std::size_t i = 0; i < network.blocks().size(); ++i) {
    EXPECT_EQ(network.blocks()[i].name, architecture().blocks[i]);
    EXPECT_FALSE(network.block_parameters(i).empty());
    for (const auto& [name, tensor] : network.block_parameters(i)) {
      parameters.insert(name);
      EXPECT_TRUE(tensor.is_same(network.root().named_parameters()[name])) << name;
    }
    for (const auto& [name, tensor] : network.block_buffers(i)) {
      buffers.insert(name);
      EXPECT_TRUE(tensor.is_same(network.root().named_buffers()[name])) << name;
    }
  }
  EXPECT_EQ(parameters, names_of(network.root().named_parameters()));
  EXPECT_EQ(buffers, names_of(network.root().named_buffers()));
  EXPECT_EQ(architecture().has_norm, has_norm(network));
}

TEST_P(ZooContract, TensorsOfABlockDecideItsOutputAlone) {
  const torch::NoGradGuard no_grad;
  const Network network = build_network(architecture());
  network.root().eval();
  const auto add_to_others = [&](std::size_t block, double value) {
    for (std::size_t other = 0; other < network.blocks().size(); ++other) {
      if (other == block) continue;
      for (auto& [name, tensor] : network.block_parameters(other)) tensor.add_(value);
    }
  };
  torch::Tensor x = smallest_batch();
  for (std::size_t i = 0; i < network.blocks().size(); ++i) {
    const torch::Tensor before = network.forward_blocks(x, i, i + 1);
    ASSERT_TRUE(before.isfinite().all().item<bool>());
    add_to_others(i, 1e-3);
    EXPECT_TRUE(torch::equal(network.forward_blocks(x, i, i + 1), before))
        << "another block's parameters change " << architecture().blocks[i];
    add_to_others(i, -1e-3);
    x = before;
  }
}

TEST_P(ZooContractOfAKind, BoundariesComposeToTheWholeAtTheSmallestInput) {
  const torch::NoGradGuard no_grad;
  const Network network = build_network(architecture());
  network.root().eval();
  const torch::Tensor input = smallest_batch();
  const std::size_t blocks = network.blocks().size();
  const torch::Tensor whole = network.forward_blocks(input, 0, blocks);
  EXPECT_TRUE(whole.isfinite().all().item<bool>());
  EXPECT_EQ(whole.size(0), 2);
  EXPECT_EQ(whole.size(1), network.feature_channels());
  for (std::size_t cut = 0; cut <= blocks; ++cut) {
    const torch::Tensor boundary = network.forward_blocks(input, 0, cut);
    const torch::Tensor kept = boundary.clone();
    EXPECT_TRUE(torch::equal(network.forward_blocks(boundary, cut, blocks), whole)) << cut;
    EXPECT_TRUE(torch::equal(boundary, kept)) << "the blocks from " << cut << " change their input";
  }
}

TEST_P(ZooContractOfAKind, FreshWeightsKeepTheSignal) {
  const torch::NoGradGuard no_grad;
  const Network network = build_network(architecture());
  const torch::Tensor features =
      network.forward_blocks(torch::randn({4, 3, 96, 96}), 0, network.blocks().size());
  EXPECT_GT(features.std().item<double>(), 0.01);
  EXPECT_LT(features.std().item<double>(), 100);
}

TEST_P(ZooContractOfAKind, TrainsAtEveryDepthInBf16) {
  const Network network = build_network(architecture());
  network.root().train();
  const std::size_t blocks = network.blocks().size();
  for (std::size_t cut = 0; cut < blocks; ++cut) {
    torch::Tensor loss;
    {
      const Autocast autocast;
      torch::Tensor boundary;
      {
        const torch::NoGradGuard no_grad;
        boundary = network.forward_blocks(smallest_batch(), 0, cut);
      }
      const torch::Tensor features = network.forward_blocks(boundary, cut, blocks);
      EXPECT_EQ(features.scalar_type(), torch::kBFloat16);
      loss = features.to(torch::kFloat32).square().mean();
    }
    network.root().zero_grad(/*set_to_none=*/true);
    loss.backward();
    for (std::size_t block = 0; block < blocks; ++block) {
      for (const auto& [name, parameter] : network.block_parameters(block)) {
        const torch::Tensor gradient = parameter.grad();
        ASSERT_EQ(gradient.defined(), block >= cut) << name;
        EXPECT_TRUE(!gradient.defined() || gradient.isfinite().all().item<bool>()) << name;
      }
    }
    const torch::Tensor bottom = network.block_parameters(cut).front().second.grad();
    EXPECT_GT(bottom.abs().max().item<double>(), 0) << architecture().blocks[cut];
  }
}

TEST_P(ZooContract, LevelsGoFromHeadToAll) {
  const std::vector<results::Level> levels = all_levels(architecture());
  ASSERT_EQ(levels.size(), architecture().blocks.size() + 1);
  EXPECT_EQ(levels.front(), (results::Level{"head", 0, false}));
  EXPECT_EQ(levels.back().name, "all");
  std::set<std::string> names;
  for (const results::Level& level : levels) {
    EXPECT_TRUE(names.insert(level.name).second) << level.name;
    EXPECT_EQ(parse_levels(architecture(), {level.name, level.name}).back(), level);
    EXPECT_EQ(parse_levels(architecture(), {std::to_string(level.depth)}).front(), level);
  }
}

TEST_P(ZooContract, EveryBlockCosts) {
  const Network network = build_network(architecture());
  const int size = architecture().min_input;
  double above = 0;
  const std::vector<double> forward = count_forward_flops(network, size);
  for (std::size_t block = forward.size(); block-- > 0;) {
    EXPECT_GT(forward[block], 0);
    for (auto& [name, parameter] : network.block_parameters(block)) parameter.requires_grad_(true);
    for (std::size_t below = 0; below < block; ++below) {
      for (auto& [name, parameter] : network.block_parameters(below)) {
        parameter.requires_grad_(false);
      }
    }
    const double backward = count_backward_flops(network, block, size);
    EXPECT_GT(backward, above);
    above = backward;
  }
  // Two gradients of every convolution but the first, whose input needs none.
  const double total = std::accumulate(forward.begin(), forward.end(), 0.0);
  EXPECT_LT(above, 2 * total);
  EXPECT_GE(above, 2 * total - forward.front());
}

TEST_P(ZooContract, StateDictGoesBothWays) {
  const torch::NoGradGuard no_grad;
  const Network original = build_network(architecture());
  for (const torch::Tensor& buffer : original.root().buffers()) buffer.add_(1);
  Network copy = build_network(architecture());
  load_weights(copy, to_state_dict(original.root()), "memory");
  original.root().eval();
  copy.root().eval();
  const torch::Tensor input = smallest_batch();
  const std::size_t blocks = architecture().blocks.size();
  EXPECT_TRUE(torch::equal(copy.forward_blocks(input, 0, blocks),
                           original.forward_blocks(input, 0, blocks)));
}

/// As after training: no normalization is the identity, and its statistics are those of what it
/// sees.
void settle_norms(const Network& network, const torch::Tensor& input) {
  for (const auto& module : network.root().modules()) {
    auto* norm = module->as<torch::nn::BatchNorm2d>();
    if (norm == nullptr) continue;
    norm->weight.uniform_(0.7, 1.3);
    norm->bias.uniform_(-0.3, 0.3);
    norm->options.momentum(1.0);  // the last batch alone
  }
  network.root().train();
  network.forward_blocks(input, 0, network.blocks().size());
}

/// Norm of the difference over the norm of `exact`.
double relative_error(const torch::Tensor& found, const torch::Tensor& exact) {
  return ((found.to(torch::kFloat64) - exact).norm() / exact.norm()).item<double>();
}

Network copy_of(const Network& network) {
  Network copy = build_network(network.architecture());
  load_weights(copy, to_state_dict(network.root()), "memory");
  copy.root().eval();
  return copy;
}

TEST_P(ZooContractOfAKind, FoldedNormsGiveTheSameBoundaries) {
  const torch::NoGradGuard no_grad;
  const Network plain = build_network(architecture());
  const bool has_any = std::ranges::any_of(plain.root().modules(), [](const auto& module) {
    return module->template as<torch::nn::BatchNorm2d>() != nullptr;
  });
  if (!has_any) return;
  const torch::Tensor input = torch::rand({8, 3, 96, 96});
  settle_norms(plain, input);
  plain.root().eval();
  const Network folded = copy_of(plain), exact = copy_of(plain);
  fold_norms(folded.root());
  exact.root().to(torch::kFloat64);
  // Fresh weights make much of small errors, in whatever order it is computed.
  constexpr double kFloat = 1e-4, kBf16 = 0.03, kMore = 2;
  for (std::size_t cut = 1; cut <= architecture().blocks.size(); ++cut) {
    const torch::Tensor expected = exact.forward_blocks(input.to(torch::kFloat64), 0, cut);
    const auto error = [&](const Network& network) {
      return relative_error(network.forward_blocks(input, 0, cut), expected);
    };
    EXPECT_LT(error(folded), std::max(kFloat, kMore * error(plain))) << cut;
    const Autocast autocast;
    EXPECT_LT(error(folded), std::max(kBf16, kMore * error(plain))) << cut;
  }
}

TEST(FoldNorms, LeavesOutEveryNormRightBehindAConvolution) {
  const auto left = [](const std::string& name) {
    const Network network = build_network(find_architecture(name));
    fold_norms(network.root());
    std::ptrdiff_t norms = 0, folded = 0;
    for (const auto& module : network.root().modules()) {
      const auto* conv = module->as<Convolution>();
      norms += module->as<torch::nn::BatchNorm2d>() != nullptr;
      folded += conv != nullptr && conv->has_folded_norm();
    }
    return norms - folded;
  };
  for (const char* name : {"inception_v3", "vgg16_bn", "resnet50", "mobilenet_v2",
                           "efficientnet_lite0", "efficientnet_b0", "shufflenet_v2_x1_0"}) {
    EXPECT_EQ(left(name), 0) << name;
  }
  // Its norms stand before the convolutions; two in a unit and the stem's stand behind one, too.
  EXPECT_EQ(left("densenet121"), 58 + 3 + 1);
}

TEST_P(ZooContract, FineBlocksCutTheSameNetwork) {
  if (architecture().fine_blocks == architecture().blocks) return;
  const torch::NoGradGuard no_grad;
  const Network coarse = build_network(architecture());
  Network fine = build_network(find_architecture(architecture().name + "-fine"));
  load_weights(fine, to_state_dict(coarse.root()), "memory");
  coarse.root().eval();
  fine.root().eval();
  EXPECT_EQ(fine.architecture().blocks, architecture().fine_blocks);
  EXPECT_EQ(fine.architecture().weights_name, architecture().name);
  torch::Tensor x = smallest_batch();
  torch::Tensor y = x;
  std::size_t next = 0;
  for (std::size_t i = 0; i < architecture().blocks.size(); ++i) {
    x = coarse.forward_blocks(x, i, i + 1);
    const auto belongs = [&](const std::string& name) {
      return name == architecture().blocks[i] || name.starts_with(architecture().blocks[i] + ".");
    };
    while (next < fine.blocks().size() && belongs(fine.blocks()[next].name)) {
      y = fine.forward_blocks(y, next, next + 1);
      ++next;
    }
    EXPECT_TRUE(torch::equal(x, y)) << architecture().blocks[i];
  }
  EXPECT_EQ(next, fine.blocks().size());
}

/// What docs/architectures.md says of it, in a line.
std::string table_row(const Network& network) {
  std::int64_t parameters = 0;
  for (const torch::Tensor& tensor : network.root().parameters()) parameters += tensor.numel();
  const Architecture& a = network.architecture();
  const bool has_finer = a.fine_blocks != a.blocks;
  return fmt::format("| `{}` | {} | {} | {} | {:.1f} M | {} | {} |", a.name, a.title,
                     fmt::join(a.blocks, " "),
                     has_finer ? std::to_string(a.fine_blocks.size()) : "",
                     static_cast<double>(parameters) / 1e6, a.default_input, a.min_input);
}

TEST_P(ZooContract, StandsInTheTableOfTheDocumentation) {
  std::ifstream file(std::filesystem::path(FATHOM_SOURCE_DIR) / "docs/architectures.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string row = table_row(build_network(architecture()));
  EXPECT_NE(text.find(row + "\n"), std::string::npos) << "docs/architectures.md wants this line:\n"
                                                      << row;
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooContract, testing::ValuesIn(architectures()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Zoo, ZooContractOfAKind, testing::ValuesIn(one_of_each_kind()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace fathom::zoo
