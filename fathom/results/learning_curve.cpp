#include "fathom/results/learning_curve.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/results/words.h"

namespace fathom::results {
namespace {

/// The best level of an architecture at a point.
struct Best {
  const CurvePoint* point;
  const LevelSummary* level;
};

std::vector<Best> best_levels(const std::vector<CurvePoint>& curve,
                              const std::string& architecture) {
  std::vector<Best> best;
  for (const CurvePoint& point : curve) {
    const LevelSummary* level = best_level(point, architecture);
    if (level) best.push_back({&point, level});
  }
  return best;
}

/// "moves deeper as images grow more" and the like.
std::string movement(const std::vector<Best>& best) {
  const auto shallower = [](const Best& a, const Best& b) {
    return is_shallower(a.level->level, b.level->level);
  };
  const bool never_shallower = std::ranges::is_sorted(best, shallower);
  const bool never_deeper = std::is_sorted(best.rbegin(), best.rend(), shallower);
  if (never_shallower && never_deeper) return "stays the same";
  if (never_shallower) return "gets deeper with more images";
  if (never_deeper) return "gets shallower with more images";
  return "moves to and fro";
}

/// What the last step gains at the level that is best with all images.
std::string last_step(const std::vector<Best>& best) {
  const LevelSummary& last = *best.back().level;
  const CurvePoint& before = *best[best.size() - 2].point;
  const auto same = std::ranges::find_if(before.summaries, [&](const LevelSummary& level) {
    return level.architecture == last.architecture && level.level == last.level &&
           level.strategy == last.strategy;
  });
  if (same == before.summaries.end() || same->test_auc.count == 0 || last.test_auc.count == 0) {
    return "";
  }
  return fmt::format(" From {} to {} images the mean test AUC of {} changes by {:+.3f}.",
                     before.images, best.back().point->images, level_name(last),
                     last.test_auc.mean - same->test_auc.mean);
}

}  // namespace

std::vector<CurvePoint> learning_curve(const StudyRecord& study,
                                       const std::vector<UnitRecord>& units) {
  std::vector<double> fractions;
  for (const TrainingShare& share : study.data.shares) fractions.push_back(share.train_fraction);
  if (fractions.empty()) fractions.push_back(largest_fraction(study.data));
  std::vector<CurvePoint> curve;
  for (const double fraction : fractions) {
    curve.push_back({fraction,
                     trained_images(study.data, fraction),
                     summarize(study, units, fraction),
                     {},
                     {}});
  }
  return curve;
}

const LevelSummary* best_level(const CurvePoint& point, const std::string& architecture) {
  const LevelSummary* best = nullptr;
  for (const LevelSummary& level : point.summaries) {
    if (level.architecture != architecture || level.valid_auc.count == 0) continue;
    if (!best || level.valid_auc.mean > best->valid_auc.mean) best = &level;
  }
  return best;
}

std::string curve_in_words(const std::vector<CurvePoint>& curve, const std::string& architecture) {
  const std::vector<Best> best = best_levels(curve, architecture);
  if (best.size() < 2) return "";
  std::string text;
  for (const Best& one : best) {
    text += fmt::format("{}{} with {}{} (test AUC {})", text.empty() ? "" : ", ",
                        level_name(*one.level), one.point->images,
                        text.empty() ? " training images" : "", fixed(one.level->test_auc.mean, 3));
  }
  return fmt::format(
      "The level with the highest validation AUC {}: {}.{} This is a description and no test: the "
      "rule compares levels with {} images alone, and of each smaller number one draw of images "
      "was tried.",
      movement(best), text, last_step(best), curve.back().images);
}

}  // namespace fathom::results
