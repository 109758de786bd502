#include "fathom/report/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace fathom::report {
namespace {

using results::LevelFigure;
using results::LevelSummary;
using results::Mean;

/// `figure`: null without predictions, for which `over_trainings` then stands in.
std::optional<Coverage> coverage_of_figure(const LevelSummary& level, const LevelFigure* figure,
                                           const Mean& over_trainings) {
  if (!figure || std::isnan(figure->mean)) {
    if (over_trainings.count < 2) return std::nullopt;
    return Coverage::trainings;
  }
  if (std::isnan(figure->widest().low)) return std::nullopt;
  if (std::isnan(figure->over_all.low)) return Coverage::images;
  const bool several_folds = std::ranges::any_of(level.units, [&](const auto* unit) {
    return unit->key.fold != level.units.front()->key.fold;
  });
  if (!several_folds) return Coverage::seeds_and_images;
  return std::isnan(figure->over_images.low) ? Coverage::folds : Coverage::folds_and_images;
}

const char* in_words(Coverage coverage) {
  switch (coverage) {
    case Coverage::seeds_and_images:
      return "other seeds and other images";
    case Coverage::folds:
      return "other folds";
    case Coverage::folds_and_images:
      return "other folds, on test also other images";
    case Coverage::images:
      return "other images alone (of one training)";
    case Coverage::trainings:
      return "other trainings alone (without predictions)";
  }
  return "";
}

}  // namespace

std::set<Coverage> coverage_of(const std::vector<LevelSummary>& summaries,
                               const std::vector<results::LevelPrecision>& precisions,
                               const std::string& architecture) {
  std::set<Coverage> found;
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    const LevelSummary& level = summaries[i];
    if (level.architecture != architecture || level.units.empty()) continue;
    const auto images = precisions[i].test.find(results::Cases::images);
    const LevelFigure* test =
        images == precisions[i].test.end() ? nullptr : &images->second[stats::Figure::auc];
    for (const auto& one : {coverage_of_figure(level, &precisions[i].valid_auc, level.valid_auc),
                            coverage_of_figure(level, test, level.test_auc)}) {
      if (one) found.insert(*one);
    }
  }
  if (found.contains(Coverage::folds_and_images)) found.erase(Coverage::folds);  // of validation
  return found;
}

std::string mean_in_words(const std::set<Coverage>& coverage) {
  std::string over;
  for (const Coverage one : coverage)
    over += (over.empty() ? "" : " or ") + std::string(in_words(one));
  return "mean over trainings" + (over.empty() ? "" : " [95 % interval over " + over + "]");
}

const char* trainings_in_words(std::size_t folds) {
  return folds > 1 ? "trainings (all folds and seeds, which it takes for independent)"
                   : "trainings";
}

}  // namespace fathom::report
