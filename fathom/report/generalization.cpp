#include "fathom/report/generalization.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "fathom/results/words.h"
#include "fathom/stats/groups.h"

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

bool is_among(const std::vector<UnitProblem>& problems, const results::UnitRecord* unit) {
  return std::ranges::find(problems, unit, &UnitProblem::unit) != problems.end();
}

bool has_no_error(const stats::AucSample& sample) {
  return sample.influence.empty() || std::isnan(sample.influence.front());
}

/// The levels of an architecture; of all where it is empty.
template <class Visit>
void for_each_level(const Study& study, const std::string& architecture, Visit visit) {
  for (std::size_t i = 0; i < study.summaries.size(); ++i) {
    if (architecture.empty() || study.summaries[i].architecture == architecture) visit(i);
  }
}

/// What intervals cover, of all figures that are added.
class CoverageInWords {
 public:
  explicit CoverageInWords(const Study& study)
      : trainings_(study.folds > 1 ? "folds" : "trainings") {}

  void add(const results::Measured& figure) {
    if (std::isnan(figure.interval.low)) return;
    both_ |= figure.covers_images && figure.trainings > 1;
    images_ |= figure.covers_images && figure.trainings == 1;
    alone_ |= !figure.covers_images;
  }

  bool has_trainings_alone() const { return alone_; }

  /// Empty where none has an interval.
  std::string in_words() const {
    std::vector<std::string> covered;
    if (both_) covered.push_back(fmt::format("over other {} and other images", trainings_));
    if (images_) covered.emplace_back("over other images alone (of one training)");
    if (alone_) covered.push_back(fmt::format("over other {} alone", trainings_));
    return fmt::format("{}", fmt::join(covered, " or "));
  }

 private:
  const char* trainings_;
  bool both_ = false, images_ = false, alone_ = false;
};

/// Why images have no part in the error of some trainings.
struct WithoutImages {
  bool not_kept = false, unusable = false, too_few_groups = false;

  std::string in_words() const {
    std::vector<std::string> reasons;
    if (not_kept) reasons.emplace_back("predictions were not kept");
    if (unusable) reasons.emplace_back("predictions cannot be used");
    if (too_few_groups) {
      reasons.push_back(fmt::format("a class is in fewer than {} groups", stats::kFewestGroups));
    }
    return fmt::format("{}", fmt::join(reasons, " or "));
  }
};

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

std::string generalization_coverage(const Study& study, const std::string& architecture) {
  CoverageInWords gaps(study), external(study), train(study);
  for_each_level(study, architecture, [&](std::size_t level) {
    const results::LevelGeneralization& found = study.generalizations[level];
    gaps.add(found.valid_to_test);
    for (const auto& [name, auc] : found.external) external.add(auc);
    for (const auto* one : {&found.train_auc, &found.train_to_valid, &found.log_loss_gap}) {
      train.add(*one);
    }
  });
  std::string text;
  for (const auto& [of, coverage] :
       {std::pair("validation minus test", &gaps), std::pair("external sets", &external),
        std::pair("training images", &train)}) {
    const std::string over = coverage->in_words();
    if (!over.empty()) text += fmt::format("{}of {} {}", text.empty() ? "" : "; ", of, over);
  }
  return text;
}

std::string corruption_coverage(const Study& study, const std::string& architecture) {
  CoverageInWords coverage(study);
  for_each_level(study, architecture, [&](std::size_t level) {
    const auto add = [&](const results::LevelGeneralization& found) {
      for (const auto* one : {&found.uncorrupted, &found.corrupted, &found.drop}) {
        coverage.add(*one);
      }
    };
    add(study.generalizations[level]);
    if (study.against_all[level]) add(*study.against_all[level]);
  });
  const std::string why =
      coverage.has_trainings_alone() ? why_without_corrupted_images(study, architecture) : "";
  return coverage.in_words() + (why.empty() ? "" : " (" + why + ")");
}

std::string why_without_corrupted_images(const Study& study, const std::string& architecture) {
  const results::Evidence& evidence = study.evidence;
  if (study.folds > 1 && !evidence.one_corrupted_part) return "";  // each has images of its own
  WithoutImages without;
  for_each_level(study, architecture, [&](std::size_t level) {
    for (const results::UnitRecord* unit : study.summaries[level].units) {
      if (unit->corruptions.empty()) continue;
      const auto found = evidence.units.find(unit);
      if (unit->corrupted_sha256.empty()) {
        without.not_kept = true;
      } else if (found == evidence.units.end() || is_among(evidence.corrupted_problems, unit)) {
        without.unusable = true;
      } else if (!found->second.corrupted) {
        without.too_few_groups = true;
      }
    }
  });
  return without.in_words();
}

std::string why_without_external_images(const Study& study, const std::string& architecture) {
  const results::Evidence& evidence = study.evidence;
  WithoutImages without;
  for_each_level(study, architecture, [&](std::size_t level) {
    for (const results::UnitRecord* unit : study.summaries[level].units) {
      for (const results::ExternalScores& set : unit->external) {
        const auto found = evidence.units.find(unit);
        if (found == evidence.units.end() || !found->second.external.contains(set.name)) {
          without.unusable = true;
        } else if (has_no_error(found->second.external.at(set.name))) {
          without.too_few_groups = true;
        }
      }
    }
  });
  return without.in_words();
}

}  // namespace fathom::report
