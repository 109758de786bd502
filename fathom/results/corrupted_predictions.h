// units/<id>/corrupted.safetensors: what a unit says of some test images as they are and under
// every corruption. Not what that is worth: corrupted_aucs.h.
//   test_row        I64 [images]: their places among the test rows of predictions.csv, from 0
//   uncorrupted, <corruption>_<severity>   F32 [images, classes]: logarithms of probabilities,
//   classes as there
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fathom/stats/scores.h"

namespace fathom::results {

inline constexpr const char* kCorruptedFile = "corrupted.safetensors";

/// Natural logarithms of probabilities, images x classes, row by row: as float32 they keep apart
/// what is close to 1, too, and with it the order of the images.
struct CorruptedPredictions {
  std::size_t classes = 0;
  std::vector<std::int64_t> test_rows;  ///< ascending
  std::vector<float> uncorrupted;
  std::map<std::pair<std::string, int>, std::vector<float>> corrupted;  ///< by kind and severity
};

/// Probabilities again, as every AUC of corrupted images is made from: the record's is then that of
/// the file.
stats::Predictions of_logarithms(std::span<const float> logarithms, std::size_t classes,
                                 const std::vector<int>& labels);

/// Writes atomically; returns the SHA-256 of the file, which the unit's record keeps.
std::string write_corrupted(const std::filesystem::path& path,
                            const CorruptedPredictions& predictions);

/// Throws Error when the file is missing, malformed, not the one with `sha256`, or not about images
/// and classes of `test`, the unit's test part.
CorruptedPredictions read_corrupted(const std::filesystem::path& path, const std::string& sha256,
                                    const stats::Predictions& test);

}  // namespace fathom::results
