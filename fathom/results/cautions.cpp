#include "fathom/results/cautions.h"

#include <fmt/format.h>

#include <set>

#include "fathom/results/words.h"

namespace fathom::results {
namespace {

/// "fire7 (1 training), all (none)": the levels without a comparison and what they have.
std::string missing_in_words(const std::vector<LevelSummary>& summaries,
                             const Comparison& comparison) {
  std::string text;
  for (const std::size_t index : comparison.missing) {
    const std::size_t have = summaries[index].units.size();
    text +=
        fmt::format("{}{} ({})", text.empty() ? "" : ", ", level_name(summaries[index]),
                    have == 0 ? "none" : fmt::format("{} training{}", have, have == 1 ? "" : "s"));
  }
  return text;
}

/// What the learning rates that were tried leave open.
void add_rates(std::vector<std::string>& cautions, const Recommendation& answer,
               const std::vector<LevelSummary>& summaries, const std::vector<std::size_t>& levels) {
  std::string one_rate;
  bool several = false;
  for (const std::size_t index : levels) {
    const LevelSummary& level = summaries[index];
    several |= level.rates.size() > 1;
    if (level.rates.size() != 1) continue;
    one_rate += (one_rate.empty() ? "" : ", ") + level_name(level);
  }
  if (levels.size() > 1 && !one_rate.empty()) {
    cautions.push_back("Only one learning rate was tried for " + one_rate +
                       ". One rate is not fair to all depths: a level may look worse for its rate "
                       "alone (--learning-rates, --head-learning-rates).");
  }
  for (const std::size_t index : std::set<std::size_t>{answer.chosen, answer.best}) {
    const LevelSummary& level = summaries[index];
    // Of two rates one is always at the end.
    if (level.rates.size() < 3 || level.units.empty()) continue;
    const bool largest = level.learning_rate == level.rates.back();
    if (!largest && level.learning_rate != level.rates.front()) continue;
    cautions.push_back(
        fmt::format("The learning rate that {} does best with, {:g}, is the {} of the {} tried; a "
                    "{} one may do better still.",
                    level_name(level), level.learning_rate, largest ? "largest" : "smallest",
                    level.rates.size(), largest ? "larger" : "smaller"));
  }
  cautions.push_back(fmt::format(
      "The epoch{} of every level {} chosen on the same validation images on which levels are "
      "compared, which the tests do not allow for: a level with more to choose from, or less "
      "steady "
      "training, may look better than it is.",
      several ? " and the learning rate" : "", several ? "were" : "was"));
}

}  // namespace

std::vector<std::string> cautions_on(const Recommendation& answer,
                                     const std::vector<LevelSummary>& summaries,
                                     const std::string& architecture,
                                     const Comparison& comparison) {
  const std::vector<std::size_t> levels = levels_of(summaries, architecture);
  std::vector<std::string> cautions;
  if (!comparison.missing.empty()) {
    cautions.push_back(fmt::format(
        "Not compared: {}. A level needs two finished trainings whose predictions can be used.",
        missing_in_words(summaries, comparison)));
  }
  std::size_t failed = 0;
  for (const std::size_t index : levels) {
    failed += summaries[index].failed;
  }
  if (failed > 0) {
    cautions.push_back(fmt::format("{} unit{} failed; means are over the units that finished.",
                                   failed, failed == 1 ? "" : "s"));
  }
  add_rates(cautions, answer, summaries, levels);
  if (comparison.folds == 1 && comparison.valid.trainings == 2) {
    cautions.emplace_back(
        "Two trainings of a level tell little of how far chance moves it: intervals are wide, and "
        "a "
        "level that varies more than the others may be taken too soon. Three seeds or more are "
        "advised (--seeds 3; what is done counts).");
  }
  cautions.insert(cautions.end(), comparison.cautions.begin(), comparison.cautions.end());
  cautions.emplace_back(
      comparison.folds > 1
          ? "Errors are between folds of these images; they do not cover other scanners or sites."
          : "Errors cover other seeds and other images like these on one split; they do not cover "
            "other scanners or sites.");
  return cautions;
}

}  // namespace fathom::results
