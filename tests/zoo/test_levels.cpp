#include <gtest/gtest.h>

#include "fathom/zoo/architecture.h"
#include "tests/support.h"

namespace fathom::zoo {
namespace {

using results::Level;
using Names = std::vector<std::string>;
using tests::error_of;

const Architecture& squeezenet() { return find_architecture("squeezenet1_1"); }
const Architecture& mobilenet() { return find_architecture("mobilenet_v2"); }

Names names_of(const std::vector<Level>& levels) {
  Names names;
  for (const Level& level : levels) names.push_back(level.name);
  return names;
}

TEST(Levels, AllDepthsAreNamedByTheirLowestTunedBlock) {
  const std::vector<Level> levels = all_levels(squeezenet());
  EXPECT_EQ(names_of(levels), (Names{"head", "fire9", "fire8", "fire7", "fire6", "fire5", "fire4",
                                     "fire3", "fire2", "all"}));
  for (std::size_t i = 0; i < levels.size(); ++i) {
    EXPECT_EQ(levels[i].depth, static_cast<int>(i));
    EXPECT_FALSE(levels[i].norm_only);
  }
}

TEST(Levels, AllAloneIsEveryDepthAndInAListTheDeepest) {
  EXPECT_EQ(parse_levels(squeezenet(), {"all"}), all_levels(squeezenet()));
  EXPECT_EQ(names_of(parse_levels(squeezenet(), {"all", "head"})), (Names{"head", "all"}));
}

TEST(Levels, NamesNumbersAndDoublesAreSortedShallowFirst) {
  EXPECT_EQ(names_of(parse_levels(squeezenet(), {"9", "fire8", "stem", "2", "head", "0", "fire9"})),
            (Names{"head", "fire9", "fire8", "all"}));
}

TEST(Levels, NormOnlyComesAfterHead) {
  const std::vector<Level> levels = parse_levels(mobilenet(), {"top", "norm-only", "head"});
  EXPECT_EQ(names_of(levels), (Names{"head", "norm-only", "top"}));
  EXPECT_EQ(levels[1], (Level{"norm-only", 0, true}));
}

TEST(Levels, NormOnlyNeedsNormalization) {
  EXPECT_EQ(error_of([] { parse_levels(squeezenet(), {"norm-only"}); }),
            "depth 'norm-only': SqueezeNet 1.1 has no normalization layers; leave it out for this "
            "architecture");
}

TEST(Levels, UnknownNamesGetTheNearest) {
  const std::string error = error_of([] { parse_levels(squeezenet(), {"head", "fir9"}); });
  EXPECT_NE(error.find("'fir9'; did you mean 'fire9'?"), std::string::npos) << error;
}

TEST(Levels, NumbersBeyondTheBlocksAreRefused) {
  for (const std::string depth : {"10", "-1"}) {
    EXPECT_EQ(
        error_of([&] { parse_levels(squeezenet(), {depth}); }),
        "depth " + depth + ": SqueezeNet 1.1 has 9 blocks, so a depth is 0 (head) to 9 (all)");
  }
  for (const std::string text : {"3x", "", "99999999999999999999"}) {
    const std::string error = error_of([&] { parse_levels(squeezenet(), {text}); });
    EXPECT_NE(error.find("unknown depth"), std::string::npos) << error;
  }
}

TEST(Levels, FineBlocksAreReachedByTheirOwnNamesAndThatOfTheirStage) {
  const Architecture& fine = find_architecture("resnet18-fine");
  EXPECT_EQ(names_of(all_levels(fine)),
            (Names{"head", "layer4.1", "layer4.0", "layer3.1", "layer3.0", "layer2.1", "layer2.0",
                   "layer1.1", "layer1.0", "all"}));
  EXPECT_EQ(
      parse_levels(fine, {"layer4.1", "layer4", "layer3.0", "layer3"}),
      (std::vector<Level>{{"layer4.1", 1, false}, {"layer4.0", 2, false}, {"layer3.0", 4, false}}));
  EXPECT_EQ(names_of(parse_levels(fine, {"stem"})), Names{"all"});
}

TEST(Levels, AFineBlockOfANetworkInStagesSaysHowToReachIt) {
  const std::string error =
      error_of([] { parse_levels(find_architecture("resnet18"), {"layer4.1"}); });
  EXPECT_EQ(error,
            "depth 'layer4.1': a fine block; it is a depth of resnet18-fine, which '--blocks fine' "
            "studies in the place of resnet18");
}

TEST(Levels, NoDepthIsAnError) {
  EXPECT_NE(error_of([] { parse_levels(squeezenet(), {}); }).find("no depths given"),
            std::string::npos);
}

TEST(Architectures, UnknownNamesGetTheNearest) {
  const std::string error = error_of([] { find_architecture("vgg17"); });
  EXPECT_NE(error.find("did you mean 'vgg1"), std::string::npos) << error;
}

TEST(Architectures, AreCutIntoFineBlocksWhereTheyHaveThem) {
  const Architecture& fine = in_fine_blocks(find_architecture("resnet50"));
  EXPECT_EQ(fine.name, "resnet50-fine");
  EXPECT_EQ(fine.blocks.size(), 17U);
  EXPECT_EQ(&in_fine_blocks(fine), &fine);
  EXPECT_EQ(&in_fine_blocks(squeezenet()), &squeezenet());
}

}  // namespace
}  // namespace fathom::zoo
