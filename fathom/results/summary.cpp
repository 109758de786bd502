#include "fathom/results/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "fathom/base/error.h"
#include "fathom/stats/intervals.h"
#include "fathom/stats/undefined.h"

namespace fathom::results {
namespace {

/// The mean of one figure over units.
template <class Figure>
Mean mean_over(const std::vector<const UnitRecord*>& units, Figure figure) {
  std::vector<double> values;
  for (const UnitRecord* unit : units) values.push_back(figure(*unit));
  return mean_of(values);
}

Mean mean_test(const std::vector<const UnitRecord*>& units, double stats::Scores::*figure) {
  return mean_over(units, [&](const UnitRecord& unit) {
    return unit.test ? (*unit.test).*figure : stats::kUndefined;
  });
}

Mean mean_valid_auc(const std::vector<const UnitRecord*>& units) {
  return mean_over(units, [](const UnitRecord& unit) { return unit.validation.auc; });
}

/// The finished units at the learning rate that validation chooses.
std::vector<const UnitRecord*> choose_rate(const std::vector<const UnitRecord*>& finished) {
  std::map<double, std::vector<const UnitRecord*>> by_rate;  // small rates first
  for (const UnitRecord* unit : finished) by_rate[unit->key.learning_rate].push_back(unit);
  const auto merit = [](const std::vector<const UnitRecord*>& units) {
    const double auc = mean_valid_auc(units).mean;
    return std::pair(units.size(), std::isnan(auc) ? -1.0 : auc);
  };
  std::vector<const UnitRecord*> best;
  for (const auto& [rate, units] : by_rate) {
    if (best.empty() || merit(units) > merit(best)) best = units;
  }
  return best;
}

void fill_scores(LevelSummary& summary) {
  summary.valid_auc = mean_valid_auc(summary.units);
  summary.test_auc = mean_test(summary.units, &stats::Scores::auc);
  summary.test_accuracy = mean_test(summary.units, &stats::Scores::accuracy);
  summary.test_balanced_accuracy = mean_test(summary.units, &stats::Scores::balanced_accuracy);
  summary.test_sensitivity = mean_test(summary.units, &stats::Scores::sensitivity);
  summary.test_specificity = mean_test(summary.units, &stats::Scores::specificity);
  summary.test_f1 = mean_test(summary.units, &stats::Scores::f1);
  summary.test_log_loss = mean_test(summary.units, &stats::Scores::log_loss);
}

void fill_costs(LevelSummary& summary) {
  summary.seconds =
      mean_over(summary.units, [](const UnitRecord& unit) { return unit.cost.total_seconds; });
  summary.train_seconds =
      mean_over(summary.units, [](const UnitRecord& unit) { return unit.cost.train_seconds; });
  for (const UnitRecord* unit : summary.units) {
    const Cost& cost = unit->cost;
    summary.flops = cost.prefix_flops + cost.forward_flops + cost.backward_flops;
    summary.trainable_parameters = cost.trainable_parameters;
    summary.peak_memory_bytes = std::max(summary.peak_memory_bytes, cost.peak_memory_bytes);
  }
}

void fill_similarity(LevelSummary& summary) {
  if (summary.units.empty()) return;
  for (std::size_t block = 0; block < summary.units.front()->similarity.size(); ++block) {
    const auto of_block = [&](const UnitRecord& unit) { return unit.similarity.at(block); };
    summary.similarity.push_back(mean_over(summary.units, of_block).mean);
  }
}

/// The units that have the architecture, strategy, level and train_fraction of `summary`.
LevelSummary summarize_level(LevelSummary summary, const std::vector<UnitRecord>& units) {
  std::vector<const UnitRecord*> finished;
  std::set<double> rates;
  for (const UnitRecord& unit : units) {
    if (unit.key.architecture != summary.architecture || unit.key.strategy != summary.strategy ||
        unit.key.level != summary.level || unit.key.train_fraction != summary.train_fraction) {
      continue;
    }
    rates.insert(unit.key.learning_rate);
    if (unit.finished) {
      finished.push_back(&unit);
    } else {
      ++summary.failed;
    }
  }
  summary.rates.assign(rates.begin(), rates.end());
  summary.units = choose_rate(finished);
  summary.learning_rate =
      summary.units.empty() ? stats::kUndefined : summary.units.front()->key.learning_rate;
  fill_scores(summary);
  fill_costs(summary);
  fill_similarity(summary);
  return summary;
}

/// The strategies that units of an architecture used, in order of first appearance.
std::vector<std::string> strategies_of(const std::string& architecture,
                                       const std::vector<UnitRecord>& units) {
  std::vector<std::string> strategies;
  for (const UnitRecord& unit : units) {
    if (unit.key.architecture == architecture &&
        std::find(strategies.begin(), strategies.end(), unit.key.strategy) == strategies.end()) {
      strategies.push_back(unit.key.strategy);
    }
  }
  if (strategies.empty()) strategies.push_back(UnitKey().strategy);
  return strategies;
}

bool dominates(const LevelSummary& a, const LevelSummary& b) {
  return a.test_auc.mean >= b.test_auc.mean && a.seconds.mean <= b.seconds.mean &&
         (a.test_auc.mean > b.test_auc.mean || a.seconds.mean < b.seconds.mean);
}

void mark_pareto_front(std::vector<LevelSummary>& summaries) {
  for (LevelSummary& summary : summaries) {
    summary.on_pareto_front =
        summary.test_auc.count > 0 &&
        std::none_of(summaries.begin(), summaries.end(),
                     [&](const LevelSummary& other) { return dominates(other, summary); });
  }
}

}  // namespace

Json to_json(const Mean& mean) {
  return {{"mean", number_or_null(mean.mean)},
          {"standard_error", number_or_null(mean.standard_error)},
          {"low", number_or_null(mean.low)},
          {"high", number_or_null(mean.high)},
          {"count", mean.count}};
}

Mean mean_of(std::span<const double> values) {
  double sum = 0, squares = 0;
  std::size_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  const auto n = static_cast<double>(count);
  Mean result{.mean = count == 0 ? stats::kUndefined : sum / n,
              .standard_error = stats::kUndefined,
              .low = stats::kUndefined,
              .high = stats::kUndefined,
              .count = count};
  if (count < 2) return result;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value - result.mean) * (value - result.mean);
  }
  result.standard_error = std::sqrt(squares / (n - 1) / n);
  const stats::Interval interval =
      stats::student_interval(result.mean, result.standard_error, n - 1);
  result.low = interval.low;
  result.high = interval.high;
  return result;
}

double largest_fraction(const DataSummary& data) {
  return data.shares.empty() ? UnitKey().train_fraction : data.shares.back().train_fraction;
}

std::size_t trained_images(const DataSummary& data, double train_fraction) {
  std::size_t images = 0;
  if (data.shares.empty()) {
    for (const ClassCount& count : data.classes) images += count.train;
    return images;
  }
  const auto share = std::ranges::find(data.shares, train_fraction, &TrainingShare::train_fraction);
  FATHOM_CHECK(share != data.shares.end());
  return std::accumulate(share->images.begin(), share->images.end(), std::size_t{0});
}

double scored_to_trained(const DataSummary& data, std::size_t ClassCount::*part,
                         double train_fraction) {
  std::size_t scored = 0;
  for (const ClassCount& count : data.classes) scored += count.*part;
  const std::size_t trained = trained_images(data, train_fraction);
  return trained == 0 ? 0 : static_cast<double>(scored) / static_cast<double>(trained);
}

std::vector<LevelSummary> summarize(const StudyRecord& study,
                                    const std::vector<UnitRecord>& units) {
  return summarize(study, units, largest_fraction(study.data));
}

std::vector<LevelSummary> summarize(const StudyRecord& study, const std::vector<UnitRecord>& units,
                                    double train_fraction) {
  std::vector<LevelSummary> summaries;
  for (const ArchitectureSummary& architecture : study.architectures) {
    std::vector<Level> levels = architecture.levels;
    std::stable_sort(levels.begin(), levels.end(), is_shallower);
    for (const std::string& strategy : strategies_of(architecture.name, units)) {
      for (const Level& level : levels) {
        summaries.push_back(summarize_level({.architecture = architecture.name,
                                             .strategy = strategy,
                                             .level = level,
                                             .train_fraction = train_fraction},
                                            units));
      }
    }
  }
  mark_pareto_front(summaries);
  return summaries;
}

std::map<std::string, std::vector<std::size_t>> by_architecture(
    const std::vector<LevelSummary>& summaries) {
  std::map<std::string, std::vector<std::size_t>> indices;
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    indices[summaries[i].architecture].push_back(i);
  }
  return indices;
}

}  // namespace fathom::results
