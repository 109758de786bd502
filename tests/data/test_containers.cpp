// Data sets whose images lie in HDF5 and npz files, written by h5py and numpy.
#include <gmock/gmock.h>

#include <array>

#include "fathom/base/memory.h"
#include "fathom/data/image_array.h"
#include "tests/containers/container_files.h"
#include "tests/data/fixtures.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

using containers::written_containers;
using testing::HasSubstr;

TEST(Npz, SetsThatCannotBeLearntFromAreToldWithTheirReason) {
  const auto error = [](const std::string& name) {
    return open_error(written_containers("bad") / name);
  };
  write_file_atomically(written_containers("bad") / "text.npz", "no zip");
  EXPECT_THAT(error("text.npz"), HasSubstr("text.npz: not a .npz file"));
  EXPECT_THAT(error("cut.npz"), HasSubstr("cut.npz: not a .npz file"));
  EXPECT_THAT(error("nothing.npz"), HasSubstr("no array 'train_images'"));
  EXPECT_THAT(error("many.npz"), HasSubstr("'train_labels': 14 labels an image"));
  EXPECT_THAT(error("volumes.npz"), HasSubstr("an array of 4 x 6 x 5 x 6"));
  EXPECT_THAT(error("fewer.npz"), HasSubstr("'train_labels': an array of 3 x 1 for 4 images"));
  EXPECT_THAT(error("floats.npz"), HasSubstr("pixels of type '<f8'"));
  EXPECT_THAT(error("fractions.npz"), HasSubstr("labels of type '<f8'"));
  EXPECT_THAT(error("objects.npz"), HasSubstr("values of type '|O'"));
  EXPECT_THAT(error("empty.npz"), HasSubstr("an array of 0 x 6 x 5"));
  EXPECT_THAT(error("one_class.npz"), HasSubstr("class"));
  EXPECT_THAT(error("unlabelled.npz"), HasSubstr("array 'train_labels': missing"));
  EXPECT_THAT(error("bomb.npz"), HasSubstr("far more than the file"));
  EXPECT_THAT(error("lying.npz"), HasSubstr("'train_labels': an array of 60000000 for 4 images"));
}

TEST(ImageArrays, ShapesThatAreNoImagesAreRefused) {
  EXPECT_EQ(image_shape({9, 28, 28}, "x").channels, 1);
  EXPECT_EQ(image_shape({9, 28, 20, 3}, "x").bytes_each(), 28U * 20 * 3);
  for (const std::vector<std::uint64_t>& shape : std::vector<std::vector<std::uint64_t>>{
           {9, 28}, {9, 28, 28, 4}, {0, 28, 28}, {9, 0, 28}, {9, 1 << 20, 1 << 20}}) {
    EXPECT_THAT(tests::error_of([&] { image_shape(shape, "x"); }), HasSubstr("x: an array of"));
  }
  for (const std::string id : {"x.h5", "x.h5#", "x.h5#1a", "x.h5#99999999999999999999"}) {
    EXPECT_THAT(tests::error_of([&] { parse_container_id(id); }), HasSubstr("is no image"));
  }
  EXPECT_EQ(parse_container_id("a#b.h5#000012"),
            (std::pair<std::string, std::size_t>("a#b.h5", 12)));
}

TEST(Medmnist, AFileThatDoesNotFitIntoMemorySaysSo) {
  check_memory(3U << 30, std::int64_t{3} << 30, "x.npz");
  check_memory(3U << 30, std::nullopt, "x.npz");
  EXPECT_THAT(tests::error_of([] { check_memory(15ULL << 30, std::int64_t{3} << 30, "x.npz"); }),
              testing::AllOf(HasSubstr("x.npz: its images and labels need 15.0 GiB of memory at "
                                       "once, and 3.0 GiB are free to this process"),
                             HasSubstr("fewer pixels")));
  constexpr std::int64_t kClaimed = 48LL << 30;
  const std::optional<std::int64_t> available = available_memory();
  if (!available || *available >= kClaimed) {
    GTEST_SKIP() << "this machine has more memory than a file may claim";
  }
  const tests::TemporaryFolder folder;
  tests::run_oracle("containers.py", {"huge", folder.path().string()});
  EXPECT_THAT(open_error(folder / "huge.npz"), HasSubstr("its images and labels need 48.0 GiB of"));
}

TEST(Medmnist, MemoryIsThatOfPixelsLabelsAndTheLargestCopyInAnotherOrder) {
  ArrayMemory memory;
  memory.add({.count = 10, .height = 2, .width = 3, .channels = 3}, false);
  EXPECT_EQ(memory.bytes(), 10U * (18 + 8));
  memory.add({.count = 4, .height = 2, .width = 2, .channels = 1}, true);
  memory.add({.count = 2, .height = 2, .width = 2, .channels = 1}, true);
  EXPECT_EQ(memory.bytes(), 10U * (18 + 8) + 6 * (4 + 8) + 4 * 4);
}

TEST(Pcam, RealPatchesComeOutAsTheyWentIn) {
  const auto folder = tests::shared_path("data/pcam");
  FATHOM_NEEDS(folder);
  const tests::TemporaryFolder out;
  tests::run_oracle("containers.py", {"real", out.path().string(), folder.string()});
  Dataset dataset = open_dataset(options_for(out.path()));
  EXPECT_EQ(dataset.source, "pcam");
  ASSERT_EQ(dataset.samples.size(), 30U);
  EXPECT_EQ(dataset.samples[17].id, "camelyonpatch_level_2_split_train_x.h5#000007");
  EXPECT_EQ(dataset.samples[17].group, "train1");
  EXPECT_EQ(dataset.samples[17].split, Split::train);
  EXPECT_EQ(dataset.classes[static_cast<std::size_t>(dataset.samples[17].label)], "1");
  for (std::size_t i = 0; i < 30; ++i) {
    const std::string part = std::array{"test", "train", "valid"}[i / 10];
    EXPECT_EQ(load_image(dataset, dataset.samples[i]),
              image::decode_file(out / (part + std::to_string(i % 10) + ".png")))
        << dataset.samples[i].id;
  }
}

/// A small PatchCamelyon, of which one file is then made bad.
class BadPcam : public testing::Test {
 protected:
  BadPcam() { tests::run_oracle("containers.py", {"pcam", folder_.path().string()}); }

  fs::path file(const std::string& ending) const {
    return folder_ / ("camelyonpatch_level_2_split_" + ending);
  }

  /// Writes a data set of bytes (value modulo 256) in a shape such as "3,1,1,1".
  void write(const std::string& ending, const std::string& name, const std::string& shape,
             int value = 0) const {
    tests::run_oracle("containers.py",
                      {"bytes", file(ending).string(), name, shape, std::to_string(value)});
  }

  std::string error() const { return open_error(folder_.path()); }

  tests::TemporaryFolder folder_;
};

TEST_F(BadPcam, TablesOfSlidesMustFit) {
  write_file_atomically(file("train_meta.csv"), "wsi\na\nb\n");
  EXPECT_THAT(error(), HasSubstr("train_meta.csv: 2 rows for 3 images"));
  write_file_atomically(file("train_meta.csv"), "slide\na\nb\nc\n");
  EXPECT_THAT(error(), HasSubstr("the column 'wsi' is needed"));
  write_file_atomically(file("train_meta.csv"), "wsi\na\n\"\"\nc\n");
  EXPECT_THAT(error(), HasSubstr("train_meta.csv:3: the slide '' is empty"));
  write_file_atomically(file("train_meta.csv"), "");
  EXPECT_THAT(error(), HasSubstr("train_meta.csv: empty"));
}

TEST_F(BadPcam, WithoutAnyTableOfSlidesThereAreNoGroups) {
  for (const std::string part : {"train", "valid", "test"}) fs::remove(file(part + "_meta.csv"));
  EXPECT_FALSE(open_dataset(options_for(folder_.path())).has_groups);
}

TEST_F(BadPcam, ATableOfSlidesForSomePartsOnlyIsRefused) {
  fs::remove(file("valid_meta.csv"));
  EXPECT_THAT(error(), HasSubstr("valid_meta.csv: missing, but"));
}

TEST_F(BadPcam, LabelsMustFitTheImages) {
  write("train_y.h5", "y", "2,1,1,1");
  EXPECT_THAT(error(), HasSubstr("train_y.h5: data set 'y' of 2 x 1 x 1 x 1 for 3 images"));
  write("train_y.h5", "y", "3,2");
  EXPECT_THAT(error(), HasSubstr("'y' of 3 x 2 for 3 images"));
  write("train_y.h5", "x", "3,1,1,1");
  EXPECT_THAT(error(), HasSubstr("train_y.h5: no data set 'y'"));
  write("train_y.h5", "y", "3,1,1,1", 7);
  EXPECT_THAT(error(), HasSubstr("train_y.h5: data set 'y': the label 7 of image 0; 0 and 1 are"));
  fs::remove(file("train_y.h5"));
  EXPECT_THAT(error(), HasSubstr("train_y.h5: no such file"));
}

TEST_F(BadPcam, ImagesMustBeImages) {
  write("train_x.h5", "x", "3,8,8,4");
  EXPECT_THAT(error(), HasSubstr("train_x.h5: data set 'x': an array of 3 x 8 x 8 x 4"));
  write("train_x.h5", "x", "3,64");
  EXPECT_THAT(error(), HasSubstr("an array of 3 x 64"));
  write("train_x.h5", "x", "0,8,8,3");
  EXPECT_THAT(error(), HasSubstr("data set 'x': empty"));
}

TEST_F(BadPcam, OneClassIsNotEnough) {
  for (const std::string part : {"train", "valid", "test"})
    write(part + "_y.h5", "y", "3,1,1,1", 1);
  EXPECT_THAT(error(), HasSubstr("class"));
}

TEST(Medmnist, RealPatchesComeOutAsTheyWentIn) {
  const auto folder = tests::shared_path("data/pcam");
  FATHOM_NEEDS(folder);
  const tests::TemporaryFolder out;
  tests::run_oracle("containers.py", {"real_npz", out.path().string(), folder.string()});
  const Dataset dataset = open_dataset(options_for(out / "pathmnist.npz"));
  EXPECT_EQ(dataset.source, "medmnist");
  ASSERT_EQ(dataset.samples.size(), 30U);
  for (const Sample& sample : dataset.samples) {
    const std::size_t mark = sample.id.find('#');
    const std::string part = sample.id.substr(mark + 1, sample.id.rfind('#') - mark - 1);
    const std::string number =
        std::to_string(std::stoi(sample.id.substr(sample.id.rfind('#') + 1)));
    EXPECT_EQ(load_image(dataset, sample),
              image::decode_file(out / ((part == "val" ? "valid" : part) + number + ".png")))
        << sample.id;
    EXPECT_EQ(sample.label, std::stoi(number) < 5 ? 0 : 1);
  }
}

}  // namespace
}  // namespace fathom::data::internal
