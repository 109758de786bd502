#include "fathom/report/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/clock.h"
#include "fathom/base/csv.h"
#include "fathom/report/text.h"
#include "fathom/results/agreement.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

std::string auc_in_words(const results::AucOverImages& auc) {
  std::string value = results::fixed(auc.auc, 3);
  if (std::isnan(auc.interval.low)) return value;
  return fmt::format("{} [{:.3f}, {:.3f}]", value, auc.interval.low, auc.interval.high);
}

std::string number_cell(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

}  // namespace

std::string probe_text(const results::ProbeRecord& probe, int width) {
  std::vector<TextColumn> columns{{"boundary above", false, 100},
                                  {"level", false, 50},
                                  {"features", true, 40},
                                  {"penalty", true, 10},
                                  {"validation AUC", true, 80},
                                  {"test AUC [95 %]", true, 90},
                                  {"LogME", true, 70}};
  for (const results::ProbedBoundary& boundary : probe.boundaries) {
    const std::vector<std::string> cells{boundary.below,
                                         boundary.level,
                                         std::to_string(boundary.features),
                                         fmt::format("{:g}", boundary.strength),
                                         auc_in_words(boundary.validation),
                                         auc_in_words(boundary.test),
                                         results::fixed(boundary.logme, 4)};
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  const auto columns_wide = static_cast<std::size_t>(std::max(width, 60));
  return wrapped(fmt::format("{}, frozen: fitted to {} images, {} for validation and {} for test, "
                             "in {}",
                             probe.architecture, probe.train, probe.valid, probe.test,
                             human_duration(probe.seconds)),
                 columns_wide, "", "  ") +
         text_table(std::move(columns), columns_wide);
}

std::string probe_csv(std::span<const results::ProbeRecord> probes) {
  std::string text = csv_line({"architecture", "boundary", "level", "features", "strength",
                               "validation_auc", "validation_auc_low", "validation_auc_high",
                               "test_auc", "test_auc_low", "test_auc_high", "logme"});
  for (const results::ProbeRecord& probe : probes) {
    for (const results::ProbedBoundary& b : probe.boundaries) {
      text +=
          csv_line({probe.architecture, b.below, b.level, std::to_string(b.features),
                    number_cell(b.strength), number_cell(b.validation.auc),
                    number_cell(b.validation.interval.low), number_cell(b.validation.interval.high),
                    number_cell(b.test.auc), number_cell(b.test.interval.low),
                    number_cell(b.test.interval.high), number_cell(b.logme)});
    }
  }
  return text;
}

Json probe_json(const Study& study, const results::ProbeRecord& probe) {
  Json json = to_json(probe);
  json["agreement"] = to_json(results::agreement_of(probe, study.summaries));
  return json;
}

Json probe_of_json(const Study& study, const std::string& architecture) {
  const auto& probes = study.content.probes;
  const auto found = std::ranges::find(probes, architecture, &results::ProbeRecord::architecture);
  return found == probes.end() ? Json(nullptr) : probe_json(study, *found);
}

}  // namespace fathom::report
