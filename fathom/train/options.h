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
  std::string device = "auto";
  std::string precision = "auto";

  std::vector<Field> fields();
};

/// Number formats that the convolutions may run in.
enum class Precision { fp32, bf16 };

/// What networks run on; of several GPUs the first that CUDA_VISIBLE_DEVICES leaves.
enum class Device { cpu, cuda };

/// On what and in which number format networks run.
struct Compute {
  Compute(Precision number_format = Precision::fp32, Device runs_on = Device::cpu)
      : precision(number_format), device(runs_on) {}
  Precision precision;
  Device device;
};

/// "auto" becomes the GPU where LibTorch can use one. Throws Error for "cuda" where it cannot.
Device resolve_device(const std::string& setting);

/// "auto" becomes bf16 where the device multiplies it in hardware (AVX512-BF16 or AMX; GPUs from
/// Ampere on), fp32 elsewhere: emulated bf16 is slower than fp32.
Precision resolve_precision(const std::string& setting, Device device = Device::cpu);

Compute resolve_compute(const TrainOptions& options);

}  // namespace fathom::train
