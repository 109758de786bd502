#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <thread>

#include "fathom/base/atomic_file.h"
#include "fathom/base/hash.h"
#include "fathom/base/random.h"
#include "fathom/results/order.h"
#include "tests/faults.h"
#include "tests/results/study_fixture.h"
#include "tests/support.h"

namespace fathom::results {
namespace {
namespace fs = std::filesystem;

using tests::error_of;
using tests::TemporaryFolder;

UnitRecord unit(std::uint64_t seed, bool finished = true, const std::string& note = "") {
  UnitRecord made = tests::example_unit("squeezenet1_1", {"fire9", 1}, seed, 0.9, 0.2);
  made.finished = finished;
  made.failure = note;
  return made;
}

void add_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

std::vector<std::uint64_t> seeds(const JournalContent& content) {
  std::vector<std::uint64_t> found;
  for (const UnitRecord& record : content.units) found.push_back(record.key.seed);
  return found;
}

TEST(Journal, GivesBackWhatWasAppended) {
  const TemporaryFolder folder;
  const fs::path path = folder / "study/journal.jsonl";
  {
    Journal journal(path);
    EXPECT_FALSE(journal.content().study.has_value());
    journal.append(tests::example_study());
    for (const UnitRecord& record : tests::example_units()) journal.append(record);
  }
  const JournalContent content = Journal(path).content();
  EXPECT_EQ(to_json(content.study.value()), to_json(tests::example_study()));
  const auto expected = tests::example_units();
  ASSERT_EQ(content.units.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(to_json(content.units[i]), to_json(expected[i]));
  }
  EXPECT_EQ(content.damaged_lines, 0U);
}

TEST(Journal, LineIsWhatTheHeaderSays) {
  const TemporaryFolder folder;
  Journal(folder / "journal.jsonl").append(unit(7));
  const std::string line = read_file(folder / "journal.jsonl");
  const Json json = Json::parse(line);
  EXPECT_EQ(json["record"]["event"], "unit");
  const std::string record = line.substr(line.find("\"record\":") + 9, line.size());
  EXPECT_EQ(json["checksum"], hex(xxh3(std::string_view(record).substr(0, record.size() - 2))));
}

TEST(Journal, ATornLastLineIsCutBeforeTheFirstAppend) {
  const TemporaryFolder folder;
  const fs::path path = folder / "journal.jsonl";
  Journal(path).append(unit(1));
  const std::string whole = read_file(path);
  // Every length of torn line, from one byte to all but the line break.
  for (std::size_t length = 1; length < whole.size(); length += 97) {
    write_file_atomically(path, whole + whole.substr(0, length));
    EXPECT_EQ(seeds(read_journals(folder.path())), (std::vector<std::uint64_t>{1}));
    Journal journal(path);
    EXPECT_EQ(journal.content().damaged_lines, 0U);
    EXPECT_EQ(fs::file_size(path), whole.size() + length);  // opening alone changes nothing
    journal.append(unit(2));
    EXPECT_EQ(seeds(read_journals(folder.path())), (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(read_journals(folder.path()).damaged_lines, 0U);
  }
}

TEST(Journal, DamagedLinesAreCountedAndTheOthersStand) {
  const TemporaryFolder folder;
  const fs::path path = folder / "journal.jsonl";
  {
    Journal journal(path);
    for (std::uint64_t seed = 0; seed < 5; ++seed) journal.append(unit(seed));
  }
  std::string text = read_file(path);
  text[text.find("\"seed\":1") + 7] = '9';            // a figure changed by hand
  const std::size_t third = text.find("\"seed\":3");  // two lines melted into one
  text[text.find('\n', third)] = ' ';
  write_file_atomically(path, text + "\n{\"checksum\":\"\"}\n" + std::string(100, '\0') + "\n");
  const JournalContent content = read_journals(folder.path());
  EXPECT_EQ(seeds(content), (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(content.damaged_lines, 5U);
  Journal(path).append(unit(8));
  EXPECT_EQ(seeds(read_journals(folder.path())), (std::vector<std::uint64_t>{0, 2, 8}));
}

TEST(Journal, TheFirstFinishedRecordOfAUnitCounts) {
  const TemporaryFolder folder;
  const fs::path path = folder / "journal.jsonl";
  {
    Journal journal(path);
    journal.append(unit(1, false, "out of memory"));
    journal.append(unit(2, false, "first"));
    journal.append(unit(1, true, "kept"));
    journal.append(unit(1, false, "killed"));
    journal.append(unit(1, true, "later"));
    journal.append(unit(2, false, "second"));
  }
  const JournalContent content = read_journals(folder.path());
  ASSERT_EQ(content.units.size(), 2U);
  EXPECT_TRUE(content.units[0].finished);
  EXPECT_EQ(content.units[0].failure, "kept");
  EXPECT_FALSE(content.units[1].finished);
  EXPECT_EQ(content.units[1].failure, "second");
}

TEST(Journal, TheLastProbeOfAnArchitectureAndFoldCounts) {
  const TemporaryFolder folder;
  const fs::path path = folder / "journal.jsonl";
  {
    Journal journal(path);
    ProbeRecord probe = tests::example_probe();
    journal.append(probe);
    probe.architecture = "vgg16";
    journal.append(probe);
    probe.fold = 1;
    journal.append(probe);
    probe.most_images = 20;
    for (const double seconds : {3.0, 2.0}) {
      probe.seconds = seconds;
      journal.append(probe);
    }
    probe.fold = 0;
    journal.append(probe);
  }
  const JournalContent content = read_journals(folder.path());
  ASSERT_EQ(content.probes.size(), 3U);
  EXPECT_EQ(to_json(content.probes[0]), to_json(tests::example_probe()));
  EXPECT_EQ(content.probes[1].fold, 1);
  EXPECT_EQ(content.probes[1].seconds, 2);
  EXPECT_EQ(content.probes[2].most_images, 20U) << "none over another number of images is left";
}

TEST(Journal, TheStudyIsForOneProcessAndNamesIt) {
  const TemporaryFolder folder;
  {
    const auto lock = lock_study(folder.path());
    const Journal journal(folder / "journal.jsonl");
    const std::string message = error_of([&] { lock_study(folder.path()); });
    EXPECT_THAT(message, ::testing::ContainsRegex("process " + std::to_string(::getpid()) +
                                                  " on .* since 20..-..-..T..:..:..Z"));
    EXPECT_THAT(message, ::testing::HasSubstr("--join"));
    EXPECT_EQ(read_journals(folder.path()).units.size(), 0U);  // readers do not wait
  }
  const auto again = lock_study(folder.path());  // the lock ends with the object
}

TEST(Journal, AFolderThatCannotBeWrittenIsAnError) {
  const TemporaryFolder folder;
  add_text(folder / "file", "not a folder");
  for (const std::function<void()>& action :
       {std::function<void()>([&] { Journal journal(folder / "file/journal.jsonl"); }),
        std::function<void()>([&] { lock_study(folder / "file"); })}) {
    const std::string message = error_of(action);
    EXPECT_NE(message.find("file: cannot be made: Not a directory"), std::string::npos) << message;
    EXPECT_NE(message.find("--out"), std::string::npos) << message;
  }
}

TEST(Journal, AReadOnlyFolderIsAnError) {
  const TemporaryFolder folder;
  fs::permissions(folder.path(), static_cast<fs::perms>(0555));
  std::string message;
  {
    const tests::OrdinaryUser user;
    message = error_of([&] { Journal journal(folder / "journal.jsonl"); });
  }
  fs::permissions(folder.path(), fs::perms::owner_all);
  EXPECT_NE(message.find("cannot open for writing: Permission denied"), std::string::npos)
      << message;
}

TEST(Journal, AFullDiskLosesNothing) {
  const TemporaryFolder folder;
  const fs::path path = folder / "journal.jsonl";
  Journal journal(path);
  journal.append(unit(1));
  const std::uint64_t size = fs::file_size(path);
  {
    const tests::FullDisk full(size + 500);
    const std::string message = error_of([&] { journal.append(unit(2)); });
    EXPECT_NE(message.find("cannot append: File too large"), std::string::npos) << message;
    EXPECT_NE(message.find("Nothing that was recorded before is lost"), std::string::npos);
  }
  EXPECT_EQ(fs::file_size(path), size);  // the partial line is gone at once
  journal.append(unit(3));
  EXPECT_EQ(seeds(read_journals(folder.path())), (std::vector<std::uint64_t>{1, 3}));
}

TEST(Journal, OfAnotherVersionIsAnErrorNotAGap) {
  const TemporaryFolder folder;
  const fs::path path = folder / "journal.jsonl";
  const auto message_for = [&](const std::string& record) {
    write_file_atomically(
        path, "{\"checksum\":\"" + hex(xxh3(record)) + "\",\"record\":" + record + "}\n");
    return error_of([&] { read_journals(folder.path()); });
  };
  EXPECT_NE(message_for("{\"event\":\"race\"}").find("journal.jsonl:1: unknown event 'race'"),
            std::string::npos);
  EXPECT_NE(message_for("{\"event\":\"unit\"}").find("unit.key is missing"), std::string::npos);
}

TEST(Journal, ReadingWithoutAFileIsAnError) {
  const TemporaryFolder folder;
  EXPECT_NE(error_of([&] { read_journals(folder.path()); }).find("no journal.jsonl here"),
            std::string::npos);
}

TEST(Journal, TheJournalsOfSeveralWorkersAreMerged) {
  const TemporaryFolder folder;
  Journal(folder / "journal-2.jsonl").append(unit(2));
  {
    Journal main(folder / "journal.jsonl");
    main.append(tests::example_study());
    main.append(unit(1));
    main.append(unit(3, false, "failed here"));
  }
  Journal(folder / "journal-1.jsonl").append(unit(3, true, "finished there"));
  add_text(folder / "journal-2.jsonl", "broken\n");
  add_text(folder / "journal-3.txt", "not a journal\n");
  const JournalContent content = read_journals(folder.path());
  EXPECT_TRUE(content.study.has_value());
  EXPECT_EQ(seeds(content), (std::vector<std::uint64_t>{1, 3, 2}));
  EXPECT_EQ(content.units[1].failure, "finished there");
  EXPECT_EQ(content.damaged_lines, 1U);
}

TEST(Journal, WhoPlansSaysWhatTheStudyIs) {
  const TemporaryFolder folder;
  StudyRecord first = tests::example_study(), wider = first;
  wider.units = first.units + 5;
  Journal(worker_journal(folder.path(), "a")).append(first);
  EXPECT_EQ(read_journals(folder.path()).study->units, first.units);
  {
    Journal main(folder / "journal.jsonl");
    main.append(first);
    main.append(wider);
  }
  Journal(worker_journal(folder.path(), "b")).append(first);
  EXPECT_EQ(read_journals(folder.path()).study->units, wider.units);
}

TEST(Journal, WhatWorkersWroteComesInThePlansOrder) {
  JournalContent content{.study = tests::example_study(),
                         .units = tests::example_units(),
                         .probes = {tests::example_probe()}};
  content.probes.push_back(content.probes[0]);
  content.probes[0].fold = 1;
  content.prefixes.resize(2);
  content.prefixes[0].architecture = "mobilenet_v2";
  content.prefixes[1].architecture = "squeezenet1_1";
  content.estimates.resize(2);
  content.estimates[0] = {"squeezenet1_1", {"all", 9}, 1, {}};
  content.estimates[1] = {"squeezenet1_1", {"head", 0}, 1, {}};
  UnitRecord fewer = content.units[0], other = content.units[0];
  fewer.key.train_fraction = 0.5;
  other.key.architecture = "not of this study";
  content.units.push_back(other);
  content.units.push_back(fewer);
  JournalContent shuffled = content;
  Random(3).shuffle(std::span(shuffled.units));
  put_in_order(content);
  put_in_order(shuffled);
  const auto ids = [](const JournalContent& of) {
    std::vector<std::string> found;
    for (const UnitRecord& record : of.units) found.push_back(record.key.id());
    return found;
  };
  EXPECT_EQ(ids(shuffled), ids(content));
  const auto at = [&](std::size_t i) { return content.units[i].key; };
  EXPECT_EQ(at(0).level.name, "head");
  EXPECT_EQ(at(0).seed, 0U);
  const std::size_t of_seed = static_cast<std::size_t>(
      std::ranges::count_if(content.units, [](const auto& u) { return u.key.seed == 0; }));
  EXPECT_EQ(at(of_seed - 1).architecture, "not of this study") << "seeds are outermost";
  EXPECT_LT(at(0).train_fraction, 2);
  for (std::size_t i = 1; i < of_seed; ++i) {
    if (at(i).architecture == at(i - 1).architecture) {
      EXPECT_LE(at(i).train_fraction, at(i - 1).train_fraction);
    }
  }
  EXPECT_EQ(content.probes[0].fold, 0);
  EXPECT_EQ(content.prefixes[0].architecture, "squeezenet1_1");
  EXPECT_EQ(content.estimates[0].level.name, "head");
}

/// Appends until it is killed; tells each acknowledged seed through `pipe`.
[[noreturn]] void append_for_ever(const fs::path& path, std::uint64_t first, int pipe) {
  try {
    Journal journal(path);
    for (std::uint64_t seed = first;; ++seed) {
      journal.append(unit(seed));
      if (::write(pipe, &seed, sizeof seed) != sizeof seed) break;
    }
  } catch (...) {
  }
  ::_exit(1);
}

/// Runs a writer, kills it a while after so many acknowledged records, and returns all that it
/// acknowledged.
std::vector<std::uint64_t> run_and_kill(const fs::path& path, std::uint64_t first,
                                        std::size_t records, std::chrono::microseconds after) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t child = ::fork();
  if (child == 0) append_for_ever(path, first, ends[1]);
  ::close(ends[1]);
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t seed = 0;
  const auto hear = [&] { return ::read(ends[0], &seed, sizeof seed) == sizeof seed; };
  while (acknowledged.size() < records && hear()) acknowledged.push_back(seed);
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  while (hear()) acknowledged.push_back(seed);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
  return acknowledged;
}

TEST(Journal, FiftyKillsLoseNothing) {
  const TemporaryFolder folder;
  const fs::path path = folder / "journal.jsonl";
  Random random(11);
  std::vector<std::uint64_t> acknowledged;
  for (int round = 0; round < 50; ++round) {
    // Some are killed while they open the journal, most while they append.
    const auto new_ones =
        run_and_kill(path, 1000 * static_cast<std::uint64_t>(round), random.below(4),
                     std::chrono::microseconds(random.below(4000)));
    acknowledged.insert(acknowledged.end(), new_ones.begin(), new_ones.end());
    if (round % 10 == 9) add_text(path, "{\"checksum\":\"torn");  // and a crash of the machine
  }
  const JournalContent content = Journal(path).content();
  EXPECT_EQ(content.damaged_lines, 0U);
  std::map<std::uint64_t, int> found;
  for (const std::uint64_t seed : seeds(content)) ++found[seed];
  EXPECT_GT(acknowledged.size(), 30U);
  for (const std::uint64_t seed : acknowledged) EXPECT_EQ(found[seed], 1) << "seed " << seed;
}

}  // namespace
}  // namespace fathom::results
