#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/file_lock.h"
#include "fathom/base/log.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/head_training.h"
#include "fathom/train/unit_inputs.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

namespace fs = std::filesystem;

std::vector<Sight> all_sights(const tests::TinyTask& tiny) {
  return sights_of(std::span(&tiny.task, 1));
}

void fill(tests::TinyTask& tiny, std::vector<std::size_t> boundaries) {
  tiny.inputs->fill(boundaries, all_sights(tiny), [] {});
}

std::vector<fs::path> cache_files(const tests::TinyTask& tiny) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(tiny.folder.path() / "prefix")) {
    if (entry.path().extension() == ".boundary") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::uint64_t record_bytes(tests::TinyTask& tiny) {
  return tiny.inputs->at(8, std::vector<std::int64_t>{0}, {}).nbytes();
}

/// The boundary of the images as the unit sees them.
torch::Tensor some(tests::TinyTask& tiny, std::size_t cut) {
  std::vector<std::int64_t> images;
  std::vector<int> views;
  for (const Sight& sight : all_sights(tiny)) {
    images.push_back(sight.image);
    views.push_back(sight.view);
  }
  return tiny.inputs->at(cut, images, views);
}

}  // namespace

TEST(Boundaries, StoredIsWhatIsComputed) {
  for (const char* precision : {"fp32", "bf16"}) {
    tests::TinyTask tiny("mobilenet_v2", "stage7");
    tiny.task.options.precision = precision;
    tiny.open_inputs();
    const torch::Tensor computed = some(tiny, 7), above = some(tiny, 8);
    fill(tiny, {3, 7});
    EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[7], 0U);
    const torch::Tensor read = some(tiny, 7);
    EXPECT_EQ(read.scalar_type(), computed.scalar_type());
    EXPECT_TRUE(read.is_contiguous(torch::MemoryFormat::ChannelsLast));
    // Batches of other sizes may be added up in another order.
    const double close = precision == std::string("fp32") ? 1e-5 : 0.02;
    EXPECT_TRUE(torch::allclose(read.to(torch::kFloat), computed.to(torch::kFloat), close, close));
    EXPECT_TRUE(
        torch::allclose(some(tiny, 8).to(torch::kFloat), above.to(torch::kFloat), close, close));
  }
}

TEST(Boundaries, ALaterStudyFindsThem) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  fill(tiny, {8});
  const std::size_t files = cache_files(tiny).size();
  tiny.open_inputs();
  EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[8], 0U);
  fill(tiny, {8});
  EXPECT_EQ(cache_files(tiny).size(), files);
}

TEST(Boundaries, MoreSeedsAddOnlyWhatIsMissing) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  fill(tiny, {8});
  tiny.task.key.seed = 1;
  const std::size_t missing = tiny.inputs->count_missing(all_sights(tiny))[8];
  EXPECT_GT(missing, 0U);
  EXPECT_LT(missing, all_sights(tiny).size());
  const std::uint64_t record = record_bytes(tiny), before = tiny.inputs->written();
  fill(tiny, {8});
  const std::uint64_t written = tiny.inputs->written() - before;
  EXPECT_GE(written, missing * record);
  EXPECT_LT(written, missing * (record + 24) + 3 * 4096);  // an index entry each, a header twice
  EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[8], 0U);
}

TEST(Boundaries, OtherWeightsDoNotShare) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  fill(tiny, {8});
  tiny.weights.hash = "other";
  tiny.open_inputs();
  EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[8], all_sights(tiny).size());
}

TEST(Boundaries, AFlippedByteIsReportedAndComputedAgain) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  fill(tiny, {8});
  const torch::Tensor right = some(tiny, 8);
  {
    std::fstream file(cache_files(tiny).front(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 100);
    const char byte = 0x55;
    file.write(&byte, 1);
  }
  std::vector<std::string> messages;
  set_log_sink([&](LogLevel, const std::string& message) { messages.push_back(message); });
  tiny.open_inputs();
  // One image alone may be added up in another order than in a batch.
  EXPECT_TRUE(torch::allclose(some(tiny, 8), right, 1e-5, 1e-5));
  set_log_sink({});
  EXPECT_EQ(tiny.inputs->damaged(), 1U);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_NE(messages.front().find("damaged records of fire8"), std::string::npos);
  tiny.open_inputs();  // the file is gone: the next filling writes it anew
  EXPECT_GT(tiny.inputs->count_missing(all_sights(tiny))[8], 0U);
}

TEST(Boundaries, ATornFileIsRemovedAndComputedAgain) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  fill(tiny, {8});
  const fs::path file = cache_files(tiny).front();
  fs::resize_file(file, fs::file_size(file) - 10);
  tiny.open_inputs();
  EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[8], all_sights(tiny).size());
  EXPECT_FALSE(fs::exists(file));
}

TEST(Boundaries, InterruptedFillingKeepsWhatIsDone) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  const std::size_t all = all_sights(tiny).size();
  const std::vector<std::size_t> boundaries{8};
  int batches = 0;
  const auto stop_after_one = [&] {
    if (batches++ == 1) throw Interrupted();
  };
  EXPECT_THROW(tiny.inputs->fill(boundaries, all_sights(tiny), stop_after_one), Interrupted);
  EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[8], all - 64);
  const std::uint64_t stored = fs::file_size(cache_files(tiny).front());
  EXPECT_GE(tiny.inputs->written(), stored);
  EXPECT_LT(tiny.inputs->written(), stored + 4096);  // a header twice
  for (const auto& entry : fs::recursive_directory_iterator(tiny.folder.path() / "prefix")) {
    EXPECT_EQ(entry.path().string().find(".part-"), std::string::npos) << entry.path();
  }
  fill(tiny, {8});
  EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[8], 0U);
}

TEST(Boundaries, FilesOfOtherImagesAreNoBoundaryOfThese) {
  tests::TinyTask tiny("squeezenet1_1", "fire9"), other("squeezenet1_1", "fire9");
  for (data::Sample& sample : tiny.dataset.samples) sample.hash = std::string(64, 'f');
  tiny.open_inputs();
  const torch::Tensor right = some(tiny, 8);
  fill(tiny, {8});
  tiny.dataset = other.dataset;
  tiny.open_inputs();
  EXPECT_EQ(tiny.inputs->count_missing(all_sights(tiny))[8], all_sights(tiny).size());
  EXPECT_TRUE(torch::allclose(some(tiny, 8), right, 1e-5, 1e-5));
}

TEST(BoundaryFile, DamagedFilesAreRefused) {
  const tests::TemporaryFolder folder;
  const BoundaryHeader header{"network", "block", 100};
  const fs::path path = folder.path() / "a.boundary";
  const auto message_after = [&](std::streamoff offset, const std::string& bytes) {
    {
      BoundaryWriter writer(path, header);
      for (int i = 0; i < 3; ++i) writer.add({}, std::vector<std::byte>(100));
      writer.finish();
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(offset);
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    return tests::error_of([&] { const BoundaryFile file(path, header); });
  };
  using testing::HasSubstr;
  EXPECT_THAT(message_after(0, "WRONG"), HasSubstr("its beginning"));
  EXPECT_THAT(message_after(8, std::string(4, '\xFF')), HasSubstr("header is too long"));
  EXPECT_THAT(message_after(12, "[[["), HasSubstr("header cannot be read"));
  EXPECT_THAT(message_after(4096 + 300, "x"), HasSubstr("index is damaged"));
  // So many records that their size wraps around 64 bits.
  const std::string json = R"({"records":148764065110560900})";
  EXPECT_THAT(message_after(8, std::string{static_cast<char>(json.size()), 0, 0, 0} + json),
              HasSubstr("cut off"));
  {
    BoundaryWriter whole(path, header);
    whole.add({}, std::vector<std::byte>(100));
    whole.finish();
  }
  EXPECT_EQ(BoundaryFile(path, header).count(), 1U);
  EXPECT_THROW(BoundaryFile(path, {"other", "block", 100}), DamagedFile);
  EXPECT_THROW(BoundaryFile(path, {"network", "block", 50}), DamagedFile);
}

TEST(PrefixCache, MakesRoomByTheLeastRecentlyUsedOfOtherNetworks) {
  const tests::TemporaryFolder folder;
  const PrefixCache cache(folder.path(), 40'000);
  const auto store = [&](const std::string& network) {
    const auto writer = cache.writer({network, "block", 8000});
    writer->add({}, std::vector<std::byte>(8000));
    writer->finish();
  };
  const auto is_stored = [&](const std::string& network) {
    return !cache.open({network, "block", 8000}).empty();
  };
  for (const char* network : {"first", "second", "third"}) store(network);
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(folder.path() / "first" / "block-0.boundary", now - std::chrono::hours(1));
  fs::last_write_time(folder.path() / "second" / "block-0.boundary", now - std::chrono::hours(2));
  cache.make_room(10'000, "third");
  EXPECT_FALSE(is_stored("second"));
  EXPECT_TRUE(is_stored("first"));
  cache.make_room(39'000, "third");
  EXPECT_FALSE(is_stored("first"));
  EXPECT_TRUE(is_stored("third"));  // the network's own files stay
}

TEST(PrefixCache, WhatAnotherMachineMayBeWritingIsLeftAlone) {
  const tests::TemporaryFolder folder;
  const std::string here = part_suffix() + "-999999999", far = ".part-00000000-12";
  const fs::path network = folder.path() / "network";
  for (const std::string& name : {"a-0.boundary" + here, "b-0.boundary" + far, "c-0.boundary" + far,
                                  std::string("d-0.boundary")}) {
    write_file_atomically(network / name, "half of it");
  }
  fs::last_write_time(network / ("c-0.boundary" + far),
                      fs::file_time_type::clock::now() - std::chrono::hours(25));
  const auto lock = PrefixCache(folder.path(), 1000).lock("network", [] {});
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(network)) {
    left.push_back(entry.path().filename().string());
  }
  std::ranges::sort(left);
  EXPECT_EQ(left, (std::vector<std::string>{"b-0.boundary" + far, "d-0.boundary", "lock"}));
}

TEST(Heads, TrainedTogetherOrAloneIsTheSameToTheBit) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  std::vector<UnitTask> tasks;
  for (const double rate : {1e-3, 1e-2}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      tasks.push_back(tiny.task);
      tasks.back().key.seed = seed;
      tasks.back().key.learning_rate = rate;
    }
  }
  const std::vector<UnitOutcome> together = train_heads(tasks, {});
  ASSERT_EQ(together.size(), tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const UnitOutcome alone = train_unit(tasks[i]);
    EXPECT_EQ(weights::content_hash(alone.tuned), weights::content_hash(together[i].tuned)) << i;
    EXPECT_EQ(alone.test.probabilities, together[i].test.probabilities) << i;
    EXPECT_EQ(alone.record.history.back().train_loss, together[i].record.history.back().train_loss);
  }
}

TEST(Heads, OneThatDivergesFailsAlone) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  tiny.task.options.optimizer = "sgd";
  tiny.task.options.warmup_epochs = 0;
  tiny.task.options.epochs = 20;
  std::vector<UnitTask> tasks(2, tiny.task);
  tasks[1].key.learning_rate = 1e38;
  const std::vector<UnitOutcome> outcomes = train_heads(tasks, {});
  EXPECT_TRUE(outcomes[0].record.finished);
  EXPECT_FALSE(outcomes[1].record.finished);
  EXPECT_NE(outcomes[1].record.failure.find("loss became"), std::string::npos);
}

TEST(FileLock, KeepsOthersOutAndNamesTheHolder) {
  const tests::TemporaryFolder folder;
  const auto first = std::make_unique<FileLock>(folder.path() / "lock");
  ASSERT_TRUE(first->holds());
  const FileLock second(folder.path() / "lock");
  EXPECT_FALSE(second.holds());
  EXPECT_TRUE(second.holder().starts_with("process " + std::to_string(::getpid()) + " on "))
      << second.holder();
}

}  // namespace fathom::train
