// The one-standard-error rule and its reasons in words.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/results/summary.h"
#include "fathom/results/words.h"

namespace fathom::results {
namespace {

constexpr const char* kRule =
    "The shallowest level whose mean validation AUC is within one standard error of the highest "
    "mean (the best level's standard error over seeds x folds; Breiman et al. 1984).";

/// One level in the contest.
struct Contender {
  std::size_t index;  ///< into all summaries
  const LevelSummary* summary;

  const LevelSummary* operator->() const { return summary; }
  double auc() const { return summary->valid_auc.mean; }
  std::size_t units() const { return summary->valid_auc.count; }
};
using Contenders = std::vector<Contender>;

/// All levels of an architecture, shallow first; of one level the better strategy first.
Contenders contenders_of(const std::vector<LevelSummary>& summaries,
                         const std::string& architecture) {
  Contenders all;
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    if (summaries[i].architecture == architecture) all.push_back({i, &summaries[i]});
  }
  std::stable_sort(all.begin(), all.end(), [](const Contender& a, const Contender& b) {
    if (is_shallower(a->level, b->level) || is_shallower(b->level, a->level)) {
      return is_shallower(a->level, b->level);
    }
    return a.units() > 0 && b.units() > 0 && a.auc() > b.auc();
  });
  return all;
}

Contenders with_units(const Contenders& all, std::size_t at_least) {
  Contenders some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const Contender& one) { return one.units() >= at_least; });
  return some;
}

/// The highest mean validation AUC; the shallowest of equals.
Contender best_of(const Contenders& contenders) {
  return *std::max_element(
      contenders.begin(), contenders.end(),
      [](const Contender& a, const Contender& b) { return a.auc() < b.auc(); });
}

std::string in_time_of(const Contender& chosen, const Contender& deepest) {
  if (chosen.index == deepest.index) return "";
  return fmt::format(", in {} of the time of {}",
                     percent(chosen->seconds.mean / deepest->seconds.mean),
                     level_name(*deepest.summary));
}

/// `complete`: every level of the study can be compared; otherwise no claim is made on the others.
std::string headline_of(const Contender& chosen, const Contender& best, const Contenders& rated,
                        bool complete) {
  const std::string opening = fmt::format("Tune {}: validation AUC {}", tuned_part(chosen->level),
                                          mean_and_error(chosen->valid_auc, 3));
  if (chosen.index != best.index) {
    return fmt::format("{}, within one standard error of the best level ({}, {}){}.", opening,
                       level_name(*best.summary), fixed(best.auc(), 3),
                       in_time_of(chosen, rated.back()));
  }
  if (rated.size() == 1) return opening + "; no other level can be compared with it.";
  if (chosen.index == rated.front().index) {
    return fmt::format("{}, the best of {} levels{} and the shallowest{}.", opening, rated.size(),
                       complete ? "" : " compared", in_time_of(chosen, rated.back()));
  }
  return fmt::format("{}, the best; no shallower level{} comes within one standard error of it{}.",
                     opening, complete ? "" : " that was compared",
                     in_time_of(chosen, rated.back()));
}

std::string why_good_enough(const Contender& chosen, const Contender& best) {
  const std::string best_part =
      fmt::format("Highest mean validation AUC: {}, {:.4f} with a standard error of {:.4f} over {}",
                  level_name(*best.summary), best.auc(), best->valid_auc.standard_error,
                  units_in_words(*best.summary));
  if (chosen.index == best.index) return best_part + ".";
  return fmt::format(
      "{}. {} reaches {:.4f}, {:.4f} below: less than that standard error, so "
      "deeper tuning is not shown to help.",
      best_part, level_name(*chosen.summary), chosen.auc(), best.auc() - chosen.auc());
}

std::string why_not_shallower(const Contender& chosen, const Contender& best,
                              const Contenders& rated, bool complete) {
  const auto at = std::find_if(rated.begin(), rated.end(),
                               [&](const Contender& one) { return one.index == chosen.index; });
  if (at == rated.begin()) return "No shallower level can be compared.";
  const Contender& nearest = *std::prev(at);
  return fmt::format(
      "Every shallower level{} falls short by more than one standard error; the "
      "nearest, {}, reaches {:.4f}, {:.4f} below the best.",
      complete ? "" : " that was compared", level_name(*nearest.summary), nearest.auc(),
      best.auc() - nearest.auc());
}

std::string what_it_costs(const Contender& chosen, const Contenders& rated, bool complete) {
  const Contender& deepest = rated.back();
  const std::string own = fmt::format(
      "{} takes {} per unit, {}FLOPs per image and training step, and trains {} parameters",
      level_name(*chosen.summary), human_duration(chosen->seconds.mean), human_count(chosen->flops),
      human_count(static_cast<double>(chosen->trainable_parameters)));
  if (chosen.index == deepest.index) {
    return fmt::format("{}; it is the deepest level{}, so it saves nothing.", own,
                       complete ? "" : " compared");
  }
  return fmt::format("{}; {} takes {}, {}FLOPs and {} parameters ({}, {} and {} of it).", own,
                     level_name(*deepest.summary), human_duration(deepest->seconds.mean),
                     human_count(deepest->flops),
                     human_count(static_cast<double>(deepest->trainable_parameters)),
                     percent(chosen->seconds.mean / deepest->seconds.mean),
                     percent(chosen->flops / deepest->flops),
                     percent(static_cast<double>(chosen->trainable_parameters) /
                             static_cast<double>(deepest->trainable_parameters)));
}

std::string on_test(const Contender& chosen, const Contenders& rated) {
  if (chosen->test_auc.count == 0) return "The test split has not been scored.";
  std::string text =
      fmt::format("Test AUC of {}: {} (95 % interval over {})", level_name(*chosen.summary),
                  mean_and_interval(chosen->test_auc, 4), units_in_words(*chosen.summary));
  const Contender& deepest = rated.back();
  if (deepest.index != chosen.index && deepest->test_auc.count > 0) {
    text += fmt::format("; of {}: {}", level_name(*deepest.summary),
                        mean_and_interval(deepest->test_auc, 4));
  }
  return text + ". The test split took no part in the choice.";
}

/// What makes the answer weaker than it looks.
void add_cautions(std::vector<std::string>& reasons, const Contenders& all, const Contender& best) {
  std::string unfinished, left_out;
  std::size_t failed = 0;
  for (const Contender& one : all) {
    failed += one->failed;
    std::string& list = one.units() == 0 ? unfinished : left_out;
    if (one.units() < 2) list += (list.empty() ? "" : ", ") + level_name(*one.summary);
  }
  if (!unfinished.empty()) {
    reasons.emplace_back("Not compared, because no unit has finished: " + unfinished + ".");
  }
  if (!left_out.empty()) {
    reasons.emplace_back("Not compared, because only one unit has finished: " + left_out + ".");
  }
  if (failed > 0) {
    reasons.push_back(fmt::format("{} unit{} failed; means are over the units that finished.",
                                  failed, failed == 1 ? "" : "s"));
  }
  const bool few = best.units() < 5;
  reasons.push_back(fmt::format(
      "{}The intervals say how much results vary between {} of these images; they do not cover "
      "other patients, scanners or sites.",
      few ? fmt::format("With {} units a standard error is itself rough: more seeds make the "
                        "answer firmer. ",
                        best.units())
          : "",
      units_in_words(*best.summary).find("folds") == std::string::npos ? "seeds on one split"
                                                                       : "seeds and splits"));
}

Recommendation no_units(const Contenders& all) {
  Recommendation none{.chosen = all.front().index, .best = all.front().index, .rule = kRule};
  std::size_t failed = 0;
  for (const Contender& one : all) failed += one->failed;
  none.headline = "Cannot tell: no unit has finished with a validation AUC.";
  if (failed > 0) {
    none.reasons.push_back(fmt::format("{} unit{} failed; their reasons are listed in the report.",
                                       failed, failed == 1 ? "" : "s"));
  }
  return none;
}

Recommendation provisional(const Contenders& finished) {
  const Contender best = best_of(finished);
  Recommendation answer{.chosen = best.index, .best = best.index, .rule = kRule};
  answer.headline = fmt::format(
      "Cannot tell yet: every level has one unit only. For now {} looks best (validation AUC {}).",
      level_name(*best.summary), fixed(best.auc(), 3));
  answer.reasons = {
      "One unit does not show how far the AUC moves by chance alone, so a difference between two "
      "levels may be luck.",
      "Run at least 3 seeds (--seeds 3); the units that are done count and are not run again."};
  return answer;
}

}  // namespace

Recommendation recommend(const std::vector<LevelSummary>& summaries,
                         const std::string& architecture) {
  const Contenders all = contenders_of(summaries, architecture);
  FATHOM_CHECK(!all.empty());
  const Contenders rated = with_units(all, 2);
  if (rated.empty()) {
    const Contenders finished = with_units(all, 1);
    return finished.empty() ? no_units(all) : provisional(finished);
  }
  const bool complete = rated.size() == all.size();
  const Contender best = best_of(rated);
  const double bar = best.auc() - best->valid_auc.standard_error;
  const Contender chosen = *std::find_if(rated.begin(), rated.end(),
                                         [&](const Contender& one) { return one.auc() >= bar; });
  Recommendation answer{.kind = Recommendation::Kind::depth,
                        .chosen = chosen.index,
                        .best = best.index,
                        .rule = kRule,
                        .headline = headline_of(chosen, best, rated, complete)};
  answer.reasons = {why_good_enough(chosen, best), why_not_shallower(chosen, best, rated, complete),
                    what_it_costs(chosen, rated, complete), on_test(chosen, rated)};
  add_cautions(answer.reasons, all, best);
  return answer;
}

}  // namespace fathom::results
