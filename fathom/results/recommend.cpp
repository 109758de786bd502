// The recommendation and its reasons in words.
#include "fathom/results/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/results/cautions.h"
#include "fathom/results/words.h"

namespace fathom::results {
namespace {

/// One level of the comparison.
struct Contender {
  std::size_t position;  ///< in Comparison::levels
  std::size_t index;     ///< into all summaries
  const LevelSummary* summary;
  const LevelPrecision* precision;

  const LevelSummary* operator->() const { return summary; }
  double auc() const { return summary->valid_auc.mean; }
};
using Contenders = std::vector<Contender>;

constexpr int kDecimals = 4;  ///< of a difference of AUCs

std::string looks_best(const LevelSummary& level) {
  return fmt::format("For now {} looks best (validation AUC {}).", level_name(level),
                     fixed(level.valid_auc.mean, 3));
}

/// The answer where all levels could be compared, of which there are two or more.
class Answer {
 public:
  Answer(const std::vector<LevelSummary>& summaries, const std::vector<LevelPrecision>& precisions,
         const Comparison& comparison)
      : comparison_(comparison) {
    for (const std::size_t index : comparison.levels) {
      rated_.push_back({rated_.size(), index, &summaries[index], &precisions[index]});
    }
  }

  Recommendation make() const {
    const Contender* chosen = nullptr;
    for (const Contender& one : rated_) {
      if (!comparison_.is_good_enough(one.position)) continue;
      if (!chosen || one->flops < (*chosen)->flops) chosen = &one;
    }
    return chosen ? tell(*chosen) : cannot_tell();
  }

 private:
  const Contender& best() const { return rated_[comparison_.best]; }

  const stats::Estimate& against(const Contender& a, const Contender& b) const {
    return comparison_.valid.at(a.position, b.position);
  }

  std::string margin() const { return fmt::format("{:g}", comparison_.rule.margin); }

  Recommendation tell(const Contender& chosen) const {
    Recommendation answer{.kind = Recommendation::Kind::depth,
                          .chosen = chosen.index,
                          .best = best().index,
                          .headline = headline(chosen)};
    answer.reasons = {why_good_enough(chosen), why_not_shallower(chosen),
                      why_not_deeper(chosen),  what_it_costs(chosen, rated_),
                      on_test(chosen),         what_varies()};
    std::erase(answer.reasons, "");
    return answer;
  }

  Recommendation cannot_tell() const {
    Recommendation answer{.chosen = best().index, .best = best().index};
    if (!comparison_.no_error.empty()) {
      answer.headline = fmt::format("Cannot tell: the error of a difference is not known. {}",
                                    looks_best(*best().summary));
      answer.reasons = {comparison_.no_error, on_test(best())};
      return answer;
    }
    answer.headline =
        fmt::format("Cannot tell yet: no level is shown to be within {} AUC of all others. {}",
                    margin(), looks_best(*best().summary));
    answer.reasons = {what_is_open(), what_would_settle_it(), on_test(best()), what_varies()};
    std::erase(answer.reasons, "");
    return answer;
  }

  std::string headline(const Contender& chosen) const {
    const std::string opening = fmt::format("Tune {}: validation AUC {}", tuned_part(chosen->level),
                                            valid_auc_in_words(*chosen.summary, *chosen.precision));
    std::string saves;
    if (chosen.index != rated_.back().index) {
      saves = fmt::format(", in {} of the training time of {}",
                          percent(chosen->seconds.mean / rated_.back()->seconds.mean),
                          level_name(*rated_.back().summary));
    }
    return fmt::format(
        "{}, {}; no other level is better by {} or more (shown at {:g} % "
        "confidence){}.",
        opening,
        chosen.index == best().index
            ? "the highest"
            : fmt::format("the highest being {} ({})", fixed(best().auc(), 3),
                          level_name(*best().summary)),
        margin(), 100 * comparison_.rule.confidence, saves);
  }

  /// The level that is least ruled out to be better than `one` by the margin or more: by it `one`
  /// stands or falls.
  const Contender& rival_of(const Contender& one) const {
    const auto p_value = [&](const Contender& other) {
      return against(one, other).p_at_most(-comparison_.rule.margin);
    };
    const Contender* rival = nullptr;
    for (const Contender& other : rated_) {
      if (other.index == one.index) continue;
      if (!rival || p_value(other) > p_value(*rival)) rival = &other;
    }
    return *rival;
  }

  std::string why_good_enough(const Contender& chosen) const {
    const bool is_best = chosen.index == best().index;
    const Contender& rival = is_best ? rival_of(chosen) : best();
    const std::string against_rival =
        is_best ? fmt::format("Its closest rival, {}, reaches {:.4f}", level_name(*rival.summary),
                              rival.auc())
                : fmt::format("{} reaches {:.4f}", level_name(*chosen.summary), chosen.auc());
    return fmt::format(
        "Highest mean validation AUC: {}, {:.4f} over {}. {}; {} minus {} is {} (95 % interval). "
        "That it, or any other level, is better than {} by {} or more is ruled out (corrected p = "
        "{:.2g}).",
        level_name(*best().summary), best().auc(), units_in_words(*best().summary), against_rival,
        level_name(*chosen.summary), level_name(*rival.summary),
        difference_in_words(against(chosen, rival), kDecimals), level_name(*chosen.summary),
        margin(), comparison_.p_values[chosen.position]);
  }

  /// Of the level before, or of one before that which is good enough too but takes more.
  std::string why_not_shallower(const Contender& chosen) const {
    if (chosen.position == 0) return "It is the shallowest level.";
    const auto before = std::ranges::subrange(
        rated_.begin(), rated_.begin() + static_cast<std::ptrdiff_t>(chosen.position));
    const auto costlier = std::ranges::find_if(
        before, [&](const Contender& one) { return comparison_.is_good_enough(one.position); });
    if (costlier != before.end()) {
      return fmt::format("{} is good enough, too, but takes {:.2g} times the FLOPs.",
                         level_name(*costlier->summary), (*costlier)->flops / chosen->flops);
    }
    const Contender& nearest = rated_[chosen.position - 1];
    const Contender& rival = rival_of(nearest);
    const stats::Estimate& loss = against(nearest, rival);
    const bool worse = loss.interval().high < -comparison_.rule.margin;
    return fmt::format(
        "Of the shallower levels none is shown to stay within the margin. The nearest, {}, reaches "
        "{:.4f}: {} against {}, {} (corrected p = {:.2g}).",
        level_name(*nearest.summary), nearest.auc(), difference_in_words(loss, kDecimals),
        level_name(*rival.summary),
        worse ? "a loss beyond the margin" : "which may be a loss beyond the margin",
        comparison_.p_values[nearest.position]);
  }

  /// Empty of the deepest level.
  std::string why_not_deeper(const Contender& chosen) const {
    if (chosen.position + 1 == rated_.size()) return "";
    const auto deeper = std::max_element(
        rated_.begin() + static_cast<std::ptrdiff_t>(chosen.position) + 1, rated_.end(),
        [](const Contender& a, const Contender& b) { return a.auc() < b.auc(); });
    return fmt::format(
        "Tuning more gains less than the margin: the best deeper level, {}, differs by {} and "
        "takes {:.2g} times the time.",
        level_name(*deeper->summary), difference_in_words(against(*deeper, chosen), kDecimals),
        deeper->summary->seconds.mean / chosen->seconds.mean);
  }

  /// Seeds and images apart; empty where folds are compared.
  std::string what_varies() const {
    const stats::Contest& contest = comparison_.valid;
    if (comparison_.folds > 1 || std::isnan(contest.images)) return "";
    return fmt::format(
        "What the error is made of, as standard deviations of a difference of two levels: {:.4f} "
        "from training to training, over {} of each; {:.4f} by the choice of the validation "
        "images, "
        "however many seeds there are.",
        std::sqrt(contest.between_trainings), contest.trainings, std::sqrt(contest.images));
  }

  std::string what_is_open() const {
    const Contender* nearest = &best();  // also where no level is nearer
    for (const Contender& one : rated_) {
      const auto& p_values = comparison_.p_values;
      if (p_values[one.position] < p_values[nearest->position]) nearest = &one;
    }
    const Contender& rival = rival_of(*nearest);
    return fmt::format(
        "Nearest to an answer is {} (corrected p = {:.2g}, {:.2g} is needed): against {} its "
        "difference is {}.",
        level_name(*nearest->summary), comparison_.p_values[nearest->position],
        1 - comparison_.rule.confidence, level_name(*rival.summary),
        difference_in_words(against(*nearest, rival), kDecimals));
  }

  std::string what_would_settle_it() const {
    const stats::Needed needed = stats::enough_to_tell(comparison_.valid, comparison_.rule.margin,
                                                       comparison_.rule.confidence);
    return (comparison_.folds > 1 ? folds_in_words(needed) : seeds_and_images_in_words(needed)) +
           ". That is by simulation: in 80 % of repetitions with the variances seen here some "
           "level is told. A wider margin settles it sooner.";
  }

  static std::string folds_in_words(const stats::Needed& needed) {
    if (needed.trainings) {
      return fmt::format("About {} folds in all (--repeats) would settle it", *needed.trainings);
    }
    return fmt::format(
        "More folds (--repeats) would not settle it (up to {} in all tried), for they share their "
        "images; more images may",
        stats::kMostTrainingsTried);
  }

  static std::string seeds_and_images_in_words(const stats::Needed& needed) {
    std::string text =
        needed.trainings
            ? fmt::format("About {} seeds of every level would settle it", *needed.trainings)
            : fmt::format("More seeds alone would not settle it (up to {} tried)",
                          stats::kMostTrainingsTried);
    text += needed.images
                ? fmt::format("; with the seeds at hand, about {:g} times the validation images",
                              *needed.images)
                : fmt::format("; more validation images alone would not (up to {:g} times tried)",
                              stats::kMostImagesTried);
    if (!needed.both) return text;
    return text + fmt::format("; both together would, about {:g} times the seeds and the images",
                              *needed.both);
  }

  /// Time, FLOPs, memory and parameters of a level, in words.
  static std::string cost_of(const Contender& one) {
    return fmt::format(
        "{} per unit, {}FLOPs per image and training step, {:.2f} GiB of memory at "
        "its peak and {} trained parameters",
        human_duration(one->seconds.mean), human_count(one->flops),
        static_cast<double>(one->peak_memory_bytes) / (1 << 30),
        human_count(static_cast<double>(one->trainable_parameters)));
  }

  /// "76 % of the time", "none of the memory".
  static std::string saved(double own, double of, const char* what) {
    const double share = 1 - own / of;
    return fmt::format("{} of the {}", share >= 0.005 ? percent(share) : "none", what);
  }

  static std::string what_it_costs(const Contender& chosen, const Contenders& rated) {
    const Contender& deepest = rated.back();
    const std::string own =
        fmt::format("{} takes {}", level_name(*chosen.summary), cost_of(chosen));
    if (chosen.index == deepest.index) {
      return own + "; it is the deepest level, so it saves nothing.";
    }
    return fmt::format(
        "{}; {} takes {}. That saves {}, {} and {}. The frozen pass that all units share is not in "
        "these times.",
        own, level_name(*deepest.summary), cost_of(deepest),
        saved(chosen->seconds.mean, deepest->seconds.mean, "time"),
        saved(chosen->flops, deepest->flops, "FLOPs"),
        saved(static_cast<double>(chosen->peak_memory_bytes),
              static_cast<double>(deepest->peak_memory_bytes), "memory"));
  }

  static std::string why_no_test_auc(const LevelSummary& level) {
    const bool scored = std::ranges::any_of(
        level.units, [](const UnitRecord* unit) { return unit->test.has_value(); });
    return scored ? "The test split has images of one class only, so no AUC is defined on it; its "
                    "other scores are in the report."
                  : "The test split has not been scored.";
  }

  std::string on_test(const Contender& chosen) const {
    if (chosen->test_auc.count == 0) return why_no_test_auc(*chosen.summary);
    const auto in_words = [](const Contender& one) {
      return test_auc_in_words(*one.summary, *one.precision, 4);
    };
    std::string text =
        fmt::format("Test AUC of {}: {} (95 % interval over {})", level_name(*chosen.summary),
                    in_words(chosen), test_coverage_in_words(*chosen.summary, *chosen.precision));
    const Contender& deepest = rated_.back();
    if (deepest.index != chosen.index && deepest->test_auc.count > 0) {
      text += fmt::format("; of {}: {}", level_name(*deepest.summary), in_words(deepest));
    }
    return text + ". " + comparison_.say_of_test_in_words();
  }

  const Comparison& comparison_;
  Contenders rated_;
};

Recommendation no_units(const std::vector<LevelSummary>& summaries, std::size_t first) {
  Recommendation none{.chosen = first, .best = first};
  none.headline = "Cannot tell: no unit has finished with a validation AUC.";
  std::size_t failed = 0;
  for (const LevelSummary& level : summaries) {
    failed += level.architecture == summaries[first].architecture ? level.failed : 0;
  }
  if (failed > 0) {
    none.reasons.push_back(fmt::format("{} unit{} failed; their reasons are listed in the report.",
                                       failed, failed == 1 ? "" : "s"));
  }
  return none;
}

/// The level that looks best where no two units of any can be compared.
Recommendation provisional(const std::vector<LevelSummary>& summaries, std::size_t best) {
  Recommendation answer{.chosen = best, .best = best};
  answer.headline =
      "Cannot tell yet: no level has two units to compare. " + looks_best(summaries[best]);
  if (summaries[best].units.size() > 1) {
    answer.reasons = {
        "Without the predictions of its units the error of a difference is not known."};
    return answer;
  }
  answer.reasons = {
      "One unit does not show how far the AUC moves by chance alone, so a difference between two "
      "levels may be luck.",
      "Run at least 3 seeds (--seeds 3); the units that are done count and are not run again."};
  return answer;
}

/// The index of the highest mean validation AUC so far, of all levels with a finished training.
std::optional<std::size_t> best_so_far(const std::vector<LevelSummary>& summaries,
                                       const std::vector<std::size_t>& levels) {
  std::optional<std::size_t> best;
  for (const std::size_t index : levels) {
    const Mean& auc = summaries[index].valid_auc;
    if (auc.count > 0 && (!best || auc.mean > summaries[*best].valid_auc.mean)) best = index;
  }
  return best;
}

/// Some levels can be compared and some cannot: one of these may be the best.
Recommendation half_run(const std::vector<LevelSummary>& summaries,
                        const std::vector<std::size_t>& levels, const Comparison& comparison) {
  const std::size_t best = *best_so_far(summaries, levels);
  return {
      .chosen = best,
      .best = best,
      .headline = fmt::format(
          "Cannot tell yet: {} of {} levels cannot be compared. {}", comparison.missing.size(),
          comparison.missing.size() + comparison.levels.size(), looks_best(summaries[best])),
      .reasons = {"A level that is not compared may be the one to take, so none is recommended. "
                  "Run the study again: what is done counts. A level that cannot be trained "
                  "here is better left out, in a study of its own folder."}};
}

Recommendation only_level(const LevelSummary& level, std::size_t index) {
  return {.chosen = index,
          .best = index,
          .headline = fmt::format(
              "Nothing to choose: {} is the only level of this study (validation AUC {}). Study "
              "more depths for a recommendation.",
              level_name(level), mean_and_error(level.valid_auc, 3))};
}

Recommendation without_comparison(const std::vector<LevelSummary>& summaries,
                                  const std::vector<std::size_t>& levels) {
  const auto best = best_so_far(summaries, levels);
  return best ? provisional(summaries, *best) : no_units(summaries, levels.front());
}

}  // namespace

Recommendation recommend(const std::vector<LevelSummary>& summaries,
                         const std::vector<LevelPrecision>& precisions,
                         const std::string& architecture, const Comparison& comparison) {
  FATHOM_CHECK(precisions.size() == summaries.size());
  const std::vector<std::size_t> levels = levels_of(summaries, architecture);
  FATHOM_CHECK(!levels.empty());
  const auto answer_of = [&]() -> Recommendation {
    const LevelSummary& first = summaries[levels.front()];
    if (levels.size() == 1 && !first.units.empty()) return only_level(first, levels.front());
    if (comparison.levels.empty()) return without_comparison(summaries, levels);
    if (!comparison.missing.empty()) return half_run(summaries, levels, comparison);
    return Answer(summaries, precisions, comparison).make();
  };
  Recommendation answer = answer_of();
  answer.rule = comparison.rule.in_words();
  const std::vector<std::string> cautions =
      cautions_on(answer, summaries, architecture, comparison);
  answer.reasons.insert(answer.reasons.end(), cautions.begin(), cautions.end());
  return answer;
}

}  // namespace fathom::results
