// Probing the architectures of a plan.
#include "fathom/study/probe.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {

TEST(StudyProbe, LooksAtSoManyImagesOfEachPart) {
  tests::TinyStudy study;
  study.options.probe_images = 10;
  const Plan plan = make_plan(study.options, "", Json::object());
  const std::vector<results::ProbeRecord> probes = probe_plan(plan, [] {});
  ASSERT_EQ(probes.size(), 1U);
  EXPECT_EQ(probes[0].architecture, "squeezenet1_1");
  EXPECT_EQ(probes[0].most_images, 10U);
  EXPECT_EQ(probes[0].train, 10U);
  EXPECT_EQ(
      probes[0].valid,
      std::min<std::size_t>(10, train::part_indices(plan.folds[0], data::Split::valid).size()));
}

TEST(StudyProbe, AStudyProbesEachArchitectureOnceForTheSameImages) {
  tests::TinyStudy study;
  const auto probes = [&] {
    run_plan(study.plan());
    return results::read_journals(study.options.out).probes;
  };
  EXPECT_TRUE(probes().empty()) << "none unless asked for";
  study.options.probe_images = 10;
  const auto first = probes();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].train, 10U);
  EXPECT_EQ(to_json(probes()[0]), to_json(first[0])) << "with its seconds: it did not run again";
  study.options.probe_images = 12;
  EXPECT_EQ(probes()[0].train, 12U);
  const report::Study read = report::load_study(study.options.out);
  EXPECT_EQ(report::results_json(read)["probes"][0]["agreement"]["levels"], 2);
}

TEST(StudyProbe, LooksAtEveryFoldAndTheReportShowsTheMean) {
  tests::TinyStudy study;
  study.options.probe_images = 10;
  study.options.data.folds = 2;
  study.options.seeds = 1;
  const Plan plan = study.plan();
  run_plan(plan);
  run_plan(plan);  // nothing is left to do
  const report::Study read = report::load_study(study.options.out);
  ASSERT_EQ(read.content.probes.size(), 2U);
  EXPECT_EQ(read.content.probes[0].fold, 0);
  EXPECT_EQ(read.content.probes[1].fold, 1);
  const Json probe = report::results_json(read)["probes"][0];
  EXPECT_EQ(probe["folds"], 2);
  EXPECT_EQ(probe["by_fold"].size(), 2U);
  EXPECT_NEAR(
      probe["boundaries"][4]["logme"].get<double>(),
      (read.content.probes[0].boundaries[4].logme + read.content.probes[1].boundaries[4].logme) / 2,
      1e-12);
  EXPECT_TRUE(probe["scope"].get<std::string>().starts_with("means over 2 folds, the first with "));
}

TEST(StudyProbe, AStudyWhoseProbeIsOfOneFoldGetsTheOthers) {
  tests::TinyStudy study;
  study.options.probe_images = 10;
  study.options.data.folds = 2;
  study.options.seeds = 1;
  const Plan plan = study.plan();
  const std::vector<results::ProbeRecord> probes = probe_plan(plan, [] {});
  ASSERT_EQ(probes.size(), 2U);
  const std::filesystem::path path = std::filesystem::path(study.options.out) / "journal.jsonl";
  results::Journal(path).append(probes[0]);
  run_plan(plan);
  EXPECT_EQ(results::read_journals(study.options.out).probes.size(), 2U);
}

TEST(StudyProbe, OfNoImagesIsAnError) {
  const tests::TinyStudy study;  // probe_images = 0
  const Plan plan = make_plan(study.options, "", Json::object());
  EXPECT_NE(tests::error_of([&] { probe_plan(plan, [] {}); }).find("probe_images = 0"),
            std::string::npos);
}

}  // namespace fathom::study
