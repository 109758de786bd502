#include "fathom/report/generalization.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::LevelSummary;

/// The external sets of an architecture's units that could not be read; empty where all could.
std::string unread(const Study& study, const std::string& architecture) {
  std::size_t count = 0;
  std::string first;
  for (const results::UnitProblem& problem : study.evidence.external_problems) {
    if (problem.unit->key.architecture != architecture) continue;
    if (++count == 1) first = problem.reason;
  }
  if (count == 0) return "";
  return fmt::format(
      "{} file{} with predictions of external sets cannot be used, so that some intervals are over "
      "trainings alone: {}",
      count, count == 1 ? "" : "s", first);
}

}  // namespace

results::Generalization generalization_of(const Study& study) {
  return {*study.content.study, study.content.units, study.evidence};
}

const LevelSummary* full_tuning(const Study& study, const LevelSummary& level) {
  const auto found = std::ranges::find_if(study.summaries, [&](const LevelSummary& other) {
    return other.architecture == level.architecture && other.strategy == level.strategy &&
           other.level.name == "all" && !other.units.empty();
  });
  return found == study.summaries.end() || &*found == &level ? nullptr : &*found;
}

Json against_all_json(const Study& study, std::size_t summary) {
  const LevelSummary& level = study.summaries[summary];
  const LevelSummary* all = full_tuning(study, level);
  return all ? to_json(generalization_of(study).difference(level, *all)) : Json(nullptr);
}

std::vector<std::string> generalization_notes(const Study& study,
                                              const results::Recommendation& recommendation) {
  const LevelSummary& level = study.summaries[recommendation.chosen];
  const bool told = recommendation.kind == results::Recommendation::Kind::depth;
  const LevelSummary* all = told ? full_tuning(study, level) : nullptr;
  std::vector<std::string> notes;
  if (all) {
    notes.push_back(results::robustness_in_words(generalization_of(study).difference(level, *all),
                                                 level_name(level), level_name(*all)));
  }
  notes.push_back(unread(study, level.architecture));
  std::erase(notes, "");
  return notes;
}

}  // namespace fathom::report
