// What the intervals of levels cover, as far as can be told from the trainings and predictions that
// there are: for captions and methods. The intervals themselves: results/precision.h.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "fathom/results/precision.h"

namespace fathom::report {

/// What other results an interval of a mean would hold.
enum class Coverage {
  seeds_and_images,  ///< of several seeds on one split
  folds,             ///< of several folds
  folds_and_images,  ///< of several folds that are tested on the same images
  images,            ///< of one training, as it is
  trainings          ///< on these images, where predictions are missing
};

/// Of the AUCs on validation and test, over the levels of an architecture; empty where none has an
/// interval. `precisions` are of the summaries, in their order.
std::set<Coverage> coverage_of(const std::vector<results::LevelSummary>& summaries,
                               const std::vector<results::LevelPrecision>& precisions,
                               const std::string& architecture);

/// "mean over trainings [95 % interval over other seeds and other images]"; without what is in
/// brackets where nothing has an interval.
std::string mean_in_words(const std::set<Coverage>& coverage);

/// What a standard error over trainings is over: "trainings", or with several folds that it takes
/// those of one fold for independent.
const char* trainings_in_words(std::size_t folds);

}  // namespace fathom::report
