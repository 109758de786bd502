// How often the rule of the recommendation is wrong, and how often it cannot tell, on simulated
// prediction sets whose truth is known: bench_rule [REPETITIONS]. Prints a Markdown table.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/stats/contest.h"

namespace {

using namespace fathom;

constexpr double kMargin = 0.01, kConfidence = 0.95;
constexpr double kOwnNoise = 0.5;  ///< of a training on an image, of the image's own spread

/// Levels with these true AUCs (means over endless seeds and images).
struct Scenario {
  const char* name;
  std::vector<double> auc;
  std::vector<double> seed_spread;  ///< of the distance between the classes, by level
  int seeds;
  std::size_t images;
  std::size_t groups;  ///< 0: images are independent
  /// Learning rates of each level, all equally good, of which validation takes the best looking;
  /// empty: one.
  std::vector<int> rates = {};
};

/// Binormal scores: the images' part is the same for every training, which adds a little of its own
/// and a seed that moves the classes apart.
class Study {
 public:
  Study(const Scenario& scenario, Random& random) : scenario_(scenario), random_(random) {
    std::vector<std::string> names;
    std::vector<double> of_group(std::max<std::size_t>(scenario.groups, 1));
    for (double& value : of_group) value = random.normal();
    for (std::size_t i = 0; i < scenario.images; ++i) {
      const std::size_t group = scenario.groups == 0 ? i : i % scenario.groups;
      labels_.push_back(static_cast<int>(group % 2));
      const double shared = scenario.groups == 0 ? random.normal() : of_group[group];
      image_.push_back((shared + random.normal()) / std::sqrt(2.0));
      names.push_back(std::to_string(group));
    }
    groups_ = stats::make_groups(names);
  }

  stats::Contest compare() {
    std::vector<std::vector<stats::AucSample>> samples(scenario_.auc.size());
    for (std::size_t k = 0; k < samples.size(); ++k) {
      double best = 0;
      for (int rate = 0; rate < (scenario_.rates.empty() ? 1 : scenario_.rates[k]); ++rate) {
        std::vector<stats::AucSample> trained;
        for (int s = 0; s < scenario_.seeds; ++s) trained.push_back(train(k));
        const double mean = stats::mean_sample(trained).auc;
        if (mean <= best) continue;
        best = mean;
        samples[k] = std::move(trained);
      }
    }
    return stats::compare_over_seeds(samples);
  }

 private:
  stats::AucSample train(std::size_t level) {
    const double spread = scenario_.seed_spread[level];
    // So that the mean over seeds and images is the true AUC.
    const double distance = stats::normal_quantile(scenario_.auc[level]) *
                            std::sqrt(2 * (1 + kOwnNoise * kOwnNoise) + spread * spread);
    const double shift = distance + spread * random_.normal();
    std::vector<double> scores(image_.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = image_[i] + kOwnNoise * random_.normal() + (labels_[i] ? shift : 0);
    }
    return stats::auc_sample(scores, labels_, groups_);
  }

  const Scenario& scenario_;
  Random& random_;
  std::vector<double> image_;
  std::vector<int> labels_;
  stats::Groups groups_;
};

struct Shares {
  double wrong = 0, told = 0, shallowest = 0;
};

Shares simulate(const Scenario& scenario, std::size_t repetitions) {
  const double best = *std::max_element(scenario.auc.begin(), scenario.auc.end());
  const auto is_inferior = [&](std::size_t k) { return scenario.auc[k] <= best - kMargin + 1e-12; };
  std::size_t first_good = 0;
  while (is_inferior(first_good)) ++first_good;
  std::atomic<std::size_t> wrong{0}, told{0}, shallowest{0};
  parallel_for(repetitions, [&](std::size_t r) {
    Random random(derive_seed(1, scenario.name, r));
    const auto p = stats::not_inferior(Study(scenario, random).compare(), kMargin);
    const auto chosen =
        std::find_if(p.begin(), p.end(), [](double value) { return value <= 1 - kConfidence; });
    if (chosen == p.end()) return;
    const auto level = static_cast<std::size_t>(chosen - p.begin());
    ++told;
    if (is_inferior(level)) ++wrong;
    if (level == first_good) ++shallowest;
  });
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(repetitions);
  };
  return {share(wrong), share(told), share(shallowest)};
}

std::vector<Scenario> scenarios() {
  const std::vector<double> at_the_margin{0.92, 0.92, 0.92, 0.93, 0.93, 0.93};
  const std::vector<double> clear{0.85, 0.90, 0.928, 0.93, 0.93, 0.929};
  const std::vector<double> two{0.92, 0.93};
  const std::vector<double> even(6, 0.03), two_even(2, 0.03);
  const std::vector<double> uneven{0.12, 0.12, 0.12, 0.03, 0.03, 0.03};
  return {{"three levels worse by just the margin", at_the_margin, even, 3, 1000, 0},
          {"the same, worse levels vary four times as much", at_the_margin, uneven, 3, 1000, 0},
          {"one level worse by just the margin, varies four times as much",
           {0.92, 0.93, 0.93, 0.93, 0.93, 0.93},
           {0.12, 0.03, 0.03, 0.03, 0.03, 0.03},
           3,
           4000,
           0},
          {"the same with 2 seeds",
           {0.92, 0.93, 0.93, 0.93, 0.93, 0.93},
           {0.12, 0.03, 0.03, 0.03, 0.03, 0.03},
           2,
           4000,
           0},
          {"100 patients of 10 images, three worse by just the margin", at_the_margin, even, 3,
           1000, 100},
          {"clear, 3 seeds, 1000 images", clear, even, 3, 1000, 0},
          {"clear, 3 seeds, 4000 images", clear, even, 3, 4000, 0},
          {"clear, 5 seeds, 4000 images", clear, even, 5, 4000, 0},
          {"two levels, one worse by just the margin", two, two_even, 3, 1000, 0},
          {"the same, 4 rates each", two, two_even, 3, 1000, 0, {4, 4}},
          {"the same, 4 rates of the worse level alone", two, two_even, 3, 1000, 0, {4, 1}},
          {"the same, 4 rates of the worse level, 4000 images", two, two_even, 3, 4000, 0, {4, 1}},
          {"two levels, 20 patients of 50 images", two, two_even, 3, 1000, 20},
          {"the same, 4 rates of the worse level", two, two_even, 3, 1000, 20, {4, 1}}};
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t repetitions = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 2000;
  fmt::print("{} repetitions, margin {}, confidence {}\n\n", repetitions, kMargin, kConfidence);
  fmt::print("| levels | wrong | told | shallowest good level chosen |\n|---|---|---|---|\n");
  for (const Scenario& scenario : scenarios()) {
    const Shares shares = simulate(scenario, repetitions);
    fmt::print("| {} | {:.1f} % | {:.1f} % | {:.1f} % |\n", scenario.name, 100 * shares.wrong,
               100 * shares.told, 100 * shares.shallowest);
  }
  return 0;
}
