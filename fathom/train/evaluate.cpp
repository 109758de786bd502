#include "fathom/train/evaluate.h"

namespace fathom::train {

stats::Predictions predict(const Classifier& classifier, const ImageStore& images,
                           std::span<const std::int64_t> indices, std::span<const int> labels,
                           const weights::Preprocessing& preprocessing, std::int64_t batch_size,
                           const std::function<void()>& keep_going) {
  const torch::NoGradGuard no_grad;
  classifier.set_training(false);
  const auto step = static_cast<std::size_t>(batch_size);
  stats::Predictions predictions;
  for (std::size_t start = 0; start < indices.size(); start += step) {
    keep_going();
    const auto part = indices.subspan(start, std::min(step, indices.size() - start));
    const torch::Tensor logits =
        classifier.suffix(classifier.prefix(images.batch(part, {}, preprocessing)));
    const torch::Tensor probabilities = logits.to(torch::kFloat64).softmax(1).contiguous();
    predictions.classes = static_cast<std::size_t>(probabilities.size(1));
    const double* values = probabilities.data_ptr<double>();
    predictions.probabilities.insert(predictions.probabilities.end(), values,
                                     values + probabilities.numel());
    for (const std::int64_t index : part) {
      predictions.labels.push_back(labels[static_cast<std::size_t>(index)]);
    }
  }
  return predictions;
}

}  // namespace fathom::train
