// Models with random weights for tests of their files and of the network in them.
#pragma once

#include "fathom/deploy/model_file.h"
#include "fathom/deploy/tuned_model.h"
#include "tests/train/tiny.h"

namespace fathom::tests {

/// Of the classes "normal" and "tumour".
inline deploy::Model random_model(const std::string& architecture) {
  const weights::PretrainedWeights weights = random_weights(architecture);
  const zoo::Network network = zoo::build_network(zoo::find_architecture(architecture));
  deploy::Model model;
  model.tensors = weights.tensors;
  model.tensors[deploy::kHeadWeight] =
      zoo::from_tensor(torch::randn({2, network.feature_channels()}));
  model.tensors[deploy::kHeadBias] = zoo::from_tensor(torch::randn({2}));
  model.card.fathom = "test";
  model.card.input_size = zoo::find_architecture(architecture).min_input;
  model.card.classes = {"normal", "tumour"};
  model.card.positive = "tumour";
  model.card.temperature = 1.5;
  model.card.threshold = 0.4;
  model.card.weights = weights.card;
  return model;
}

/// The same as read from a file.
inline deploy::Model written_and_read(const deploy::Model& model) {
  const TemporaryFolder folder;
  deploy::write_model(folder / "model.safetensors", model);
  return deploy::read_model(folder / "model.safetensors");
}

}  // namespace fathom::tests
