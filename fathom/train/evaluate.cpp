#include "fathom/train/evaluate.h"

namespace fathom::train {

stats::Predictions predict(const Classifier& classifier, const EvaluationSet& set,
                           const std::function<void()>& keep_going) {
  const torch::NoGradGuard no_grad;
  classifier.set_training(false);
  stats::Predictions predictions;
  for (std::size_t start = 0; start < set.indices.size(); start += set.batch_size) {
    keep_going();
    const auto part =
        set.indices.subspan(start, std::min(set.batch_size, set.indices.size() - start));
    const torch::Tensor logits =
        classifier.suffix(classifier.prefix(set.images.batch(part, {}, set.preprocessing)));
    const torch::Tensor probabilities = logits.to(torch::kFloat64).softmax(1).contiguous();
    predictions.classes = static_cast<std::size_t>(probabilities.size(1));
    const double* values = probabilities.data_ptr<double>();
    predictions.probabilities.insert(predictions.probabilities.end(), values,
                                     values + probabilities.numel());
    for (const std::int64_t index : part) {
      predictions.labels.push_back(set.labels[static_cast<std::size_t>(index)]);
    }
  }
  return predictions;
}

}  // namespace fathom::train
