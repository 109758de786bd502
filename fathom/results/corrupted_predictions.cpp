#include "fathom/results/corrupted_predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <span>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/results/predictions.h"
#include "fathom/weights/state_dict.h"

namespace fathom::results {
namespace {

constexpr const char* kRows = "test_row";
constexpr const char* kUncorrupted = "uncorrupted";

template <class T>
weights::TensorData tensor_of(const std::vector<T>& values, weights::DType dtype,
                              std::vector<std::int64_t> shape) {
  return {dtype, std::move(shape), std::as_bytes(std::span(values)), nullptr};
}

template <class T>
std::vector<T> values_of(const weights::TensorData& tensor) {
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(T));
  return values;
}

/// Takes the tensors of a file, each of which must be as the header says.
class CorruptedReader {
 public:
  CorruptedReader(std::string where, const stats::Predictions& test)
      : where_(std::move(where)), test_(test), file_(weights::read_weight_file(where_)) {}

  CorruptedPredictions read() {
    CorruptedPredictions made{.classes = test_.classes, .test_rows = rows()};
    images_ = static_cast<std::int64_t>(made.test_rows.size());
    made.uncorrupted = logarithms(kUncorrupted);
    for (const auto& [name, tensor] : file_.tensors) {
      if (name == kRows || name == kUncorrupted) continue;
      made.corrupted[kind_and_severity(name)] = logarithms(name);
    }
    return made;
  }

 private:
  const weights::TensorData& tensor(const std::string& name, weights::DType dtype) const {
    const auto found = file_.tensors.find(name);
    if (found == file_.tensors.end() || found->second.dtype != dtype) {
      refuse(name, "is missing or of another type");
    }
    return found->second;
  }

  std::vector<std::int64_t> rows() const {
    const weights::TensorData& found = tensor(kRows, weights::DType::i64);
    auto rows = values_of<std::int64_t>(found);
    const bool ascending = std::ranges::adjacent_find(rows, std::greater_equal()) == rows.end();
    const auto most = static_cast<std::int64_t>(test_.size());
    if (found.shape.size() != 1 || rows.empty() || !ascending || rows.front() < 0 ||
        rows.back() >= most) {
      refuse(kRows, fmt::format("must be one or more of the {} test rows, ascending", most));
    }
    return rows;
  }

  std::vector<float> logarithms(const std::string& name) const {
    const weights::TensorData& found = tensor(name, weights::DType::f32);
    const auto classes = static_cast<std::int64_t>(test_.classes);
    if (found.shape != std::vector{images_, classes}) {
      refuse(name, fmt::format("must be of {} images and {} classes", images_, classes));
    }
    auto values = values_of<float>(found);
    if (!std::ranges::all_of(values, [](float value) { return value <= 0; })) {
      refuse(name, "has values that are no logarithms of probabilities (0 and below)");
    }
    return values;
  }

  std::pair<std::string, int> kind_and_severity(const std::string& name) const {
    const std::size_t cut = name.rfind('_');
    int severity = 0;
    const char* end = name.data() + name.size();
    if (cut == std::string::npos || cut == 0 ||
        std::from_chars(name.data() + cut + 1, end, severity).ptr != end || severity < 1) {
      refuse(name, "is not named by a corruption and its severity ('stain_1')");
    }
    return {name.substr(0, cut), severity};
  }

  [[noreturn]] void refuse(const std::string& name, const std::string& why) const {
    throw Error(fmt::format("{}: '{}' {}", where_, name, why));
  }

  std::string where_;
  const stats::Predictions& test_;
  weights::WeightFile file_;
  std::int64_t images_ = 0;
};

}  // namespace

stats::Predictions of_logarithms(std::span<const float> logarithms, std::size_t classes,
                                 const std::vector<int>& labels) {
  stats::Predictions made{.classes = classes, .labels = labels};
  for (const float value : logarithms) made.probabilities.push_back(std::exp(double{value}));
  return made;
}

std::string write_corrupted(const std::filesystem::path& path,
                            const CorruptedPredictions& predictions) {
  const auto images = static_cast<std::int64_t>(predictions.test_rows.size());
  const std::vector<std::int64_t> shape{images, static_cast<std::int64_t>(predictions.classes)};
  const auto add = [&](weights::StateDict& tensors, const std::string& name,
                       const std::vector<float>& values) {
    FATHOM_CHECK(values.size() == predictions.test_rows.size() * predictions.classes);
    tensors[name] = tensor_of(values, weights::DType::f32, shape);
  };
  weights::StateDict tensors;
  tensors[kRows] = tensor_of(predictions.test_rows, weights::DType::i64, {images});
  add(tensors, kUncorrupted, predictions.uncorrupted);
  for (const auto& [view, values] : predictions.corrupted) {
    add(tensors, fmt::format("{}_{}", view.first, view.second), values);
  }
  weights::write_safetensors(path, tensors);
  return sha256_file(path);
}

CorruptedPredictions read_corrupted(const std::filesystem::path& path, const std::string& sha256,
                                    const stats::Predictions& test) {
  require_vouched(path, sha256_file(path), sha256);
  return CorruptedReader(path, test).read();
}

}  // namespace fathom::results
