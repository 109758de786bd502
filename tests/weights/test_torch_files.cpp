#include <gtest/gtest.h>

#include "fathom/base/error.h"
#include "fathom/weights/state_dict.h"
#include "tests/support.h"
#include "tests/weights/weight_examples.h"

namespace fathom::weights::tests {
using namespace fathom::tests;

TEST(TorchFiles, WhatTorchSavesIsReadNumberByNumber) {
  const TemporaryFolder folder;
  run_oracle("weight_files.py", {"write", folder.path().string()});
  const auto expected = nlohmann::json::parse(read_file(folder / "expected.json"));
  ASSERT_GE(expected.size(), 30U);
  for (const auto& [file, tensors] : expected.items()) {
    SCOPED_TRACE(file);
    const WeightFile read = read_weight_file(folder / file);
    EXPECT_EQ(describe(read.tensors), tensors);
    EXPECT_EQ(read.format,
              file.ends_with("_legacy.pth") || file == "2017.pth" ? "torch legacy" : "torch zip");
  }
}

TEST(TorchFiles, TheSameTensorsInThreeFormatsHaveOneHash) {
  const auto path = shared_path("weights/squeezenet1_1_features.safetensors");
  FATHOM_NEEDS(path);
  const WeightFile file = read_weight_file(path);
  EXPECT_EQ(file.tensors.at("features.0.weight").shape, (std::vector<std::int64_t>{64, 3, 3, 3}));
  const std::string hash = content_hash(file.tensors);
  for (const char* name : {"squeezenet1_1_features.pth", "squeezenet1_1_features_legacy.pth"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(content_hash(read_weight_file(path.parent_path() / name).tensors), hash);
  }
}

/// What read_weight_file says of a legacy file around `object`.
std::string refusal(const std::string& object,
                    const std::vector<std::pair<std::string, std::uint64_t>>& storages = {
                        {"0", 4}}) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "w.pth", legacy_bytes(object, storages));
  return error_of([&] { read_weight_file(folder / "w.pth"); });
}

std::string state_dict_with(const std::string& value) { return dict_of(text("w") + value); }

TEST(TorchFiles, TheHandMadeExampleOfTheseTestsIsGood) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "w.pth",
                        legacy_bytes(state_dict_with(tensor(storage("0", 4), 0, {2, 2}, {2, 1}))));
  EXPECT_EQ(read_weight_file(folder / "w.pth").tensors.at("w").elements(), 4);
}

TEST(TorchFiles, CodeIsRefusedByNameAndNotRun) {
  struct Attack {
    std::string object, name;
  };
  const std::string command = "(" + text("touch /nowhere") + "tR";
  const std::vector<Attack> attacks{
      {global("os", "system") + command, "os.system"},
      {global("posix", "system") + command, "posix.system"},
      {state_dict_with(global("builtins", "eval") + command), "builtins.eval"},
      {state_dict_with(global("__builtin__", "exec") + command), "__builtin__.exec"},
      {text("subprocess") + text("Popen") + "\x93" + command, "subprocess.Popen"},
      {global("torch.storage", "_load_from_bytes") + command, "torch.storage._load_from_bytes"},
      {global("torchvision.models.vgg", "VGG") + ")\x81", "torchvision.models.vgg.VGG"},
      {global("torch", "UntypedStorage"), "torch.UntypedStorage"},
      {global("torch", "FloatStorage.__reduce__"), "torch.FloatStorage.__reduce__"},
      {global("os", std::string("sys\x1b[2Jtem")), "os.sys?[2Jtem"}};
  for (const Attack& attack : attacks) {
    const std::string message = refusal(attack.object);
    EXPECT_NE(message.find(attack.name + " is not a tensor: refused; nothing in the file was run"),
              std::string::npos)
        << message;
  }
}

TEST(TorchFiles, MarksAndMemoEntriesAreBounded) {
  EXPECT_NE(refusal(std::string(3'000'000, '(')).find("more than"), std::string::npos);
  std::string fetches = text("x") + std::string("q\1", 2);
  for (int i = 0; i < 2'500'000; ++i) fetches += std::string("h\1", 2);
  EXPECT_NE(refusal(fetches).find("more than"), std::string::npos);
}

TEST(TorchFiles, AllowedGlobalsAreCalledOnlyAsAStateDictDoes) {
  const std::string type = global("torch", "FloatStorage");
  EXPECT_NE(refusal(type + ")R").find("a call of a storage type: refused"), std::string::npos);
  EXPECT_NE(refusal(text("f") + ")R").find("no function: refused"), std::string::npos);
  EXPECT_NE(refusal(global("collections", "OrderedDict") + "(K\1tR").find("a list of pairs"),
            std::string::npos);
  EXPECT_NE(refusal(global("torch._utils", "_rebuild_tensor_v2") + ")R").find("wrong arguments"),
            std::string::npos);
  EXPECT_NE(refusal(global("torch._utils", "_rebuild_parameter") + ")R").find("without its tensor"),
            std::string::npos);
  EXPECT_NE(refusal("]}b").find("attributes of a plain value"), std::string::npos);
  EXPECT_NE(refusal("(" + text("module") + "K\1K\1K\1K\1tQ").find("names no storage"),
            std::string::npos);
}

TEST(TorchFiles, BrokenPicklesAreRefused) {
  struct Broken {
    std::string object, message;
  };
  const std::vector<Broken> cases{
      {"0", "opcode 0x30 has no place"},
      {"", "one value"},
      {"K\1K\2", "one value"},
      {"(K\1", "one value"},
      {"a", "the stack is empty"},
      {"(a", "the stack is empty"},
      {"t", "no mark"},
      {"]K\1K\2s", "a dict was expected"},
      {"}(K\1u", "a key without a value"},
      {"h\5", "memo entry 5 was never put"},
      {"q\1", "the stack is empty"},
      {"K\1", "no dict of tensors"},
      {"]", "no dict of tensors"},
      {dict_of(text("epoch") + "K\1"), "it holds epoch"},
      {dict_of(text("encoder") + "}" + text("decoder") + "}"), "encoder, decoder"},
      {dict_of("K\1" + tensor(storage("0", 4), 0, {1}, {1})), "key is not a text"},
      {dict_of(text("a\nb") + tensor(storage("0", 4), 0, {1}, {1})), "cannot name a tensor"},
      {dict_of(text("\xff") + tensor(storage("0", 4), 0, {1}, {1})), "cannot name a tensor"},
      {dict_of(text("__metadata__") + tensor(storage("0", 4), 0, {1}, {1})),
       "cannot name a tensor"},
      {dict_of(text("w") + tensor(storage("0", 4), 0, {1}, {1}) + text("w") +
               tensor(storage("0", 4), 0, {1}, {1})),
       "'w' stands twice"}};
  for (const Broken& broken : cases) {
    const bool has_tensors = broken.object.find("storage") != std::string::npos;
    const std::string message = has_tensors ? refusal(broken.object) : refusal(broken.object, {});
    EXPECT_NE(message.find(broken.message), std::string::npos) << message;
  }
}

TEST(TorchFiles, StridesAreCheckedAgainstTheStorage) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  struct Claim {
    std::string value, message;
  };
  const std::string four = storage("0", 4);
  const std::vector<Claim> claims{
      {tensor(four, 0, {5}, {1}), "reaches beyond the 4 numbers"},
      {tensor(four, 4, {1}, {1}), "reaches beyond"},
      {tensor(four, kHuge, {1}, {1}), "reaches beyond"},
      {tensor(four, 0, {2, 2}, {3, 1}), "reaches beyond"},
      {tensor(four, 0, {3, 3}, {kHuge, kHuge}), "reaches beyond"},
      {tensor(four, 0, {5}, {kHuge}), "overflows 64 bits"},
      {tensor(four, 0, {kHuge, kHuge}, {0, 0}), "overflows 64 bits"},
      {tensor(four, 0, {std::int64_t{1} << 40}, {0}), "far more than the file holds: refused"},
      {tensor(four, -1, {1}, {1}), "a tensor's offset is -1"},
      {tensor(four, 0, {-1}, {1}), "a tensor's dimension is -1"},
      {tensor(four, 0, {2}, {-1}), "a tensor's stride is -1"},
      {tensor(four, 0, {2}, {}), "1 dimensions and 0 strides"},
      {tensor(four, 0, std::vector<std::int64_t>(65, 1), std::vector<std::int64_t>(65, 1)),
       "65 dimensions"},
      {tensor(storage("9", 4), 0, {1}, {1}), "a storage that no tensor uses"},
      {tensor(storage("0", 8), 0, {1}, {1}), "4 numbers where 8 were promised"},
      {tensor(storage("0", -4), 0, {1}, {1}), "the size of a storage is -4"}};
  for (const Claim& claim : claims) {
    const std::string message = refusal(state_dict_with(claim.value));
    EXPECT_NE(message.find(claim.message), std::string::npos) << message;
  }
}

TEST(TorchFiles, StoragesAreCheckedAgainstTheList) {
  const std::string good = state_dict_with(tensor(storage("0", 4), 0, {1}, {1}));
  EXPECT_NE(refusal(good, {}).find("storage '0' is missing"), std::string::npos);
  EXPECT_NE(refusal(good, {{"0", 4}, {"0", 4}}).find("storage '0' stands twice"),
            std::string::npos);
  EXPECT_NE(refusal(good, {{"1", 4}}).find("a storage that no tensor uses"), std::string::npos);
  const std::string both = dict_of(text("a") + tensor(storage("0", 4), 0, {1}, {1}) + text("b") +
                                   tensor(storage("0", 2), 0, {1}, {1}));
  EXPECT_NE(refusal(both).find("claimed with two types or sizes"), std::string::npos);
}

TEST(TorchFiles, PicklesThatMultiplyAreRefused) {
  // Ten times a list of ten of the list before: 10^n values if anyone walked them.
  std::string nested = "]";
  for (int i = 0; i < 30; ++i) nested += "q\1](h\1h\1h\1h\1h\1h\1h\1h\1h\1h\1e";
  EXPECT_NE(refusal(nested).find("one value"), std::string::npos);

  const std::string deep = std::string(500'000, ']') + std::string(499'999, 'a');
  EXPECT_NE(refusal(deep, {}).find("no dict of tensors"), std::string::npos);

  EXPECT_NE(refusal(std::string(1'000'001, ']')).find("more than 1000000 values"),
            std::string::npos);

  // A dict of 1000 pairs, copied 10,000 times by calls of a few bytes each.
  std::string copies = global("collections", "OrderedDict") + "q\1](";
  for (int i = 0; i < 1000; ++i) copies += "K\1K\1\x86";
  copies += "e\x85q\2R";
  for (int i = 0; i < 10'000; ++i) copies += "h\1h\2R";
  EXPECT_NE(refusal(copies).find("more than 1000000 values"), std::string::npos);

  // A memo of scattered indices costs entries, not the range they span.
  EXPECT_NE(refusal("]r\xff\xff\xff\xff", {}).find("no dict of tensors"), std::string::npos);
}

}  // namespace fathom::weights::tests
