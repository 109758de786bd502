#include "fathom/results/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace fathom::results {

std::string fixed(double value, int decimals) {
  return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, decimals);
}

std::string mean_and_error(const Mean& mean, int decimals) {
  if (mean.count < 2) return fixed(mean.mean, decimals);
  return fixed(mean.mean, decimals) + " ± " + fixed(mean.standard_error, decimals);
}

namespace {

std::string with_interval(double value, const stats::Interval& interval, int decimals) {
  if (std::isnan(interval.low)) return fixed(value, decimals);
  return fmt::format("{} [{}, {}]", fixed(value, decimals), fixed(interval.low, decimals),
                     fixed(interval.high, decimals));
}

}  // namespace

std::string valid_auc_in_words(const LevelSummary& level, const LevelPrecision& precision) {
  return with_interval(level.valid_auc.mean, precision.valid_auc.widest(), 3);
}

std::string test_auc_in_words(const LevelSummary& level, const LevelPrecision& precision,
                              int decimals) {
  const auto [mean, interval] = test_auc_of(level, precision);
  return with_interval(mean, interval, decimals);
}

std::string test_coverage_in_words(const LevelSummary& level, const LevelPrecision& precision) {
  const auto figures = precision.test.find(Cases::images);
  if (figures == precision.test.end()) return units_in_words(level) + " on these images";
  const bool covers_images = !std::isnan(figures->second[stats::Figure::auc].over_images.low);
  return units_in_words(level) + (covers_images ? " and other images" : "");
}

std::string difference_in_words(const stats::Estimate& difference, int decimals) {
  if (std::isnan(difference.standard_error)) return "-";
  const stats::Interval interval = difference.interval();
  return fmt::format("{:+.{}f} [{:+.{}f}, {:+.{}f}]", difference.value, decimals, interval.low,
                     decimals, interval.high, decimals);
}

std::string human_count(double value) {
  constexpr const char* kUnits[] = {"", " k", " M", " G", " T"};
  if (value < 9999.5) return fmt::format("{:.0f}", value);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", value, decimals, kUnits[unit]);
}

std::string percent(double share) {
  if (std::isnan(share)) return "-";
  return fmt::format("{:.{}f} %", 100 * share, share < 0.0095 ? 1 : 0);
}

std::string tuned_part(const Level& level) {
  if (level.norm_only) return "the normalization layers and the head";
  if (level.depth == 0) return "the head only";
  if (level.name == "all") return fmt::format("all {} blocks", level.depth);
  if (level.depth == 1) return fmt::format("the top block ({})", level.name);
  return fmt::format("the top {} blocks (from {})", level.depth, level.name);
}

std::string level_name(const LevelSummary& summary) {
  const bool plain = summary.strategy == UnitKey().strategy;
  return summary.level.name + (plain ? "" : " (" + summary.strategy + ")");
}

std::string listed_in_words(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  }
  return text;
}

std::string units_in_words(const LevelSummary& summary) {
  std::set<std::uint64_t> seeds;
  std::set<int> folds;
  for (const UnitRecord* unit : summary.units) {
    seeds.insert(unit->key.seed);
    folds.insert(unit->key.fold);
  }
  const std::string text = fmt::format("{} seed{}", seeds.size(), seeds.size() == 1 ? "" : "s");
  return folds.size() < 2 ? text : fmt::format("{} x {} folds", text, folds.size());
}

}  // namespace fathom::results
