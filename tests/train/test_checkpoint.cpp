// A unit that is stopped and goes on, as often as one likes, and what damages its checkpoint.
#include <gmock/gmock.h>

#include <utility>

#include "fathom/base/random.h"
#include "fathom/train/checkpoint.h"
#include "tests/faults.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

namespace fs = std::filesystem;
using tests::expect_same;

/// A unit whose checkpoint stands in its own folder.
struct StoppableTask : tests::TinyTask {
  StoppableTask(const std::string& architecture, const std::string& level)
      : TinyTask(architecture, level) {
    task.options.epochs = 4;
    task.options.learning_rates = {3e-3};
    task.key.learning_rate = 3e-3;
    for (std::int64_t image = 0; image < 8; ++image) task.compared.push_back(image);
    task.checkpoint = folder / "unit/checkpoint.safetensors";
  }

  /// Trains until the observer is told of a batch for the `count`-th time.
  void stop_after(int count) const {
    UnitObserver observer;
    observer.after_batch = [&] {
      if (--count <= 0) throw Interrupted();
    };
    EXPECT_THROW(train_unit(task, observer), Interrupted);
    ASSERT_TRUE(fs::exists(task.checkpoint));
  }

  /// As a unit that nobody stops.
  UnitOutcome train_whole() {
    const fs::path checkpoint = std::exchange(task.checkpoint, {});
    UnitOutcome outcome = train_unit(task);
    task.checkpoint = checkpoint;
    return outcome;
  }
};

/// Trains a unit that is stopped after a few batches, again and again, each time by other objects,
/// as in other processes.
UnitOutcome train_with_stops(StoppableTask& task, std::uint64_t seed, int& stops) {
  Random random(seed);
  for (stops = 0; stops < 200; ++stops) {
    auto left = 1 + random.below(4);
    UnitObserver observer;
    observer.after_batch = [&] {
      if (--left == 0) throw Interrupted();
    };
    try {
      return train_unit(task.task, observer);
    } catch (const Interrupted&) {
    }
  }
  throw std::runtime_error("never finished");
}

}  // namespace

TEST(Checkpoint, AStoppedUnitGoesOnToTheSameResultToTheBit) {
  struct Case {
    const char* architecture;
    const char* level;
    std::function<void(TrainOptions&)> change;
  };
  const std::vector<Case> cases{
      {"squeezenet1_1", "fire9", [](auto&) {}},
      {"mobilenet_v2", "stage7", [](TrainOptions& o) { o.precision = "bf16"; }},
      {"mobilenet_v2", "norm-only", [](TrainOptions& o) { o.optimizer = "adamw"; }},
      {"squeezenet1_1", "fire9",
       [](TrainOptions& o) {
         o.optimizer = "sgd";
         o.schedule = "plateau";
         o.epochs = 9;
         o.patience = 3;
       }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.architecture) + " " + c.level);
    StoppableTask task(c.architecture, c.level);
    c.change(task.task.options);
    task.open_inputs();
    const UnitOutcome whole = task.train_whole();
    int stops = 0;
    expect_same(train_with_stops(task, 5, stops), whole);
    EXPECT_GT(stops, 3);
  }
}

TEST(Checkpoint, CostsAreThoseOfAllProcessesTogether) {
  StoppableTask task("squeezenet1_1", "fire9");
  task.stop_after(6);
  const UnitOutcome rest = train_unit(task.task);
  EXPECT_EQ(rest.record.history.size(), 4U);
  const auto file = weights::read_weight_file(task.task.checkpoint);
  const Json before = Json::parse(file.metadata.at("fathom.place")).at("record").at("cost");
  EXPECT_GT(before.at("train_seconds").get<double>(), 0);
  EXPECT_GT(rest.record.cost.train_seconds, before.at("train_seconds").get<double>());
  EXPECT_GT(rest.record.cost.total_seconds, before.at("total_seconds").get<double>());
}

TEST(Checkpoint, IsWrittenFromTimeToTime) {
  StoppableTask task("squeezenet1_1", "fire9");
  UnitObserver observer;
  observer.after_batch = [&] {
    // Like a kill: nothing is caught that would write one.
    if (fs::exists(task.task.checkpoint)) throw std::runtime_error("killed");
  };
  EXPECT_EQ(train_unit(task.task, observer).record.history.size(), 4U);  // every minute: never
  task.task.checkpoint_seconds = 0;
  EXPECT_THROW(train_unit(task.task, observer), std::runtime_error);
  const tests::Messages messages;
  train_unit(task.task);
  EXPECT_THAT(messages.all, ::testing::Contains(::testing::HasSubstr("goes on from its check")));
}

TEST(Checkpoint, AnyFlippedBitIsFoundAndTheUnitBeginsAnew) {
  StoppableTask task("squeezenet1_1", "fire9");
  task.stop_after(7);
  const fs::path& path = task.task.checkpoint;
  const fs::path kept = path.string() + ".kept";
  fs::copy_file(path, kept);
  const std::string identity = weights::read_weight_file(kept).metadata.at("fathom.unit_state");
  ASSERT_TRUE(read_checkpoint(path, identity).has_value());
  Random random(3);
  for (int i = 0; i < 60; ++i) {
    // Half of them in the header, which is small.
    const std::uint64_t size = i % 2 == 0 ? 4000 : fs::file_size(kept);
    fs::copy_file(kept, path, fs::copy_options::overwrite_existing);
    tests::flip_bit(path, random.below(size), static_cast<int>(random.below(8)));
    const tests::Messages messages;
    EXPECT_FALSE(read_checkpoint(path, identity).has_value()) << i;
    ASSERT_EQ(messages.all.size(), 1U);
    EXPECT_THAT(messages.all.front(), ::testing::HasSubstr("the training begins anew"));
  }
  const UnitOutcome anew = train_unit(task.task);
  expect_same(anew, task.train_whole());
}

TEST(Checkpoint, OfAnotherUnitIsLeftOut) {
  StoppableTask task("squeezenet1_1", "fire9");
  task.stop_after(7);
  task.task.key.learning_rate = 1e-4;
  const tests::Messages messages;
  const UnitOutcome anew = train_unit(task.task);
  expect_same(anew, task.train_whole());
  ASSERT_EQ(messages.all.size(), 1U);
  EXPECT_THAT(messages.all.front(), ::testing::HasSubstr("another"));
}

TEST(Checkpoint, AFullDiskStopsNoTraining) {
  StoppableTask task("squeezenet1_1", "fire9");
  task.task.checkpoint_seconds = 0;
  const tests::Messages messages;
  {
    const tests::FullDisk full(10'000);
    EXPECT_TRUE(train_unit(task.task).record.finished);
  }
  ASSERT_FALSE(messages.all.empty());
  EXPECT_THAT(messages.all.front(), ::testing::HasSubstr("File too large"));
  EXPECT_THAT(messages.all.front(), ::testing::HasSubstr("begins anew"));
  EXPECT_FALSE(fs::exists(task.task.checkpoint));
  EXPECT_TRUE(fs::is_empty(task.task.checkpoint.parent_path()));
}

}  // namespace fathom::train
