#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "fathom/weights/state_dict.h"
#include "tests/support.h"

namespace fathom::weights {
namespace {

/// What is read from a file of that name with a number under each of these names.
WeightFile file_read(const std::vector<std::string>& names, const std::string& file_name) {
  const tests::TemporaryFolder folder;
  static const float number = 1;
  StateDict tensors;
  for (const std::string& name : names) {
    tensors[name] = {DType::f32, {1}, std::as_bytes(std::span(&number, 1)), nullptr};
  }
  write_safetensors(folder / file_name, tensors);
  return read_weight_file(folder / file_name);
}

/// The names under which tensors come back from a file.
std::vector<std::string> names_read(const std::vector<std::string>& names) {
  std::vector<std::string> read;
  for (const auto& [name, tensor] : file_read(names, "a.safetensors").tensors) {
    read.push_back(name);
  }
  return read;
}

/// The modules of timm's regnety_008_tv, a tensor each.
std::vector<std::string> regnet_names() {
  std::vector<std::string> names{"stem.conv.w", "stem.bn.w"};
  constexpr std::array kUnits{1, 3, 8, 2};
  for (std::size_t stage = 0; stage < kUnits.size(); ++stage) {
    for (int unit = 1; unit <= kUnits[stage]; ++unit) {
      const std::string block = "s" + std::to_string(stage + 1) + ".b" + std::to_string(unit) + ".";
      for (const std::string conv : {"conv1", "conv2", "conv3", "downsample"}) {
        if (conv == "downsample" && unit > 1) continue;
        names.push_back(block + conv + ".conv.w");
        names.push_back(block + conv + ".bn.w");
      }
      names.push_back(block + "se.fc1.w");
      names.push_back(block + "se.fc2.w");
    }
  }
  return names;
}

/// The modules of timm's efficientnet_b0, and of its tf_efficientnet_b0, a tensor each.
std::vector<std::string> efficientnet_names() {
  std::vector<std::string> names{"conv_stem.w", "bn1.w", "conv_head.w", "bn2.w", "classifier.w"};
  constexpr std::array kUnits{1, 2, 2, 3, 3, 4, 1};
  for (std::size_t stage = 0; stage < kUnits.size(); ++stage) {
    for (int unit = 0; unit < kUnits[stage]; ++unit) {
      std::vector<std::string> layers{"conv_dw",        "bn1",     "se.conv_reduce",
                                      "se.conv_expand", "conv_pw", "bn2"};
      if (stage > 0) layers.insert(layers.end(), {"conv_pwl", "bn3"});
      for (const std::string& layer : layers) {
        names.push_back("blocks." + std::to_string(stage) + "." + std::to_string(unit) + "." +
                        layer + ".w");
      }
    }
  }
  return names;
}

TEST(Timm, TensorflowsTwinIsToldByTheNameOfItsFileOrNotAtAll) {
  const WeightFile twin = file_read(efficientnet_names(), "tf_efficientnet_b0_ns-c0e6a31c.pth");
  EXPECT_EQ(twin.conventions, (Conventions{"tensorflow", 1e-3}));
  EXPECT_FALSE(twin.other_conventions);
  for (const char* name : {"efficientnet_b0_ra-3dd342df.pth", "model.safetensors"}) {
    const WeightFile either = file_read(efficientnet_names(), name);
    EXPECT_EQ(either.conventions, Conventions{});
    EXPECT_EQ(either.other_conventions, (Conventions{"tensorflow", 1e-3}));
  }
  // Of this one there is no twin.
  EXPECT_FALSE(file_read(regnet_names(), "model.safetensors").other_conventions);
}

TEST(Timm, NamesOfAWholeNetworkAreTranslatedWithoutItsHead) {
  std::vector<std::string> names = regnet_names();
  const std::size_t tensors = names.size();
  names.push_back("head.fc.w");
  const std::vector<std::string> read = names_read(names);
  EXPECT_EQ(read.size(), tensors);
  EXPECT_EQ(std::ranges::count(read, "trunk_output.block3.block3-7.f.se.fc2.w"), 1);
  EXPECT_EQ(std::ranges::count(read, "trunk_output.block4.block4-0.proj.1.w"), 1);
}

TEST(Timm, NamesOfAnotherNetworkStayAsTheyAre) {
  std::vector<std::string> more = regnet_names();
  more.push_back("s4.b3.conv1.conv.w");
  std::ranges::sort(more);
  EXPECT_EQ(names_read(more), more);
  std::vector<std::string> fewer = regnet_names();
  fewer.pop_back();
  std::ranges::sort(fewer);
  EXPECT_EQ(names_read(fewer), fewer);
}

}  // namespace
}  // namespace fathom::weights
