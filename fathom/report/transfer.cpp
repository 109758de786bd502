#include "fathom/report/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "fathom/report/probe.h"
#include "fathom/report/text.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::LevelSummary;

/// The boundary where a level's tuning begins; null for norm-only, and other strategies.
const results::ProbedBoundary* boundary_below(const results::ProbeRecord& probe,
                                              const LevelSummary& level,
                                              const std::vector<LevelSummary>& summaries) {
  const auto found = std::ranges::find_if(probe.boundaries, [&](const auto& boundary) {
    return results::level_above(probe, boundary, summaries) == &level;
  });
  return found == probe.boundaries.end() ? nullptr : &*found;
}

/// "0.790 after fire9": the tuned block whose features are least like the pretrained network's.
std::string least_similarity(const LevelSummary& level, const std::vector<std::string>& blocks) {
  double least = NAN;
  std::size_t where = 0;
  for (std::size_t b = 0; b < level.similarity.size(); ++b) {
    if (!tunes(level.level, b, blocks.size()) || level.similarity[b] >= least) continue;
    if (std::isnan(level.similarity[b])) continue;
    least = level.similarity[b];
    where = b;
  }
  return std::isnan(least) ? "-" : fmt::format("{:.3f} after {}", least, blocks[where]);
}

/// What the rows of one architecture show.
struct Shown {
  const results::ProbeSummary* probe;
  bool similarity;
};

std::vector<TextColumn> columns_of(const Shown& shown) {
  std::vector<TextColumn> columns{{"level", false, 110}};
  if (shown.probe) {
    columns.push_back({"frozen probe [95 %]", true, 100});
    columns.push_back({"LogME", true, 60});
    columns.push_back({"tuned", true, 80});
  }
  if (shown.similarity) columns.push_back({"least CKA", true, 90});
  return columns;
}

std::vector<std::string> cells_of(const Study& study, const Shown& shown, const LevelSummary& level,
                                  const std::vector<std::string>& blocks) {
  std::vector<std::string> cells{results::level_name(level)};
  if (shown.probe) {
    const results::ProbedBoundary* below =
        boundary_below(shown.probe->mean, level, study.summaries);
    cells.push_back(below ? probed_auc_in_words(below->test) : "-");
    cells.push_back(below ? results::fixed(below->logme, 4) : "-");
    cells.push_back(results::fixed(level.test_auc.mean, 3));
  }
  if (shown.similarity) cells.push_back(least_similarity(level, blocks));
  return cells;
}

std::string legend(const Shown& shown) {
  std::string text;
  if (shown.probe) {
    text = fmt::format(
        "frozen probe: test AUC of a linear classifier on the frozen features where the tuning of "
        "the level begins ({}); LogME: of these features; tuned: test AUC",
        shown.probe->scope_in_words());
  }
  if (shown.similarity) {
    text += fmt::format(
        "{}least CKA: likeness to the pretrained features after the block that "
        "changed most, 1 = unchanged",
        text.empty() ? "" : "; ");
  }
  return text;
}

}  // namespace

std::string transfer_text(const Study& study, std::size_t architecture, std::size_t width) {
  const results::ArchitectureSummary& studied = study.content.study->architectures[architecture];
  Shown shown{probe_of(study, studied.name), false};
  for (const LevelSummary& level : study.summaries) {
    if (level.architecture != studied.name) continue;
    shown.similarity |= least_similarity(level, studied.blocks) != "-";
  }
  if (!shown.probe && !shown.similarity) return "";
  std::vector<TextColumn> columns = columns_of(shown);
  for (const LevelSummary& level : study.summaries) {
    if (level.architecture != studied.name) continue;
    std::vector<std::string> cells = cells_of(study, shown, level, studied.blocks);
    for (std::size_t i = 0; i < cells.size(); ++i) columns[i].cells.push_back(std::move(cells[i]));
  }
  std::string text =
      "\n" + text_table(std::move(columns), width) + wrapped(legend(shown), width, "", "");
  if (shown.probe) {
    const results::ProbeAgreement agreement =
        results::agreement_of(shown.probe->mean, study.summaries);
    if (agreement.levels > 1) {
      text += wrapped(agreement.figures_in_words() + " A tendency at most: levels share images.",
                      width, "  • ", "    ");
    }
  }
  return text;
}

}  // namespace fathom::report
