#include "fathom/train/options.h"

#include "fathom/base/error.h"
#include "fathom/image/views.h"
#include "fathom/train/runtime.h"

namespace fathom::train {

std::vector<Field> TrainOptions::fields() {
  return {
      {"epochs", &epochs, "Passes over the training images.", 1, 10000},
      {"batch_size", &batch_size, "Images per optimizer step.", 1, 4096},
      choice_field("optimizer", &optimizer, {"adam", "adamw", "sgd"}, "How the weights are moved."),
      {"learning_rates", &learning_rates,
       "Peak learning rates; of several, validation chooses one per depth.", 1e-8, 10},
      {"head_learning_rates", &head_learning_rates,
       "Those of the head alone, which stands larger steps; empty = ten times learning_rates.",
       1e-8, 100},
      choice_field("schedule", &schedule, {"cosine", "plateau", "constant"},
                   "Learning rate after the warm-up: cosine to zero, a tenth on a validation "
                   "plateau, or constant."),
      {"warmup_epochs", &warmup_epochs, "Epochs of linear warm-up from zero.", 0, 100},
      {"weight_decay", &weight_decay,
       "Decay of convolution and linear weights (never of biases, norms or frozen blocks).", 0, 1},
      {"momentum", &momentum, "Momentum of sgd.", 0, 0.999},
      {"dropout", &dropout, "Share of features dropped before the new classifier.", 0, 0.95},
      {"label_smoothing", &label_smoothing, "Share of the target spread over all classes.", 0, 0.9},
      choice_field("class_weights", &class_weights, {"none", "balanced"},
                   "Weight of a class in the loss; balanced = inverse to its share of the training "
                   "images."),
      choice_field("sampling", &sampling, {"shuffled", "balanced"},
                   "Images of an epoch: shuffled = each once; balanced = every class as often as "
                   "any other, those of rare classes several times."),
      {"patience", &patience,
       "Stop after this many epochs without a better validation AUC; 0 = never.", 0, 1000},
      choice_field(
          "augment", &augment, image::view_bank_names(),
          "Training views, fixed per image: flips = horizontal and vertical, dihedral = "
          "flips and quarter turns, stain = these and jittered H&E stain, own_stain = the same "
          "along each image's own stain colours (Macenko), full = these and jittered stain, "
          "colour, sharpness and scale."),
      {"views", &views,
       "Number of jittered views beside the symmetries, for stain, own_stain and full.", 1, 120},
      {"view_seed", &view_seed,
       "Seed from which the jittered views are drawn, the same for every depth and seed.", 0, 9e15},
      choice_field("norm", &norm, {"tuned", "frozen"},
                   "Normalization layers of tuned blocks: tuned = affine parameters and statistics "
                   "follow the data, frozen = both stay as pretrained."),
      choice_field("device", &device, {"auto", "cpu", "cuda"},
                   "What the networks run on; auto = the GPU where LibTorch can use one."),
      choice_field("precision", &precision, {"auto", "fp32", "bf16"},
                   "Arithmetic of the convolutions; auto = bf16 where the device has it."),
  };
}

Device resolve_device(const std::string& setting) {
  const bool has_gpu = setting != "cpu" && cuda_device_count() > 0;
  if (setting == "cuda" && !has_gpu) {
    throw Error(
        "device = cuda: LibTorch can use no GPU here ('fathom doctor' says what there is). Say cpu "
        "or auto, or build Fathom with a LibTorch that has CUDA");
  }
  return has_gpu ? Device::cuda : Device::cpu;
}

Precision resolve_precision(const std::string& setting, Device device) {
  if (setting == "auto" && device == Device::cuda) {
    return gpu_multiplies_bf16() ? Precision::bf16 : Precision::fp32;
  }
  if (setting == "auto") {
    return __builtin_cpu_supports("avx512bf16") ? Precision::bf16 : Precision::fp32;
  }
  return setting == "bf16" ? Precision::bf16 : Precision::fp32;
}

Compute resolve_compute(const TrainOptions& options) {
  const Device device = resolve_device(options.device);
  return {resolve_precision(options.precision, device), device};
}

}  // namespace fathom::train
