#include "fathom/train/evaluate.h"

#include "fathom/base/clock.h"
#include "fathom/train/batches.h"

namespace fathom::train {

void append_probabilities(stats::Predictions& predictions, const torch::Tensor& logits) {
  const torch::Tensor probabilities =
      logits.to(torch::kCPU, torch::kFloat64).softmax(1).contiguous();
  predictions.classes = static_cast<std::size_t>(probabilities.size(1));
  const double* values = probabilities.data_ptr<double>();
  predictions.probabilities.insert(predictions.probabilities.end(), values,
                                   values + probabilities.numel());
}

Predicted predict(const Classifier& classifier, Boundaries& inputs,
                  std::span<const std::int64_t> images, std::span<const int> views,
                  std::span<const int> labels, const std::function<void()>& keep_going) {
  const torch::NoGradGuard no_grad;
  classifier.set_training(false);
  const std::size_t cut = classifier.network().first_tuned_block();
  Predicted predicted;
  for (std::size_t start = 0; start < images.size(); start += kScoreBatch) {
    keep_going();
    const std::size_t count = std::min(kScoreBatch, images.size() - start);
    const auto part = images.subspan(start, count);
    torch::Tensor boundary;
    {
      const AddSeconds timing(predicted.input_seconds);
      boundary = inputs.at(cut, part, views.empty() ? views : views.subspan(start, count));
    }
    append_probabilities(predicted.predictions, classifier.suffix(boundary));
  }
  predicted.predictions.labels = labels_of(labels, images);
  return predicted;
}

}  // namespace fathom::train
