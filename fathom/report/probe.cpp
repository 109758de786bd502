#include "fathom/report/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/clock.h"
#include "fathom/base/csv.h"
#include "fathom/report/text.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

std::string strength_in_words(double strength) {
  return std::isnan(strength) ? "by fold" : fmt::format("{:g}", strength);
}

std::string number_cell(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

}  // namespace

std::string probed_auc_in_words(const results::ProbedAuc& auc) {
  std::string value = results::fixed(auc.auc, 3);
  if (std::isnan(auc.interval.low)) return value;
  return fmt::format("{} [{:.3f}, {:.3f}]", value, auc.interval.low, auc.interval.high);
}

std::string probe_text(const results::ProbeSummary& probe, int width) {
  std::vector<TextColumn> columns{{"boundary above", false, 100},
                                  {"level", false, 50},
                                  {"features", true, 40},
                                  {"penalty", true, 10},
                                  {"validation AUC", true, 80},
                                  {"test AUC [95 %]", true, 90},
                                  {"LogME", true, 70}};
  for (const results::ProbedBoundary& boundary : probe.mean.boundaries) {
    const std::vector<std::string> cells{boundary.below,
                                         boundary.level,
                                         std::to_string(boundary.features),
                                         strength_in_words(boundary.strength),
                                         probed_auc_in_words(boundary.validation),
                                         probed_auc_in_words(boundary.test),
                                         results::fixed(boundary.logme, 4)};
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  const auto columns_wide = static_cast<std::size_t>(std::max(width, 60));
  return wrapped(fmt::format("{}, frozen: {}; in {}", probe.mean.architecture,
                             probe.scope_in_words(), human_duration(probe.mean.seconds)),
                 columns_wide, "", "  ") +
         text_table(std::move(columns), columns_wide);
}

std::string probe_csv(std::span<const results::ProbeRecord> probes) {
  std::string text = csv_line({"architecture", "boundary", "level", "features", "strength",
                               "validation_auc", "validation_auc_low", "validation_auc_high",
                               "test_auc", "test_auc_low", "test_auc_high", "logme", "fold"});
  for (const results::ProbeRecord& probe : probes) {
    for (const results::ProbedBoundary& b : probe.boundaries) {
      text += csv_line({probe.architecture, b.below, b.level, std::to_string(b.features),
                        number_cell(b.strength), number_cell(b.validation.auc),
                        number_cell(b.validation.interval.low),
                        number_cell(b.validation.interval.high), number_cell(b.test.auc),
                        number_cell(b.test.interval.low), number_cell(b.test.interval.high),
                        number_cell(b.logme), std::to_string(probe.fold)});
    }
  }
  return text;
}

Json probe_json(const Study& study, const results::ProbeSummary& probe) {
  Json json = to_json(probe.mean);
  json.erase("fold");
  json["folds"] = probe.folds;
  json["scope"] = probe.scope_in_words();
  json["agreement"] = to_json(results::agreement_of(probe.mean, study.summaries));
  json["by_fold"] = Json::array();
  for (const results::ProbeRecord& record : study.content.probes) {
    if (record.architecture != probe.mean.architecture) continue;
    json["by_fold"].push_back(to_json(record));
    json["by_fold"].back()["fold"] = record.fold;
  }
  return json;
}

const results::ProbeSummary* probe_of(const Study& study, const std::string& architecture) {
  const auto found = std::ranges::find_if(
      study.probes, [&](const auto& probe) { return probe.mean.architecture == architecture; });
  return found == study.probes.end() ? nullptr : &*found;
}

}  // namespace fathom::report
