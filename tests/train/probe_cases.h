// Made-up features with labels, and what Python makes of them (oracle/probe.py).
#pragma once

#include <torch/torch.h>

#include <cmath>
#include <string>
#include <vector>

#include "fathom/base/atomic_file.h"
#include "fathom/base/json.h"
#include "fathom/base/random.h"
#include "tests/support.h"

namespace fathom::tests {

/// Labels 0, 1, ..., classes - 1, 0, ...
inline std::vector<int> turns(std::int64_t images, int classes) {
  std::vector<int> labels;
  for (std::int64_t i = 0; i < images; ++i) labels.push_back(static_cast<int>(i % classes));
  return labels;
}

/// Noise of several scales, with `signal` times the label added to the first feature.
inline torch::Tensor noisy_features(std::int64_t columns, const std::vector<int>& labels,
                                    double signal) {
  Random random(static_cast<std::uint64_t>(columns) + labels.size());
  const torch::Tensor features =
      torch::empty({static_cast<std::int64_t>(labels.size()), columns}, torch::kFloat64);
  auto cells = features.accessor<double, 2>();
  for (std::int64_t i = 0; i < features.size(0); ++i) {
    for (std::int64_t d = 0; d < columns; ++d) {
      cells[i][d] = std::pow(2.0, static_cast<double>(d % 5) - 2) * (random.normal() + 0.5);
    }
    cells[i][0] += signal * labels[static_cast<std::size_t>(i)];
  }
  return features;
}

inline Json rows_of(const torch::Tensor& matrix) {
  Json rows = Json::array();
  for (std::int64_t i = 0; i < matrix.size(0); ++i) {
    const torch::Tensor row = matrix[i].contiguous();
    rows.push_back(
        std::vector<double>(row.data_ptr<double>(), row.data_ptr<double>() + row.numel()));
  }
  return rows;
}

/// What the oracle expects of the cases of one section.
inline Json ask_probe_oracle(const std::string& section, const Json& cases) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "cases.json", Json{{section, cases}}.dump());
  return Json::parse(run_oracle("probe.py", {folder / "cases.json"}))[section];
}

}  // namespace fathom::tests
