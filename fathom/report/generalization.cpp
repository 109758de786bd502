#include "fathom/report/generalization.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::LevelSummary;
using results::UnitProblem;

/// The files of an architecture's units that could not be read; empty where all could. `what`: that
/// they are about.
std::string unread(const std::vector<UnitProblem>& problems, const std::string& architecture,
                   const char* what) {
  std::size_t count = 0;
  std::string first;
  for (const UnitProblem& problem : problems) {
    if (problem.unit->key.architecture != architecture) continue;
    if (++count == 1) first = problem.reason;
  }
  if (count == 0) return "";
  return fmt::format(
      "{} file{} with predictions of {} cannot be used, so that some intervals are over trainings "
      "alone: {}",
      count, count == 1 ? "" : "s", what, first);
}

}  // namespace

std::vector<std::string> generalization_notes(const Study& study,
                                              const results::Recommendation& recommendation) {
  const LevelSummary& level = study.summaries[recommendation.chosen];
  const bool told = recommendation.kind == results::Recommendation::Kind::depth;
  std::vector<std::string> notes;
  if (told && study.against_all[recommendation.chosen]) {
    const std::optional<std::size_t> all =
        results::full_tuning(study.summaries, recommendation.chosen);
    notes.push_back(results::robustness_in_words(*study.against_all[recommendation.chosen],
                                                 level_name(level),
                                                 level_name(study.summaries[*all])));
  }
  const results::Evidence& evidence = study.evidence;
  notes.push_back(unread(evidence.external_problems, level.architecture, "external sets"));
  notes.push_back(unread(evidence.corrupted_problems, level.architecture, "corrupted images"));
  std::erase(notes, "");
  return notes;
}

std::string corruption_coverage(const Study& study, const std::string& architecture) {
  bool both = false, images = false, trainings = false;
  for (std::size_t i = 0; i < study.summaries.size(); ++i) {
    const results::Measured& one = study.generalizations[i].corrupted;
    if (study.summaries[i].architecture != architecture || std::isnan(one.interval.low)) continue;
    both |= one.covers_images && one.trainings > 1;
    images |= one.covers_images && one.trainings == 1;
    trainings |= !one.covers_images;
  }
  std::vector<std::string> covered;
  if (both) {
    covered.push_back(
        fmt::format("over other {} and other images", study.folds > 1 ? "folds" : "trainings"));
  }
  if (images) covered.emplace_back("over other images alone (of one training)");
  if (trainings) {
    covered.emplace_back(
        study.folds > 1 ? "over other folds alone"
                        : "over other trainings alone, on these images (predictions on corrupted "
                          "images were not kept, or are of too few groups)");
  }
  std::string text;
  for (const std::string& one : covered) text += (text.empty() ? "" : " or ") + one;
  return text;
}

}  // namespace fathom::report
