// Every kind of architecture trains to the same bits when the same is asked for again.
#include <map>

#include "tests/contract/kinds.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

/// A unit of few images, so that any network trains in a moment.
struct FewImages : tests::TinyTask {
  FewImages(const std::string& architecture, const std::string& level)
      : TinyTask(architecture, level) {
    std::map<std::pair<data::Split, int>, int> kept;  // of each class
    for (std::size_t i = 0; i < assignment.size(); ++i) {
      const int most = assignment[i] == data::Split::train ? 6 : 3;
      if (++kept[{assignment[i], labels[i]}] > most) assignment[i] = data::Split::none;
    }
    task.options.batch_size = 6;
  }
};

class RepeatContract : public testing::TestWithParam<zoo::Architecture> {};

TEST_P(RepeatContract, AStoppedUnitGoesOnToTheSameBits) {
  FewImages unit(GetParam().name, GetParam().blocks.back());
  const UnitOutcome whole = train_unit(unit.task);
  unit.task.checkpoint = unit.folder / "checkpoint.safetensors";
  UnitObserver stopping;
  int batches = 0;
  stopping.after_batch = [&] {
    if (++batches > 3) throw Interrupted();  // in the second epoch
  };
  EXPECT_THROW(train_unit(unit.task, stopping), Interrupted);
  ASSERT_TRUE(std::filesystem::exists(unit.task.checkpoint));
  tests::expect_same(train_unit(unit.task), whole);
}

INSTANTIATE_TEST_SUITE_P(Zoo, RepeatContract, testing::ValuesIn(zoo::one_of_each_kind()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace fathom::train
