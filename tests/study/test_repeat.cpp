// A study that is run again from its results.json: to the same bits, or refused by name.
#include <gmock/gmock.h>

#include <regex>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/image/image.h"
#include "fathom/results/repetition.h"
#include "fathom/study/prefix.h"
#include "fathom/study/repeat.h"
#include "tests/study/tiny_study.h"

namespace fathom::study {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using tests::error_of;

/// A finished study and what repeats it.
struct RepeatedStudy : tests::TinyStudy {
  RepeatedStudy() { options.seeds = 1; }

  void run() {
    run_plan(plan());
    report::write_reports(report::load_study(options.out));
  }
  Original original() const { return read_original(fs::path(options.out) / "results.json"); }
  StudyOptions again() const {
    StudyOptions repeated = settings_of(original());
    repeated.out = folder / "again";
    repeated.cache = options.cache;
    return repeated;
  }
  Plan repeat(const StudyOptions& repeated) const {
    return open_repeat(repeated, original(), "fathom study --repeat", Json::object());
  }
  std::string refusal(const StudyOptions& repeated) const {
    return error_of([&] { repeat(repeated); });
  }
};

/// All records, in the order of their lines, without times.
std::string journal_of(const fs::path& folder) {
  std::istringstream lines(read_file(folder / "journal.jsonl"));
  Json records = Json::array();
  for (std::string line; std::getline(lines, line);) {
    records.push_back(Json::parse(line).at("record"));
    records.back().erase("predicted_seconds");
    records.back().erase("bytes");  // newly stored of the frozen passes
  }
  return tests::TinyStudy::without_times(records).dump(1);
}

}  // namespace

TEST(Repeat, GivesTheSameJournalAndSaysSo) {
  RepeatedStudy study;
  study.run();
  StudyOptions again = study.again();
  again.cache_gib = 16;  // a place
  run_plan(study.repeat(again));
  EXPECT_EQ(journal_of(again.out), journal_of(study.options.out));
  const auto agreement = results::compare_runs(study.original().content.units,
                                               results::read_journals(again.out).units);
  EXPECT_EQ(agreement.units, 2U);
  EXPECT_TRUE(agreement.is_complete());
  EXPECT_EQ(run_plan(study.repeat(again)).already_finished, 2U) << "a stopped one goes on";
}

TEST(Repeat, StoresWhatWasStored) {
  RepeatedStudy study;
  const Plan plan = study.plan();
  // A choice that no measurement would make.
  ASSERT_TRUE(choose(first_choice(plan, "squeezenet1_1"), {2}));
  study.run();
  fs::remove_all(study.options.cache + "/prefix");
  const StudyOptions again = study.again();
  run_plan(study.repeat(again));
  EXPECT_EQ(results::read_journals(again.out).prefixes.back().blocks,
            std::vector<std::string>{"fire2"});
}

TEST(Repeat, OtherImagesAreNamed) {
  RepeatedStudy study;
  study.run();
  const data::Dataset images = data::open_dataset(study.options.data);
  const std::string changed = images.samples[5].id;
  write_file_atomically(images.root / changed, image::encode_png(image::Image(32, 32)));
  EXPECT_THAT(study.refusal(study.again()),
              AllOf(HasSubstr("would not be the same study: of the images are 1 changed"),
                    HasSubstr("(the first: " + changed + ")"), HasSubstr("--data")));
  EXPECT_FALSE(fs::exists(study.again().out + "/plan.json"));
  fs::remove(fs::path(study.options.out) / "plan.json");
  EXPECT_THAT(study.refusal(study.again()),
              HasSubstr("groups differ (there were 64, here are 64)"));
}

TEST(Repeat, OtherWeightsAreRefused) {
  RepeatedStudy study;
  study.run();
  weights::PretrainedWeights other = tests::random_weights("squeezenet1_1");
  other.tensors["features.0.bias"] = zoo::from_tensor(torch::ones({64}));
  weights::WeightFile file;
  file.tensors = other.tensors;
  other.card.name = "other";
  weights::WeightStore(study.folder / "cache/weights").import(file, other.card);
  StudyOptions again = study.again();
  EXPECT_EQ(settings_of(study.original()).cache, "") << "no file says where to write";
  EXPECT_EQ(again.weights, std::vector<std::string>{"squeezenet1_1=squeezenet1_1-random"});
  again.weights = {"other"};
  EXPECT_THAT(study.refusal(again),
              AllOf(HasSubstr("the weights of squeezenet1_1 differ ('other' with the checksum"),
                    HasSubstr("--weights")));
}

TEST(Repeat, OtherSettingsAndTheStudysOwnFolderAreRefused) {
  RepeatedStudy study;
  study.run();
  StudyOptions again = study.again();
  again.train.epochs = 3;
  EXPECT_THAT(study.refusal(again), HasSubstr("epochs was 1, is 3"));
  again = study.again();
  again.out = study.options.out;
  EXPECT_THAT(study.refusal(again), HasSubstr("a folder of its own with --out"));
}

TEST(Repeat, OtherPartsAreRefused) {
  RepeatedStudy study;
  study.run();
  const fs::path labels = study.options.data.data;
  std::string table = read_file(labels);
  // Validation and test change places: groups stay whole.
  for (const auto& [from, to] :
       {std::pair(",valid\n", ",later\n"), std::pair(",test\n", ",valid\n"),
        std::pair(",later\n", ",test\n")}) {
    table = std::regex_replace(table, std::regex(from), to);
  }
  write_file_atomically(labels, table);
  EXPECT_THAT(study.refusal(study.again()), HasSubstr("the parts (train, valid, test)"));
}

TEST(Repeat, OtherVersionsAndThreadsAreTold) {
  Original original;
  original.content.study.emplace().versions = {{"libtorch", "1.13.0"}, {"threads", 2}};
  EXPECT_EQ(differences_of_versions(original, {{"libtorch", "1.13.0"}, {"threads", 4}}),
            std::vector<std::string>{"threads was 2, is 4"});
}

}  // namespace fathom::study
