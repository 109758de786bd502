// Corruptions: what befalls histology images between the knife and the file, at severities 1 to 5,
// for measuring how robust a classifier is. Not for training: that has views.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fathom/base/random.h"
#include "fathom/image/image.h"

namespace fathom::image {

inline constexpr int kSeverities = 5;

/// A row of the table, after the scheme of Hendrycks & Dietterich 2019 ("Benchmarking neural
/// network robustness to common corruptions and perturbations", ICLR), with the kinds that Zhang et
/// al. 2022
/// ("Benchmarking the robustness of deep neural networks to common corruptions in digital
/// pathology", MICCAI) and the slide itself ask for. Lengths are shares of the image's side, so
/// that an image is hit alike at every input size.
struct Corruption {
  std::string name;                         ///< "stain", "jpeg", ...
  std::string amount;                       ///< what the numbers are
  std::array<double, kSeverities> amounts;  ///< of severity 1 to 5
  std::string reason;                       ///< why these numbers, with the source
  /// What is random is the same for every amount, so that severities differ in nothing else.
  Image (*apply)(const Image& image, double amount, Random random);
};
/// New rows come last: the numbers of views (train/views.h) and older results hang on the order.
const std::vector<Corruption>& corruptions();

/// The image corrupted, of the same size. Hangs on the corruption's name, the severity (1 to 5) and
/// `image_id` (a number that stands for the content of the image) alone.
Image corrupt(const Image& image, const Corruption& corruption, int severity,
              std::uint64_t image_id);

}  // namespace fathom::image
