// How the rule of the recommendation would do with other variances and degrees of freedom of a
// difference, on simulated figures of six levels whose truth is known: bench_freedom [STUDIES].
// Prints a Markdown table. The rule as it is, on simulated predictions: bench_rule.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/stats/contest.h"

namespace {

using namespace fathom;

constexpr double kMargin = 0.01, kConfidence = 0.95;
constexpr std::size_t kLevels = 6;
constexpr std::size_t kGroups = 500;  ///< of images, where these add an error

struct Scenario {
  const char* name;
  std::array<double, kLevels> truth;
  std::array<double, kLevels> spread;  ///< standard deviation between seeds
  std::size_t seeds;
  double images = 0;  ///< standard deviation that the images add to every level
  bool counts_wrong;  ///< else what is told is counted
};

using Samples = std::vector<std::vector<stats::AucSample>>;

Samples draw(const Scenario& scenario, Random& random) {
  Samples samples(kLevels);
  const std::size_t groups = scenario.images > 0 ? kGroups : 0;
  for (std::size_t k = 0; k < kLevels; ++k) {
    std::vector<double> influence(groups);
    double sum = 0;
    for (double& value : influence) {
      value = scenario.images * random.normal() / std::sqrt(static_cast<double>(groups));
      sum += value;
    }
    for (std::size_t s = 0; s < scenario.seeds; ++s) {
      samples[k].push_back(
          {scenario.truth[k] + sum + scenario.spread[k] * random.normal(), influence});
    }
  }
  return samples;
}

/// Epsilon of the levels' figures: 1 where all differences vary alike, 1 / (levels - 1) where one
/// level alone does (Box 1954, doi:10.1214/aoms/1177728786), by the estimate of Huynh & Feldt 1976
/// (doi:10.3102/10769986001001069).
double epsilon_of(const Samples& samples) {
  const std::size_t seeds = samples.front().size();
  std::array<std::array<double, kLevels>, kLevels> covariance{};
  std::vector<std::array<double, kLevels>> rows(seeds);  // without the means of levels and seeds
  for (std::size_t s = 0; s < seeds; ++s) {
    double mean = 0;
    for (std::size_t k = 0; k < kLevels; ++k) {
      double of_level = 0;
      for (const stats::AucSample& sample : samples[k]) of_level += sample.auc;
      rows[s][k] = samples[k][s].auc - of_level / static_cast<double>(seeds);
      mean += rows[s][k] / kLevels;
    }
    for (double& value : rows[s]) value -= mean;
  }
  double trace = 0, squares = 0;
  for (std::size_t a = 0; a < kLevels; ++a) {
    for (std::size_t b = 0; b < kLevels; ++b) {
      for (const auto& row : rows) covariance[a][b] += row[a] * row[b];
      squares += covariance[a][b] * covariance[a][b];
    }
    trace += covariance[a][a];
  }
  constexpr double kContrasts = kLevels - 1;
  const double box = trace * trace / (kContrasts * squares);
  const auto trainings = static_cast<double>(seeds);
  const double left = kContrasts * (trainings - 1 - kContrasts * box);
  constexpr double kRounding = 1e-9;  // of two seeds nothing is left
  return left <= kRounding ? 1 : std::min(1.0, (trainings * kContrasts * box - 2) / left);
}

enum class Freedom { pooled, own_where_larger, epsilon, own_alone };

struct Variant {
  Freedom freedom;
  const char* name;
};
constexpr std::array<Variant, 4> kVariants{
    {{Freedom::pooled, "**the larger of the pair's own and the pooled one; the pooled one's**"},
     {Freedom::own_where_larger, "the same; the pair's own where its variance is the larger"},
     {Freedom::epsilon, "the same; the pooled one's times epsilon (Box 1954; Huynh & Feldt 1976)"},
     {Freedom::own_alone, "the pair's own; its own"}}};

stats::Estimate difference_by(Freedom rule, const stats::SeedMean& pair,
                              const stats::Contest& contest, double epsilon) {
  const double own = pair.between_trainings, pooled = contest.between_trainings;
  const double own_freedom = static_cast<double>(pair.seeds) - 1;
  switch (rule) {
    case Freedom::pooled:
      break;
    case Freedom::own_where_larger:
      if (own > pooled) return stats::over_seeds_and_images(pair, own, own_freedom);
      break;
    case Freedom::epsilon:
      return stats::over_seeds_and_images(pair, std::max(own, pooled), epsilon * contest.freedom);
    case Freedom::own_alone:
      return stats::over_seeds_and_images(pair, own, own_freedom);
  }
  return stats::over_seeds_and_images(pair, std::max(own, pooled), contest.freedom);
}

/// Whether the shallowest level that is told is inferior, or whether any is told.
bool counts(const Scenario& scenario, const stats::Contest& contest) {
  const std::vector<double> p = stats::not_inferior(contest, kMargin);
  const auto told = std::ranges::find_if(p, [](double one) { return one <= 1 - kConfidence; });
  if (told == p.end()) return false;
  if (!scenario.counts_wrong) return true;
  const double best = std::ranges::max(scenario.truth);
  return scenario.truth[static_cast<std::size_t>(told - p.begin())] <= best - kMargin + 1e-12;
}

std::array<bool, kVariants.size()> judge(const Scenario& scenario, Random& random) {
  const Samples samples = draw(scenario, random);
  const stats::Contest seen = stats::compare_over_seeds(samples);
  const double epsilon = epsilon_of(samples);
  std::array<bool, kVariants.size()> made{};
  for (std::size_t v = 0; v < kVariants.size(); ++v) {
    stats::Contest contest = seen;
    for (std::size_t a = 0; a < kLevels; ++a) {
      for (std::size_t b = 0; b < kLevels; ++b) {
        if (a == b) continue;
        std::vector<stats::AucSample> differences;
        for (std::size_t s = 0; s < scenario.seeds; ++s) {
          differences.push_back(stats::difference(samples[a][s], samples[b][s]));
        }
        contest.differences[a * kLevels + b] =
            difference_by(kVariants[v].freedom, stats::mean_over_seeds(differences), seen, epsilon);
      }
    }
    made[v] = counts(scenario, contest);
  }
  return made;
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t studies = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 20000;
  const std::array<double, kLevels> three{0.92, 0.92, 0.92, 0.93, 0.93, 0.93};
  const std::array<double, kLevels> one{0.92, 0.92, 0.92, 0.92, 0.92, 0.93};
  const auto unlike = [](double others) {
    return std::array<double, kLevels>{others, others, others, others, others, 4 * others};
  };
  const std::vector<Scenario> scenarios{
      {"told, alike, 3 seeds", three, {0.004, 0.004, 0.004, 0.004, 0.004, 0.004}, 3, 0, false},
      {"wrong, unlike, 2 seeds", one, unlike(0.001), 2, 0, true},
      {"3 seeds", one, unlike(0.001), 3, 0, true},
      {"3 seeds, with images", one, unlike(0.001), 3, 0.002, true},
      {"5 seeds", one, unlike(0.0015), 5, 0, true}};
  std::string title = "| variance of a difference between trainings; its degrees of freedom |";
  std::string rule = "|---|";
  std::array<std::string, kVariants.size()> rows;
  for (std::size_t v = 0; v < rows.size(); ++v) rows[v] = fmt::format("| {} |", kVariants[v].name);
  for (const Scenario& scenario : scenarios) {
    std::vector<std::array<bool, kVariants.size()>> judged(studies);
    parallel_for(studies, [&](std::size_t r) {
      Random random(derive_seed(7, scenario.name, r));
      judged[r] = judge(scenario, random);
    });
    title += fmt::format(" {} |", scenario.name);
    rule += "---|";
    for (std::size_t v = 0; v < rows.size(); ++v) {
      const auto hits = std::ranges::count_if(judged, [&](const auto& one) { return one[v]; });
      rows[v] += fmt::format(" {:.1f} % |",
                             100 * static_cast<double>(hits) / static_cast<double>(studies));
    }
  }
  fmt::print("{} studies of each kind\n\n{}\n{}\n", studies, title, rule);
  for (const std::string& row : rows) fmt::print("{}\n", row);
  return 0;
}
