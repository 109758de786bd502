#include "fathom/train/loss.h"

#include <vector>

namespace fathom::train {

torch::nn::CrossEntropyLoss make_loss(const TrainOptions& options,
                                      std::span<const int> training_labels, std::size_t classes,
                                      torch::Device device) {
  torch::Tensor weight;
  if (options.class_weights == "balanced") {
    std::vector<float> weights(classes, 0);
    for (const int label : training_labels) ++weights[static_cast<std::size_t>(label)];
    for (float& w : weights) {
      w = static_cast<float>(training_labels.size()) / (static_cast<float>(classes) * w);
    }
    weight = torch::tensor(weights).to(device);
  }
  return torch::nn::CrossEntropyLoss(
      torch::nn::CrossEntropyLossOptions().weight(weight).label_smoothing(options.label_smoothing));
}

}  // namespace fathom::train
