// Keras's HDF5, TensorFlow.js layers-models and npz, written by h5py, numpy and json.
#include <gmock/gmock.h>

#include "fathom/base/error.h"
#include "fathom/weights/card.h"
#include "fathom/weights/state_dict.h"
#include "tests/support.h"
#include "tests/weights/weight_examples.h"

namespace fathom::weights::tests {
using namespace fathom::tests;
using testing::HasSubstr;

const std::filesystem::path& keras_files(const std::string& kind) {
  static const TemporaryFolder folder;
  static std::map<std::string, std::filesystem::path> folders;
  if (!folders.contains(kind)) {
    folders[kind] = folder / kind;
    std::filesystem::create_directory(folders[kind]);
    run_oracle("keras_files.py", {kind, folders[kind].string()});
  }
  return folders[kind];
}

nlohmann::json expected_in(const std::string& file) {
  return nlohmann::json::parse(read_file(keras_files("write") / file));
}

TEST(KerasFiles, AreReadNumberByNumber) {
  const auto expected = expected_in("expected.json");
  ASSERT_GE(expected.size(), 14U);
  for (const auto& [file, tensors] : expected.items()) {
    SCOPED_TRACE(file);
    const WeightFile read = read_weight_file(keras_files("write") / file);
    EXPECT_EQ(describe(read.tensors), tensors);
    EXPECT_EQ(read.format, file.ends_with(".npz")     ? "npz"
                           : file.ends_with(".keras") ? "Keras archive"
                           : file.ends_with(".h5")    ? "Keras HDF5"
                                                      : "TensorFlow.js");
  }
}

TEST(KerasFiles, NumberedLayersAreTakenInTheirOrderAndGammaMayBeLeftOut) {
  const auto expected = expected_in("partial.json");
  ASSERT_EQ(expected.size(), 5U);
  for (const auto& [file, tensors] : expected.items()) {
    SCOPED_TRACE(file);
    const WeightFile read = read_weight_file(keras_files("write") / file);
    EXPECT_EQ(read.tensors.size(), 94U * 5);
    const auto found = describe(read.tensors);
    for (const auto& [name, tensor] : tensors.items())
      EXPECT_EQ(found.value(name, nlohmann::json()), tensor) << name;
  }
}

TEST(KerasFiles, SayWhichNetworkTheyAreAndHowItComputes) {
  const auto read = [](const std::string& name) {
    return read_weight_file(keras_files("write") / name);
  };
  EXPECT_EQ(read("vgg16_notop.h5").metadata.at("keras"), "VGG16");
  EXPECT_EQ(read("vgg16_notop.h5").conventions, Conventions{});
  EXPECT_EQ(read("vgg16_notop.h5").architecture, "vgg16");
  EXPECT_EQ(read("vgg16.h5").metadata.at("keras"), "VGG16; left out: fc1, predictions");
  EXPECT_EQ(read("vgg16.weights.h5").metadata.at("keras"), "VGG16; left out: dense");
  EXPECT_EQ(read("inception_weights.h5").conventions, (Conventions{"tensorflow", 1e-3}));
  EXPECT_EQ(read("inception.h5").conventions, (Conventions{"tensorflow", 2e-3}));
  EXPECT_EQ(read("inception.keras").conventions, (Conventions{"tensorflow", 2e-3}));
  EXPECT_TRUE(read("small.h5").metadata.empty());
  EXPECT_TRUE(read("small.h5").architecture.empty());
}

TEST(KerasFiles, OptimizersSeedsCountsAndTextsAreLeftOutAndNamed) {
  const auto left_out = [](const std::string& name, const std::string& key) {
    return read_weight_file(keras_files("write") / name).metadata.at(key);
  };
  EXPECT_EQ(left_out("trained.h5", "keras"),
            "VGG16; left out: normalization, dropout, lookup, optimizer");
  for (const char* name : {"trained.weights.h5", "trained.keras"}) {
    EXPECT_EQ(left_out(name, "keras"),
              "VGG16; left out: seed_generator, seed_generator, optimizer");
  }
  EXPECT_EQ(left_out("counted.h5", "left out"), "normalization/count:0");
  EXPECT_EQ(left_out("own.weights.h5", "left out"), "optimizer");
}

TEST(KerasFiles, WhatCannotBeReadIsRefusedEachWithItsOwnMessage) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"no_layers.h5", "neither an attribute 'layer_names' nor named layers"},
      {"unnamed.weights.h5", "neither an attribute 'layer_names' nor named layers"},
      {"twice.weights.h5", "layer 'a' stands twice"},
      {"three.weights.h5",
       "'bn_Conv1/gamma_or_beta' of layer 'bn_Conv1' is its gamma or its beta, and nothing"},
      {"only_adam.weights.h5", "neither an attribute 'layer_names' nor named layers"},
      {"whole.weights.h5", "of layer 'block3_conv1' is of I32; numbers of F32 are needed"},
      {"scalar.weights.h5", "conv2d_4/vars/1': a single value, or none; an array is needed"},
      {"lying.keras", "has no moving_variance"},
      {"no_weights.h5", "layer 'conv' has no attribute 'weight_names'"},
      {"numbers.h5", "attribute 'layer_names' is no text"},
      {"twice.h5", "layer 'conv' stands twice"},
      {"no_group.h5", "layer 'elsewhere' has no group"},
      {"no_variable.h5", "data set 'conv/conv/more:0': missing"},
      {"same_variable.h5", "variable 'conv/bias:0' stands twice"},
      {"path.h5", "data set 'conv/../norm/gamma:0': missing"},
      {"cut.h5", "truncated"},
      {"loop.h5", "damaged file: parts that overlap"},
      {"deep.h5", "groups in more than 32 others"},
      {"text.h5", "a single value, or none; an array is needed"},
      {"huge.h5", "far more than the file holds: refused"},
      {"external.h5", "data set 'conv/conv/bias:0': missing"},
      {"doubles.h5", "of layer 'block1_conv1' is of F64; numbers of F32 are needed"},
      {"flat.h5", "of layer 'block1_conv1' has 2 dimensions, must have 4"},
      {"no_kernel.h5", "layer 'block1_conv1' has no kernel"},
      {"strange.h5",
       "'block1_conv1/alpha:0' of layer 'block1_conv1' is none that such a layer has"},
      {"other.h5", "all layers of VGG16, and a layer 'attention' beside them"},
      {"no_variance.h5", "layer 'batch_normalization_7' has no moving_variance"},
      {"epsilons.h5", "an epsilon of 1e-05 and 0.001"},
      {"negative.h5", "an epsilon of -1"},
      {"config.h5", "model_config: not valid JSON"},
      {"path/model.json", "its shard '../group1-shard1of1' is no plain file name"},
      {"absolute/model.json", "its shard '/etc/hostname' is no plain file name"},
      {"hidden/model.json", "its shard '.hidden' is no plain file name"},
      {"missing/model.json", "missing/elsewhere: cannot read"},
      {"doubled/model.json", "its shard 'group1-shard1of1' stands twice"},
      {"no_name/model.json", "a shard whose name is no text"},
      {"fewer/model.json", "4 bytes in its shards after the last weight"},
      {"larger/model.json", "its shards: truncated: 1048576 bytes expected"},
      {"huge/model.json", "overflows 64 bits"},
      {"beyond/model.json", "a shape that no weight has"},
      {"negative/model.json", "a shape that no weight has"},
      {"dtype/model.json", "weight 'conv/kernel': numbers of type 'string'; float32 is read"},
      {"packing/model.json", "quantized to 'int3'; uint8 and uint16 are read"},
      {"scale/model.json", "weight 'conv/kernel': 'scale' is no number"},
      {"graph/model.json", "a graph-model of TensorFlow.js"},
      {"no_manifest/model.json", "'weightsManifest' is missing or of another kind"},
      {"no_topology/model.json", "'modelTopology' is missing or of another kind"},
      {"cut/model.json", "its shards: truncated"},
      {"json/model.json", "not valid JSON"},
      {"large/model.json", "a description of 52428"},
      {"call/model.min.js", "a JavaScript module that exports more than literals"},
      {"nothing/model.min.js", "text that exports no literal"},
      {"endless/model.min.js", "it ends in the middle"},
      {"letters/model.min.js", "group1-shard1of1.min.js: exports no base64"},
      {"unnamed.keras", "unnamed.keras: model.weights.h5: neither an attribute 'layer_names' nor"},
      {"no_config.keras", "member 'config.json': missing"},
      {"no_json.keras", "config.json: not valid JSON"},
      {"no_hdf5.keras", "model.weights.h5: not an HDF5 file"},
      {"bomb.keras", "member 'model.weights.h5' would take 104857600 bytes of memory, far more"},
      {"no_weights.keras", "a zip archive without data.pkl"},
      {"objects.npz", "array 'a': values of type '|O'"},
      {"unsigned.npz", "numbers of numpy's type '<u4' are not read"},
      {"complex.npz", "array 'a': values of type '<c8'"},
      {"bzip2.npz", "array 'a': packed by method 12 of zip; 0 (stored) and 8 (deflated) are read"},
      {"lzma.npz", "array 'a': packed by method 14 of zip"},
      {"many.npz", "a zip archive of 10001 members; at most 10000 are read"},
      {"bomb.npz", "far more than the file"}};
  for (const auto& [file, message] : cases) {
    SCOPED_TRACE(file);
    const std::string error = error_of([&] { read_weight_file(keras_files("bad") / file); });
    EXPECT_THAT(error, HasSubstr(message));
    EXPECT_THAT(error, HasSubstr(keras_files("bad").string()));
  }
}

TEST(KerasFiles, RealSqueezeNetHoldsTheTensorsOfTheOtherFormats) {
  const auto path = shared_path("weights/squeezenet1_1_keras_notop.h5");
  FATHOM_NEEDS(path);
  const WeightFile keras = read_weight_file(path);
  const WeightFile torch =
      read_weight_file(path.parent_path() / "squeezenet1_1_features.safetensors");
  EXPECT_EQ(
      content_hash(read_weight_file(path.parent_path() / "squeezenet1_1_features.npz").tensors),
      content_hash(torch.tensors));
  auto found = describe(keras.tensors), expected = describe(torch.tensors);
  for (const char* name : {"features.0.weight", "features.0.bias"}) {
    EXPECT_NE(found[name], expected[name]) << "the others have another preprocessing folded in";
    found.erase(name);
    expected.erase(name);
  }
  EXPECT_EQ(found, expected);
  const auto card = find_card(keras, path);
  ASSERT_TRUE(card);
  EXPECT_EQ(card->preprocessing.channels, "BGR");
}

}  // namespace fathom::weights::tests
