#include "fathom/report/cost_json.h"

#include <algorithm>
#include <limits>

namespace fathom::report {

using results::Cost;

Json cost_json(const results::LevelSummary& level) {
  if (level.units.empty()) return nullptr;
  const auto mean_of = [&](auto figure) {
    double sum = 0;
    for (const results::UnitRecord* unit : level.units) sum += figure(unit->cost);
    return number_or_null(sum / static_cast<double>(level.units.size()));
  };
  const Cost& cost = level.units.front()->cost;
  return {{"prefix_seconds", mean_of([](const Cost& one) { return one.prefix_seconds; })},
          {"train_seconds", mean_of([](const Cost& one) { return one.train_seconds; })},
          {"evaluate_seconds", mean_of([](const Cost& one) { return one.evaluate_seconds; })},
          {"extra_seconds", mean_of([](const Cost& one) {
             return one.extra_seconds.value_or(std::numeric_limits<double>::quiet_NaN());
           })},
          {"prefix_flops", number_or_null(cost.prefix_flops)},
          {"forward_flops", number_or_null(cost.forward_flops)},
          {"backward_flops", number_or_null(cost.backward_flops)},
          {"trainable_parameters", cost.trainable_parameters},
          {"total_parameters", cost.total_parameters},
          {"peak_memory_bytes", level.peak_memory_bytes}};
}

Json predicted_seconds(const results::JournalContent& content, const results::LevelSummary& level) {
  const auto found = std::ranges::find_if(content.estimates, [&](const auto& estimate) {
    return estimate.architecture == level.architecture && estimate.level == level.level &&
           estimate.train_fraction == level.train_fraction;
  });
  return found == content.estimates.end() ? Json(nullptr)
                                          : number_or_null(found->cost.total_seconds);
}

}  // namespace fathom::report
