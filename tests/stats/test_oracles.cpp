// Every statistic against another implementation, on random and awkward inputs: scikit-learn, scipy
// and statsmodels (oracle/statistics.py), and R's pROC (oracle/roc_tests.R).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/json.h"
#include "fathom/base/random.h"
#include "fathom/stats/bootstrap.h"
#include "fathom/stats/calibration.h"
#include "fathom/stats/calibration_line.h"
#include "fathom/stats/clustered.h"
#include "fathom/stats/corrections.h"
#include "fathom/stats/decisions.h"
#include "fathom/stats/ranks.h"
#include "fathom/stats/seeds.h"
#include "tests/support.h"

namespace fathom::stats {
namespace {

using Doubles = std::vector<double>;
using Ints = std::vector<int>;

/// `steps` > 0 rounds to so many levels, which makes ties.
double score_of(Random& random, int label, int steps) {
  const double score = 1 / (1 + std::exp(-random.normal() - (label ? 0.7 : -0.7)));
  return steps > 0 ? std::ceil(score * steps) / steps : score;
}

/// Both classes are there from four images on, unless `only` names one.
Ints labels_of(Random& random, std::size_t images, int only = -1) {
  Ints labels(images);
  for (std::size_t i = 0; i < images; ++i) {
    labels[i] = only >= 0 ? only : i < 4 ? static_cast<int>(i % 2) : random.uniform() < 0.4;
  }
  return labels;
}

Doubles scores_of(Random& random, const Ints& labels, int steps) {
  Doubles scores;
  for (const int label : labels) scores.push_back(score_of(random, label, steps));
  return scores;
}

Json ranking_cases(Random& random) {
  Json cases = Json::array();
  for (const std::size_t images : {3U, 12U, 300U}) {
    for (const int steps : {0, 4, 1}) {
      for (const int only : {-1, -1, 0, 1}) {
        const Ints truth = labels_of(random, images, only);
        cases.push_back({{"truth", truth},
                         {"scores", scores_of(random, truth, steps)},
                         {"threshold", random.uniform()},
                         {"specificity", random.uniform()}});
      }
    }
  }
  return cases;
}

Json decision_cases(Random& random) {
  Json cases = Json::array();
  for (const std::uint64_t classes : {1U, 2U, 3U, 5U}) {
    for (const std::size_t images : {3U, 60U}) {
      Ints truth(images), predicted(images);
      for (std::size_t i = 0; i < images; ++i) {
        truth[i] = static_cast<int>(random.below(classes));
        predicted[i] = random.uniform() < 0.6 ? truth[i] : static_cast<int>(random.below(classes));
      }
      cases.push_back({{"truth", truth}, {"predicted", predicted}, {"classes", classes}});
    }
  }
  return cases;
}

Json cluster_cases(Random& random) {
  Json cases = Json::array();
  for (const std::size_t images : {40U, 600U}) {
    const Ints truth = labels_of(random, images);
    Doubles scores = scores_of(random, truth, 20);
    Ints groups;
    for (std::size_t i = 0; i < images; ++i) {
      groups.push_back(static_cast<int>(random.below(images / 4)));
      scores[i] += 0.05 * (groups.back() % 7);  // images of a group resemble each other
    }
    cases.push_back({{"truth", truth}, {"scores", scores}, {"groups", groups}});
  }
  return cases;
}

Json number_cases(Random& random, bool probabilities) {
  Json cases = Json::array();
  for (const std::size_t n : {2U, 3U, 13U}) {
    Doubles values(n);
    for (double& v : values) v = probabilities ? random.uniform() * 0.1 : 0.01 * random.normal();
    cases.push_back(values);
  }
  if (probabilities) cases.push_back({0.04, 0.01, 0.04, 1.0, 0.0});
  return cases;
}

Json seed_cases(Random& random) {
  Json cases = Json::array();
  for (const std::size_t seeds : {2U, 3U, 8U}) {
    Json influence = Json::array();
    Doubles auc(seeds), shared(50);
    for (double& u : shared) u = 0.001 * random.normal();
    for (std::size_t s = 0; s < seeds; ++s) {
      auc[s] = 0.9 + 0.01 * random.normal();
      Doubles own;
      for (const double u : shared) own.push_back(u + 0.001 * random.normal());
      influence.push_back(own);
    }
    cases.push_back({{"auc", auc}, {"influence", influence}, {"bound", 0.89}});
  }
  return cases;
}

Json percentile_cases(Random& random) {
  Json cases = Json::array();
  for (const std::size_t draws : {20U, 999U}) {
    Doubles values(draws);
    for (double& v : values) v = std::ceil(std::exp(random.normal()) * 50) / 50;
    cases.push_back({{"draws", values}, {"groups", draws}});
  }
  return cases;
}

Json within_cases() {
  return {{{"low", 0}, {"high", 1}, {"value", 0.97}, {"error", 0.02}, {"freedom", 9}},
          {{"low", 0}, {"high", 1}, {"value", 0.3}, {"error", 0.1}, {"freedom", 999}},
          {{"low", -1}, {"high", 1}, {"value", -0.2}, {"error", 0.3}, {"freedom", 4.5}},
          {{"low", 0}, {"high", nullptr}, {"value", 0.4}, {"error", 0.3}, {"freedom", 19}}};
}

Json reliability_cases(Random& random) {
  Json cases = Json::array();
  for (const int bins : {1, 10, 15}) {
    Ints truth = labels_of(random, 200);
    Doubles stated = scores_of(random, truth, bins == 10 ? 20 : 0);  // on the edges of the bins
    truth.insert(truth.end(), {1, 0});
    stated.insert(stated.end(), {1.0, 0.0});
    cases.push_back({{"truth", truth}, {"stated", stated}, {"bins", bins}});
  }
  return cases;
}

/// Logits that are too extreme, too timid or biased, of classes rare and frequent.
Json calibration_line_cases(Random& random) {
  Json cases = Json::array();
  for (const double slope : {0.2, 1.0, 3.0, -0.5}) {
    for (const double bias : {0.0, -3.0}) {
      Ints truth;
      Doubles stated;
      for (int i = 0; i < 150; ++i) {
        const double odds = 2 * random.normal() + bias;
        truth.push_back(random.uniform() < 1 / (1 + std::exp(-slope * odds)) ? 1 : 0);
        stated.push_back(1 / (1 + std::exp(-odds)));
      }
      cases.push_back({{"truth", truth}, {"stated", stated}});
    }
  }
  // Nearly parted: one image on the wrong side; and near 0 and 1, one of them wrong.
  cases.push_back({{"truth", {0, 0, 1, 0, 1, 1}}, {"stated", {0.1, 0.2, 0.45, 0.5, 0.8, 0.9}}});
  cases.push_back(
      {{"truth", {0, 0, 1, 0, 1, 1}}, {"stated", {1e-6, 1e-6, 1e-6, 0.5, 0.999999, 0.999999}}});
  return cases;
}

Json temperature_cases(Random& random) {
  Json cases = Json::array();
  for (const std::size_t classes : {2U, 4U}) {
    Ints labels;
    Doubles probabilities;
    for (int i = 0; i < 150; ++i) {
      labels.push_back(static_cast<int>(random.below(classes)));
      Doubles row(classes);
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c) {
        const double logit = 4 * random.normal() + (static_cast<int>(c) == labels.back() ? 4 : 0);
        sum += row[c] = std::exp(logit);
      }
      for (const double weight : row) probabilities.push_back(weight / sum);
    }
    cases.push_back({{"labels", labels}, {"probabilities", probabilities}, {"classes", classes}});
  }
  return cases;
}

/// Hits in groups of one share each, of many sizes; with groups of one image, groups without any,
/// all hits, few groups and groups that are all alike.
Json clustered_proportion_cases(Random& random) {
  Json cases = Json::array();
  const auto add = [&](std::size_t groups, std::size_t largest, double share, double spread) {
    Json one{{"groups", groups + 1}, {"confidence", 0.95}, {"hits", Ints()}, {"group", Ints()}};
    for (std::size_t g = 0; g < groups; ++g) {
      const double own = share + spread * random.normal();
      const std::size_t images = 1 + random.below(largest);
      for (std::size_t i = 0; i < images; ++i) {
        one["hits"].push_back(random.uniform() < own ? 1 : 0);
        one["group"].push_back(g);
      }
    }
    cases.push_back(one);
  };
  for (const std::size_t largest : {1U, 2U, 30U}) {
    for (const std::size_t groups : {3U, 12U, 60U}) {
      add(groups, largest, 0.8, 0.2);
      add(groups, largest, 0.5, 0);
      add(groups, largest, 0.97, 0.05);
      add(groups, largest, 2, 0);   // all hit
      add(groups, largest, -1, 0);  // none
    }
  }
  add(2, 30, 0.5, 0.2);
  add(1, 30, 0.5, 0.2);
  add(1, 1, 0.5, 0);
  cases.push_back({{"groups", 4},
                   {"confidence", 0.9},
                   {"hits", {1, 0, 1, 0, 1, 0, 1, 0}},
                   {"group", {0, 0, 1, 1, 2, 2, 3, 3}}});
  cases.push_back({{"groups", 3},
                   {"confidence", 0.9},
                   {"hits", {1, 1, 1, 1, 0, 0}},
                   {"group", {0, 0, 1, 1, 2, 2}}});
  return cases;
}

Json rank_cases(Random& random) {
  Json cases = Json::array();
  for (const std::size_t pairs : {2U, 3U, 5U, 10U, 40U}) {
    for (const int steps : {0, 3}) {
      Doubles a, b;
      for (std::size_t i = 0; i < pairs; ++i) {
        a.push_back(score_of(random, 1, steps));
        b.push_back(a.back() + 0.2 * random.normal());
      }
      cases.push_back({a, b});
    }
  }
  cases.push_back({{1.0, 2.0, 3.0, 4.0}, {0.1, 0.2, 0.5, 0.9}});  // the same order
  cases.push_back({{1.0, 2.0, 3.0}, {7.0, 7.0, 7.0}});            // no order
  return cases;
}

Json all_cases() {
  Random random(20260301);
  Json cases;
  cases["wilson"] = {{{"hits", 0}, {"trials", 7}, {"confidence", 0.95}},
                     {{"hits", 7}, {"trials", 7}, {"confidence", 0.95}},
                     {{"hits", 1}, {"trials", 3}, {"confidence", 0.9}},
                     {{"hits", 29000}, {"trials", 30000}, {"confidence", 0.99}}};
  cases["clustered_proportion"] = clustered_proportion_cases(random);
  cases["decisions"] = decision_cases(random);
  cases["ranking"] = ranking_cases(random);
  cases["clustered_variance"] = cluster_cases(random);
  cases["holm"] = number_cases(random, true);
  cases["dunnett"] = {{{"t", 1.2}, {"freedom", 1.5}, {"comparisons", 4}},
                      {{"t", 2.4}, {"freedom", 10}, {"comparisons", 5}},
                      {{"t", 4.5}, {"freedom", 7.3}, {"comparisons", 12}},
                      {{"t", -0.7}, {"freedom", 200}, {"comparisons", 2}}};
  cases["paired_t"] = number_cases(random, false);
  cases["resampled"] = Json::array();
  for (const Json& d : cases["paired_t"]) {
    cases["resampled"].push_back({{"differences", d}, {"ratio", 0.25}});
  }
  cases["seeds"] = seed_cases(random);
  cases["percentile"] = percentile_cases(random);
  cases["within"] = within_cases();
  cases["reliability"] = reliability_cases(random);
  cases["calibration_line"] = calibration_line_cases(random);
  cases["temperature"] = temperature_cases(random);
  cases["spearman"] = rank_cases(random);
  return cases;
}

/// The cases of every section with what the oracle expects, asked once.
class Oracle : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cases_ = all_cases();
    const tests::TemporaryFolder folder;
    write_json(folder / "cases.json", cases_);
    expected_ = Json::parse(tests::run_oracle("statistics.py", {(folder / "cases.json").string()}));
  }

  /// Calls check(case, expected) for every case of a section.
  template <class Check>
  static void for_each_case(const char* section, Check check) {
    ASSERT_GT(cases_[section].size(), 0U);
    ASSERT_EQ(expected_[section].size(), cases_[section].size());
    for (std::size_t i = 0; i < cases_[section].size(); ++i) {
      SCOPED_TRACE(fmt::format("{} {}", section, i));
      check(cases_[section][i], expected_[section][i]);
    }
  }

 private:
  static inline Json cases_, expected_;
};

void expect_near(double found, const Json& expected, double tolerance = 1e-10) {
  if (expected.is_null()) {
    EXPECT_TRUE(std::isnan(found)) << found;
  } else {
    EXPECT_NEAR(found, expected.get<double>(), tolerance);
  }
}

/// A member, or null where the oracle found it not defined.
Json member(const Json& object, const char* name) {
  return object.contains(name) ? object[name] : Json();
}

TEST_F(Oracle, CalibrationLine) {
  for_each_case("calibration_line", [](const Json& c, const Json& e) {
    Predictions predictions{2, {}, c["truth"]};
    for (const double p : c["stated"].get<Doubles>()) {
      predictions.probabilities.insert(predictions.probabilities.end(), {1 - p, p});
    }
    const CalibrationLine found = calibration_line(predictions, 1);
    expect_near(found.intercept, e[0], 1e-8);
    expect_near(found.slope, e[1], 1e-8);
  });
}

TEST_F(Oracle, Wilson) {
  for_each_case("wilson", [](const Json& c, const Json& e) {
    const Proportion proportion{c["hits"], c["trials"]};
    const Interval found = wilson_interval(proportion.value(),
                                           static_cast<double>(proportion.trials), c["confidence"]);
    expect_near(found.low, e[0]);
    expect_near(found.high, e[1]);
  });
}

TEST_F(Oracle, ProportionsOfClusteredImages) {
  for_each_case("clustered_proportion", [](const Json& c, const Json& e) {
    ClusteredProportion proportion(c["groups"].get<std::size_t>());
    for (std::size_t i = 0; i < c["hits"].size(); ++i) {
      proportion.add(c["group"][i], c["hits"][i] == 1);
    }
    const Interval found = proportion.interval(c["confidence"]);
    expect_near(found.low, member(e, "low"));
    expect_near(found.high, member(e, "high"));
    const AucSample sample = proportion.sample();
    expect_near(sample.auc, e["value"]);
    expect_near(covariance(sample, sample), e["variance"]);
  });
}

TEST_F(Oracle, AgreementOfAConfusionMatrix) {
  for_each_case("decisions", [](const Json& c, const Json& e) {
    const auto classes = c["classes"].get<std::size_t>();
    ConfusionMatrix confusion{classes, std::vector<std::size_t>(classes * classes)};
    for (std::size_t i = 0; i < c["truth"].size(); ++i) {
      ++confusion.counts[c["truth"][i].get<std::size_t>() * classes +
                         c["predicted"][i].get<std::size_t>()];
    }
    expect_near(matthews_correlation(confusion), e["mcc"]);
    expect_near(cohen_kappa(confusion), e["kappa"]);
  });
}

TEST_F(Oracle, Rankings) {
  for_each_case("ranking", [](const Json& c, const Json& e) {
    const auto truth = c["truth"].get<Ints>();
    const auto scores = c["scores"].get<Doubles>();
    Predictions predictions{2, {}, truth};
    for (const double p : scores) {
      predictions.probabilities.insert(predictions.probabilities.end(), {1 - p, p});
    }
    const Groups images = single_images(truth.size());
    const ClusteredDecisions made = decide(predictions, 1, images, c["threshold"]);
    expect_near(made.ppv.value(), e["ppv_npv"][0]);
    expect_near(made.npv.value(), e["ppv_npv"][1]);
    expect_near(average_precision(scores, truth), member(e, "average_precision"));
    expect_near(sensitivity_at_specificity(scores, truth, c["specificity"]),
                member(e, "sensitivity"));
    const double threshold = youden_threshold(scores, truth);
    expect_near(threshold, member(e, "youden_threshold"));
    if (!std::isnan(threshold)) {
      const ClusteredDecisions at = decide(predictions, 1, images, threshold);
      expect_near(at.sensitivity.value() + at.specificity.value() - 1, e["youden"]);
    }
    expect_near(brier_score(predictions), e["brier"]);
  });
}

TEST_F(Oracle, ClusteredVarianceIsNearObuchowskis) {
  for_each_case("clustered_variance", [](const Json& c, const Json& e) {
    const auto truth = c["truth"].get<Ints>();
    const auto scores = c["scores"].get<Doubles>();
    std::vector<std::string> names;
    for (const int g : c["groups"].get<Ints>()) names.push_back(std::to_string(g));
    const AucSample found = auc_sample(scores, truth, make_groups(names));
    // The term between classes is scaled by the geometric mean of the other two terms' factors,
    // not by groups / (groups - 1).
    const double expected = e.get<double>();
    EXPECT_NEAR(covariance(found, found), expected, 0.5 * expected / names.size());
    const AucSample as_single = auc_sample(scores, truth, single_images(names.size()));
    EXPECT_GT(std::abs(covariance(as_single, as_single) / expected - 1), 0.01) << "no clustering";
  });
}

TEST_F(Oracle, Holm) {
  for_each_case("holm", [](const Json& c, const Json& e) {
    const auto found = holm(c.get<Doubles>());
    for (std::size_t i = 0; i < found.size(); ++i) expect_near(found[i], e[i]);
  });
}

TEST_F(Oracle, Dunnett) {
  for_each_case("dunnett", [](const Json& c, const Json& e) {
    expect_near(dunnett(c["t"], c["freedom"], c["comparisons"]), e, 1e-7);
  });
}

/// The corrected resampled t-test of a mean difference of zero, and its two-sided p-value.
std::pair<Estimate, double> resampled_test(const Doubles& differences, double ratio) {
  std::vector<AucSample> trainings;
  for (const double value : differences) trainings.push_back({value, {}});
  const Estimate found = corrected_resampled_t(mean_over_seeds(trainings), ratio);
  const double above = found.p_at_most(0);
  return {found, 2 * std::min(above, 1 - above)};
}

TEST_F(Oracle, ResampledT) {
  for_each_case("resampled", [](const Json& c, const Json& e) {
    const auto [found, p_value] = resampled_test(c["differences"].get<Doubles>(), c["ratio"]);
    expect_near(found.standard_error, e[0]);
    expect_near(p_value, e[1]);
    expect_near(found.interval().low, e[2]);
    expect_near(found.interval().high, e[3]);
  });
  for_each_case("paired_t", [](const Json& c, const Json& e) {
    expect_near(resampled_test(c.get<Doubles>(), 0).second, e);
  });
}

TEST_F(Oracle, SeedsAndImages) {
  for_each_case("seeds", [](const Json& c, const Json& e) {
    std::vector<AucSample> trainings;
    for (std::size_t s = 0; s < c["auc"].size(); ++s) {
      trainings.push_back({c["auc"][s], c["influence"][s].get<Doubles>()});
    }
    const SeedMean mean = mean_over_seeds(trainings);
    const Estimate found = over_seeds_and_images(mean);
    expect_near(found.value, e[0]);
    expect_near(mean.between_trainings, e[1]);
    expect_near(mean.images, e[2]);
    expect_near(found.standard_error, e[3]);
    expect_near(found.freedom, e[4], 1e-8);
    expect_near(found.p_at_most(c["bound"]), e[5]);
  });
}

TEST_F(Oracle, BootstrapIntervals) {
  for_each_case("percentile", [](const Json& c, const Json& e) {
    const Interval found = percentile_interval(c["draws"].get<Doubles>(), c["groups"]);
    expect_near(found.low, e[0]);
    expect_near(found.high, e[1]);
  });
}

TEST_F(Oracle, IntervalsWithinARange) {
  for_each_case("within", [](const Json& c, const Json& e) {
    const double high =
        c["high"].is_null() ? std::numeric_limits<double>::infinity() : c["high"].get<double>();
    const Interval found = interval_within({c["low"], high}, c["value"], c["error"], c["freedom"]);
    expect_near(found.low, e[0], 1e-7);  // the oracle's slope is a difference quotient
    expect_near(found.high, e[1], 1e-7);
  });
}

TEST_F(Oracle, Reliability) {
  for_each_case("reliability", [](const Json& c, const Json& e) {
    const auto bins = reliability(c["stated"].get<Doubles>(), c["truth"].get<Ints>(), c["bins"]);
    std::vector<ReliabilityBin> filled;
    for (std::size_t b = 0; b < bins.size(); ++b) {
      EXPECT_EQ(bins[b].images, e["images"][b].get<std::size_t>());
      if (bins[b].images > 0) filled.push_back(bins[b]);
    }
    ASSERT_EQ(filled.size(), e["stated"].size());
    for (std::size_t b = 0; b < filled.size(); ++b) {
      expect_near(filled[b].stated, e["stated"][b]);
      expect_near(filled[b].observed, e["observed"][b]);
    }
    expect_near(expected_calibration_error(bins), e["error"]);
  });
}

TEST_F(Oracle, Temperature) {
  for_each_case("temperature", [](const Json& c, const Json& e) {
    const Predictions given{c["classes"], c["probabilities"].get<Doubles>(),
                            c["labels"].get<Ints>()};
    const double found = fit_temperature(given);
    expect_near(found, e[0], 1e-5);
    EXPECT_GT(found, 1.2) << "these networks are too sure";
    const Predictions scaled = with_temperature(given, e[0]);
    for (std::size_t i = 0; i < scaled.probabilities.size(); ++i) {
      expect_near(scaled.probabilities[i], e[1][i]);
    }
  });
}

TEST_F(Oracle, RankCorrelation) {
  for_each_case("spearman", [](const Json& c, const Json& e) {
    const auto a = c[0].get<Doubles>(), b = c[1].get<Doubles>();
    const double found = spearman(a, b);
    expect_near(found, e[0]);
    const Interval interval = spearman_interval(found, a.size());
    expect_near(interval.low, e[1]);
    expect_near(interval.high, e[2]);
  });
  EXPECT_TRUE(std::isnan(spearman(Doubles{1, 2, NAN}, Doubles{1, 2, 3})));
  EXPECT_TRUE(std::isnan(spearman(Doubles{}, Doubles{})));
}

/// One pair of rankings of the same images.
struct Pair {
  Ints labels;
  Doubles a, b;
};

std::vector<Pair> pairs() {
  Random random(7);
  std::vector<Pair> made;
  for (const std::size_t images : {6U, 40U, 500U}) {
    for (const int steps : {0, 5}) {
      Pair pair{labels_of(random, images), {}, {}};
      pair.a = scores_of(random, pair.labels, steps);
      for (const double a : pair.a) {  // alike, so that the covariance counts
        const double b = 0.6 * a + 0.4 * random.uniform();
        pair.b.push_back(steps > 0 ? std::round(b * steps) / steps : b);
      }
      made.push_back(pair);
    }
  }
  return made;
}

TEST(DeLong, AgreesWithTheRPackageProc) {
  if (tests::run_command({"Rscript", "--version"}).exit_code != 0) {
    GTEST_SKIP() << "R is not installed (apt-get install r-base-core r-cran-proc)";
  }
  const std::vector<Pair> cases = pairs();
  std::string table = "case,a,b,label\n";
  for (std::size_t i = 0; i < cases.size(); ++i) {
    for (std::size_t k = 0; k < cases[i].a.size(); ++k) {
      table += fmt::format("{},{},{},{}\n", i, cases[i].a[k], cases[i].b[k], cases[i].labels[k]);
    }
  }
  const tests::TemporaryFolder folder;
  write_file_atomically(folder / "cases.csv", table);
  std::istringstream expected(tests::run_oracle("roc_tests.R", {(folder / "cases.csv").string()}));
  for (const Pair& pair : cases) {
    const Groups groups = single_images(pair.a.size());
    const AucSample a = auc_sample(pair.a, pair.labels, groups);
    const AucSample b = auc_sample(pair.b, pair.labels, groups);
    // pROC's interval is the plain one; ours is on another scale (IntervalsWithinARange).
    const Interval plain = normal_interval(a.auc, std::sqrt(covariance(a, a)));
    const Interval interval{std::max(plain.low, 0.0), std::min(plain.high, 1.0)};
    const AucSample differs = difference(a, b);
    const double z = std::abs(differs.auc) / std::sqrt(covariance(differs, differs));
    for (const double found : {a.auc, b.auc, covariance(a, a), covariance(b, b), covariance(a, b),
                               2 * normal_cdf(-z), interval.low, interval.high}) {
      double number = NAN;
      expected >> number;
      EXPECT_NEAR(found, number, 1e-10);
    }
  }
}

}  // namespace
}  // namespace fathom::stats
