// What every registered architecture must keep when it is exported: the file gives the same logits.
#include "tests/deploy/models.h"

namespace fathom::deploy {
namespace {

class DeployContract : public testing::TestWithParam<zoo::Architecture> {};

TEST_P(DeployContract, AnExportedNetworkGivesTheLogitsThatItGaveBefore) {
  const torch::NoGradGuard no_grad;
  const zoo::Architecture& architecture = GetParam();
  const Model model = tests::random_model(architecture.name);
  zoo::Network network = zoo::build_network(architecture);
  weights::StateDict backbone = model.tensors;
  const torch::Tensor weight = zoo::to_tensor(backbone.extract(kHeadWeight).mapped());
  const torch::Tensor bias = zoo::to_tensor(backbone.extract(kHeadBias).mapped());
  zoo::load_weights(network, backbone, "memory");
  network.root().eval();
  // The read one has its normalization folded. The same layout in memory: fresh weights let the
  // rounding of another grow from layer to layer.
  train::use_channels_last(network.root());
  const torch::Tensor input = torch::rand({2, 3, architecture.min_input, architecture.min_input});
  const torch::Tensor features =
      network.forward_blocks(input, 0, network.blocks().size()).mean({2, 3});
  const torch::Tensor expected = features.matmul(weight.t()) + bias;

  const Model read = tests::written_and_read(model);
  EXPECT_EQ(to_json(read.card), to_json(model.card));
  EXPECT_EQ(weights::content_hash(read.tensors), weights::content_hash(model.tensors));
  const torch::Tensor logits = TunedModel(read, train::Precision::fp32).logits(input);
  EXPECT_LE((logits - expected).abs().max().item<double>(),
            1e-4 * std::max(1.0, expected.abs().max().item<double>()));
}

INSTANTIATE_TEST_SUITE_P(Zoo, DeployContract, testing::ValuesIn(zoo::architectures()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace fathom::deploy
