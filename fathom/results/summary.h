// From the records of units to one line per depth. What to recommend: recommend.h.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "fathom/results/record.h"

namespace fathom::results {

/// A mean over the units (seeds x folds) of one level. The interval takes units for independent,
/// and the images as they are: precision.h has those that cover other images.
struct Mean {
  double mean = 0;            ///< NaN when nothing is defined
  double standard_error = 0;  ///< sd / sqrt(count); NaN when count < 2
  double low = 0, high = 0;   ///< 95 % interval of the mean by Student's t; NaN when count < 2
  std::size_t count = 0;      ///< values that are defined (not NaN)
};

/// The mean of the values that are not NaN (Student 1908, doi:10.1093/biomet/6.1.1).
Mean mean_of(std::span<const double> values);

/// {mean, standard_error, low, high, count}; null for NaN.
Json to_json(const Mean& mean);

/// The largest of the study's train_fractions, about which its answer is.
double largest_fraction(const DataSummary& data);

/// Images trained on with this train_fraction, in fold 0; it must be one of the study's.
std::size_t trained_images(const DataSummary& data, double train_fraction);

/// Images of a part over trained_images(), in fold 0; 0 where none were.
double scored_to_trained(const DataSummary& data, std::size_t ClassCount::*part,
                         double train_fraction);

/// All finished units of one architecture, strategy, level and train_fraction at the learning rate
/// that validation chose: of the rates at which most units finished (a rate must not win by the
/// seeds that it lost) the one with the highest mean validation AUC, the smaller when equal.
struct LevelSummary {
  std::string architecture;
  std::string strategy;
  Level level;
  double train_fraction = 1;
  double learning_rate = 0;   ///< NaN when no unit finished
  std::vector<double> rates;  ///< all learning rates that were tried, ascending
  /// Of the chosen rate, finished; they live in the journal's content.
  std::vector<const UnitRecord*> units;
  std::size_t failed = 0;  ///< units of this level that failed, at any rate
  Mean valid_auc, test_auc, test_accuracy, test_balanced_accuracy, test_sensitivity,
      test_specificity, test_f1, test_log_loss;
  Mean seconds;  ///< wall time per unit
  Mean train_seconds;
  std::vector<double> similarity;  ///< UnitRecord's by block, mean over units; empty: not measured
  double flops = 0;                ///< per image and training step: prefix + forward + backward
  std::int64_t trainable_parameters = 0;
  std::int64_t peak_memory_bytes = 0;  ///< largest
  /// No other level of the study, of any architecture, has at least this test AUC in at most this
  /// time per unit and is better in one of the two.
  bool on_pareto_front = false;
};

/// One summary for every level of the study, of one train_fraction (without units where none has
/// finished): architectures in the study's order, levels of one strategy next to each other,
/// shallow first; norm-only after head. The summaries point into `units`, which must outlive them.
std::vector<LevelSummary> summarize(const StudyRecord& study, const std::vector<UnitRecord>& units,
                                    double train_fraction);
std::vector<LevelSummary> summarize(const StudyRecord&, std::vector<UnitRecord>&&, double) = delete;

/// The summaries of each architecture, as indices.
std::map<std::string, std::vector<std::size_t>> by_architecture(
    const std::vector<LevelSummary>& summaries);

/// Of the largest train_fraction: the levels that are compared and of which one is recommended.
std::vector<LevelSummary> summarize(const StudyRecord& study, const std::vector<UnitRecord>& units);
std::vector<LevelSummary> summarize(const StudyRecord&, std::vector<UnitRecord>&&) = delete;

}  // namespace fathom::results
