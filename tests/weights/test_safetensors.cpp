#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fathom/base/error.h"
#include "fathom/weights/state_dict.h"
#include "tests/support.h"
#include "tests/weights/weight_examples.h"

namespace fathom::weights::tests {
using namespace fathom::tests;

TEST(Safetensors, RoundTripKeepsTensorsAndMetadata) {
  const TemporaryFolder folder;
  const StateDict tensors = small_state_dict();
  write_safetensors(folder / "w.safetensors", tensors, {{"k", "v \"quoted\""}});
  const WeightFile read = read_weight_file(folder / "w.safetensors");
  EXPECT_EQ(read.format, "safetensors");
  EXPECT_EQ(describe(read.tensors), describe(tensors));
  EXPECT_EQ(read.metadata.at("k"), "v \"quoted\"");
  EXPECT_EQ(content_hash(read.tensors), content_hash(tensors));
}

TEST(Safetensors, AnIndependentReaderSeesTheSame) {
  const TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", small_state_dict(), {{"k", "v"}});
  const auto seen = nlohmann::json::parse(
      run_oracle("weight_files.py", {"parse", (folder / "w.safetensors").string()}));
  EXPECT_EQ(seen["tensors"], describe(small_state_dict()));
  EXPECT_EQ(seen["metadata"], (nlohmann::json{{"k", "v"}}));
}

TEST(Safetensors, ReadsARealFile) {
  const auto path = shared_path("weights/mobilenet_v2.safetensors");
  FATHOM_NEEDS(path);
  const WeightFile file = read_weight_file(path);
  EXPECT_EQ(file.metadata.at("arch"), "mobilenet_v2");
  EXPECT_EQ(file.tensors.at("features.0.0.weight").shape, (std::vector<std::int64_t>{32, 3, 3, 3}));
  EXPECT_EQ(file.tensors.at("classifier.1.weight").elements(), 1000 * 1280);
}

TEST(Safetensors, MetadataThatIsNoTextIsRefusedWhenWriting) {
  const TemporaryFolder folder;
  EXPECT_NE(error_of([&] {
              write_safetensors(folder / "w.safetensors", small_state_dict(), {{"k", "\xff"}});
            }).find("not UTF-8"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "w.safetensors"));
}

TEST(ContentHash, ChangesWithNameShapeDtypeAndBytes) {
  const StateDict one{{"w", floats({4}, {1, 2, 3, 4})}};
  StateDict other{{"v", floats({4}, {1, 2, 3, 4})}};
  EXPECT_NE(content_hash(one), content_hash(other));
  other = {{"w", floats({2, 2}, {1, 2, 3, 4})}};
  EXPECT_NE(content_hash(one), content_hash(other));
  other = {{"w", floats({4}, {1, 2, 3, 5})}};
  EXPECT_NE(content_hash(one), content_hash(other));
  other = one;
  other["w"].dtype = DType::i32;
  EXPECT_NE(content_hash(one), content_hash(other));
}

TEST(RequireFinite, NamesTheTensorOfEveryFloatingDtype) {
  const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
  const std::vector<TensorData> bad{
      floats({2}, {1, nan}), floats({1}, {-inf}),
      tensor_of<double>(DType::f64, {1}, {std::nan("")}),
      tensor_of<std::uint16_t>(DType::f16, {1}, {0xfc00}),    // -infinity
      tensor_of<std::uint16_t>(DType::bf16, {1}, {0x7fc0})};  // NaN
  for (const TensorData& tensor : bad) {
    const std::string message = error_of([&] {
      require_finite({{"good", floats({1}, {0})}, {"w", tensor}}, "f.pth");
    });
    EXPECT_NE(message.find("f.pth: tensor 'w' holds NaN or infinity"), std::string::npos)
        << message;
  }
  require_finite({{"a", tensor_of<std::uint16_t>(DType::f16, {1}, {0x7bff})},  // 65504, finite
                  {"b", tensor_of<std::uint16_t>(DType::bf16, {1}, {0x7f7f})},
                  {"c", tensor_of<std::int64_t>(DType::i64, {1}, {-1})},
                  {"d", floats({1}, {std::numeric_limits<float>::max()})}},
                 "f.pth");
}

struct HostileHeader {
  const char* what;
  std::string bytes;
  const char* message;
};

std::string tensor_header(const std::string& shape, const std::string& offsets) {
  return R"({"w":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

const std::vector<HostileHeader> kHostileHeaders{
    {"huge header", little<std::uint64_t>(~0ULL) + "{}", "at most 100000000"},
    {"header beyond the file", little<std::uint64_t>(99) + "{}      ", "truncated"},
    {"not JSON", safetensors_bytes("{oops}", 0), "not valid JSON"},
    {"not UTF-8", safetensors_bytes("{\"\xff\":1}", 0), "not valid JSON"},
    {"garbage behind", safetensors_bytes("{}x", 0), "not valid JSON"},
    {"nothing", safetensors_bytes("{}", 0), "holds no tensors"},
    {"deep lists", safetensors_bytes("{\"w\":" + std::string(100'000, '['), 0), "holds a list"},
    {"deep objects", safetensors_bytes(R"({"w":{"shape":{)", 0), "holds an object"},
    {"metadata of a metadata", safetensors_bytes(R"({"__metadata__":{"a":{}}})", 0),
     "metadata 'a'"},
    {"number as metadata", safetensors_bytes(R"({"__metadata__":{"a":1}})", 0), "a number"},
    {"metadata twice", safetensors_bytes(R"({"__metadata__":{"a":"","a":""}})", 0),
     "metadata 'a' stands twice"},
    {"number as tensor", safetensors_bytes(R"({"w":1})", 0), "holds a number at tensor 'w'"},
    {"missing fields", safetensors_bytes(R"({"w":{"dtype":"F32"}})", 0), "lacks its dtype"},
    {"field twice", safetensors_bytes(R"({"w":{"dtype":"F32","dtype":"F32"}})", 0),
     "has its dtype twice"},
    {"unknown field", safetensors_bytes(R"({"w":{"strides":[1]}})", 0), "unknown field 'strides'"},
    {"unknown dtype",
     safetensors_bytes(R"({"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1),
     "'F8_E4M3' are not read"},
    {"name twice",
     safetensors_bytes(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                       R"("w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                       2),
     "'w' stands twice"},
    {"overflowing shape", safetensors_bytes(tensor_header("[4294967296,4294967296]", "[0,16]"), 16),
     "overflows 64 bits"},
    {"shape beyond int64", safetensors_bytes(tensor_header("[18446744073709551615]", "[0,4]"), 4),
     "a dimension of -1"},
    {"shape beyond uint64", safetensors_bytes(tensor_header("[99999999999999999999]", "[0,4]"), 4),
     "beyond 64 bits"},
    {"negative shape", safetensors_bytes(tensor_header("[-1]", "[0,4]"), 4), "negative"},
    {"fraction", safetensors_bytes(tensor_header("[1.5]", "[0,4]"), 4), "a number with a point"},
    {"three offsets", safetensors_bytes(tensor_header("[1]", "[0,4,5]"), 4), "two numbers"},
    {"lying size", safetensors_bytes(tensor_header("[2]", "[0,4]"), 4), "needs 8 bytes"},
    {"beyond the file", safetensors_bytes(tensor_header("[2]", "[0,8]"), 4), "not in the file"},
    {"reversed", safetensors_bytes(tensor_header("[1]", "[4,0]"), 4), "not in the file"},
    {"gap in front", safetensors_bytes(tensor_header("[1]", "[4,8]"), 8), "gap"},
    {"bytes behind", safetensors_bytes(tensor_header("[1]", "[0,4]"), 8), "4 bytes after"},
    {"overlap",
     safetensors_bytes(R"({"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                       R"("v":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
                       6),
     "overlap"},
    {"control character in a name",
     safetensors_bytes(R"({"w\u001b[2J":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1),
     "cannot name a tensor"}};

TEST(Safetensors, HostileFilesAreRefusedEachWithItsOwnMessage) {
  const TemporaryFolder folder;
  const auto path = folder / "w.safetensors";
  for (const HostileHeader& hostile : kHostileHeaders) {
    SCOPED_TRACE(hostile.what);
    write_file_atomically(path, hostile.bytes);
    const std::string message = error_of([&] { read_weight_file(path); });
    EXPECT_TRUE(message.starts_with(path.string())) << message;
    EXPECT_NE(message.find(hostile.message), std::string::npos) << message;
  }
}

TEST(Safetensors, AShapeOfTooManyDimensionsIsRefused) {
  const TemporaryFolder folder;
  std::string shape = "[1";
  for (int i = 0; i < 100; ++i) shape += ",1";
  write_file_atomically(folder / "w", safetensors_bytes(tensor_header(shape + "]", "[0,4]"), 4));
  const std::string message = error_of([&] { read_weight_file(folder / "w"); });
  EXPECT_NE(message.find("more than 64 numbers"), std::string::npos) << message;
}

TEST(WeightFile, WhatIsNoWeightFileIsRefused) {
  const TemporaryFolder folder;
  const auto refuses = [&](const std::string& bytes, const std::string& expected) {
    write_file_atomically(folder / "w", bytes);
    const std::string message = error_of([&] { read_weight_file(folder / "w"); });
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  };
  refuses("hello, I am no weight file", "not a weight file");
  refuses("\x89HDF\r\n\x1a\n more", "not an HDF5 file, or a truncated one");
  refuses("x", "not a weight file");
  refuses("", "empty");
  EXPECT_NE(error_of([&] { read_weight_file(folder.path()); }).find("not a file"),
            std::string::npos);
  EXPECT_NE(error_of([&] { read_weight_file(folder / "none"); }).find("No such file"),
            std::string::npos);
}

}  // namespace fathom::weights::tests
