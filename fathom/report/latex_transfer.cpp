#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "fathom/report/latex_table.h"
#include "fathom/report/probe.h"
#include "fathom/report/transfer.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::LevelSummary;

constexpr std::size_t kLevelsATable = 12;  // that fit into the width of a page, in small print

std::string number(double value, int decimals) {
  return std::isnan(value) ? "--" : fmt::format("${:.{}f}$", value, decimals);
}

std::string probed_cell(const results::ProbedAuc& auc) {
  return std::isnan(auc.auc) ? "--" : probed_auc_in_words(auc);
}

/// The levels of an architecture of which it was measured what tuning changed.
std::vector<const LevelSummary*> measured_levels(const Study& study,
                                                 const results::ArchitectureSummary& studied) {
  std::vector<const LevelSummary*> levels;
  for (const LevelSummary& level : study.summaries) {
    const bool any_tuned = level.level.norm_only || level.level.depth > 0;
    if (level.architecture == studied.name && any_tuned && !level.similarity.empty()) {
      levels.push_back(&level);
    }
  }
  return levels;
}

/// "3", "norm", "3 (lp-ft)".
std::string depth_title(const LevelSummary& level) {
  const bool plain = level.strategy == results::UnitKey().strategy;
  return (level.level.norm_only ? "norm" : std::to_string(level.level.depth)) +
         (plain ? "" : " (" + escaped(level.strategy) + ")");
}

std::string similarity_table(const results::ArchitectureSummary& studied,
                             std::span<const LevelSummary* const> levels) {
  std::vector<std::string> titles{"Block"};
  for (const LevelSummary* level : levels) titles.push_back(depth_title(*level));
  std::vector<std::vector<std::string>> rows;
  for (std::size_t b = 0; b < studied.blocks.size(); ++b) {
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(escaped(studied.blocks[b]));
    for (const LevelSummary* level : levels) {
      const bool tuned = tunes(level->level, b, studied.blocks.size());
      row.push_back(tuned ? number(level->similarity.at(b), 2) : "");
    }
  }
  return latex_table(
      fmt::format(
          "Where fine-tuning changed {}: similarity (linear CKA) of the features after each "
          "block, bottom first, with those of the pretrained network on the same test "
          "images, mean over trainings, by the number of tuned blocks{}. Empty: frozen, 1 "
          "by construction.",
          escaped(studied.title),
          std::ranges::any_of(levels, [](const auto* level) { return level->level.norm_only; })
              ? " (norm: normalization layers and head alone)"
              : ""),
      titles, rows);
}

}  // namespace

std::string probe_table(const Study& study, std::size_t architecture) {
  const results::ArchitectureSummary& studied = study.content.study->architectures[architecture];
  const results::ProbeSummary* probe = probe_of(study, studied.name);
  if (!probe) return "";
  std::vector<std::vector<std::string>> rows;
  for (const results::ProbedBoundary& boundary : probe->mean.boundaries) {
    const LevelSummary* level = results::level_above(probe->mean, boundary, study.summaries);
    rows.push_back({escaped(boundary.below), probed_cell(boundary.validation),
                    probed_cell(boundary.test), number(boundary.logme, 4), escaped(boundary.level),
                    level ? number(level->test_auc.mean, 3) : "--"});
  }
  return latex_table(
      fmt::format("What the frozen features of {} tell before any tuning: AUC of a linear probe on "
                  "the output of each block, bottom first, and LogME ({}). Beside them the level "
                  "that tunes all blocks above, and its mean test AUC over trainings. {} These "
                  "intervals take levels for independent.",
                  escaped(studied.title), escaped(probe->scope_in_words()),
                  escaped(results::agreement_of(probe->mean, study.summaries).figures_in_words())),
      {"Output of", "Probe, validation", "Probe, test", "LogME", "Level", "Tuned, test"}, rows);
}

std::string similarity_tables(const Study& study, std::size_t architecture) {
  const results::ArchitectureSummary& studied = study.content.study->architectures[architecture];
  const std::vector<const LevelSummary*> levels = measured_levels(study, studied);
  std::string text;
  for (std::size_t start = 0; start < levels.size(); start += kLevelsATable) {
    const std::size_t count = std::min(kLevelsATable, levels.size() - start);
    text += (start > 0 ? "\n" : "") +
            similarity_table(studied, std::span(levels).subspan(start, count));
  }
  return text;
}

}  // namespace fathom::report
