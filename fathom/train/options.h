// How a unit is trained: every setting with its default, unit and range. LibTorch-free.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fathom/base/options.h"

namespace fathom::train {

struct TrainOptions {
  std::int64_t epochs = 10;
  std::int64_t batch_size = 32;
  std::string optimizer = "adam";
  std::vector<double> learning_rates = {1e-4, 1e-3};
  std::vector<double> head_learning_rates;
  std::string schedule = "cosine";
  double warmup_epochs = 0.5;
  double weight_decay = 0.0;
  double momentum = 0.9;
  double dropout = 0.2;
  double label_smoothing = 0.0;
  std::string class_weights = "none";
  std::string sampling = "shuffled";
  std::int64_t patience = 0;
  std::string augment = "dihedral";
  std::int64_t views = 8;
  std::int64_t view_seed = 0;
  std::string norm = "tuned";
  std::string precision = "auto";

  std::vector<Field> fields();
};

/// Number formats that the convolutions may run in.
enum class Precision { fp32, bf16 };

/// "auto" becomes bf16 where the processor multiplies it in hardware (AVX512-BF16 or AMX), fp32
/// elsewhere: emulated bf16 is slower than fp32.
Precision resolve_precision(const std::string& setting);

}  // namespace fathom::train
