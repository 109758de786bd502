// Images in HDF5 and npz files, written by h5py and numpy.
#include <gmock/gmock.h>

#include <array>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/data/hdf5.h"
#include "fathom/data/image_array.h"
#include "fathom/data/npz.h"
#include "tests/data/container_files.h"
#include "tests/data/fixtures.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

using testing::HasSubstr;

constexpr std::size_t kRows = 11, kRowBytes = 6 * 5 * 3;

std::string expected_row(std::size_t row) {
  return read_file(written_containers("arrays") / "expected.bin")
      .substr(row * kRowBytes, kRowBytes);
}

class Hdf5Storage : public testing::TestWithParam<std::string> {};

TEST_P(Hdf5Storage, GivesTheRowsThatH5pyWrote) {
  const Hdf5Bytes bytes(written_containers("arrays") / (GetParam() + ".h5"), "x");
  EXPECT_EQ(bytes.shape(), (std::vector<std::uint64_t>{kRows, 6, 5, 3}));
  for (const std::size_t row : {0, 10, 3, 4, 5, 6, 7, 8, 9, 1, 2}) {
    const auto got = bytes.row(row);
    EXPECT_EQ(std::string(got.begin(), got.end()), expected_row(row)) << row;
  }
  EXPECT_THAT(tests::error_of([&] { bytes.row(kRows); }), HasSubstr("no row 11; there are 11"));
}

INSTANTIATE_TEST_SUITE_P(All, Hdf5Storage,
                         testing::Values("contiguous", "compact", "raw", "gzip", "gzip_each",
                                         "shuffled", "checked", "checked_first", "crossing",
                                         "each_value", "resizable", "newer"),
                         [](const auto& row) { return row.param; });

TEST(Hdf5, ChunksThatWereNeverWrittenHaveTheFillValue) {
  const Hdf5Bytes bytes(written_containers("arrays") / "unwritten.h5", "x");
  EXPECT_THAT(bytes.row(0), testing::Each(7));
  const auto got = bytes.row(5);
  EXPECT_EQ(std::string(got.begin(), got.end()), expected_row(5));
}

TEST(Hdf5, ManyThreadsReadTheSameRows) {
  const Hdf5Bytes gzip(written_containers("arrays") / "gzip.h5", "x");
  const Hdf5Bytes crossing(written_containers("arrays") / "crossing.h5", "x");
  const std::string all = read_file(written_containers("arrays") / "expected.bin");
  parallel_for(
      2000,
      [&](std::size_t i) {
        const std::size_t row = i * 7 % kRows;
        const auto got = (i % 2 == 0 ? gzip : crossing).row(row);
        if (!std::equal(got.begin(), got.end(), all.begin() + static_cast<long>(row * kRowBytes),
                        [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); })) {
          throw Error("a row is not as it was written");
        }
      },
      8);
}

TEST(Hdf5, WhatCannotBeReadIsToldWithItsReason) {
  const auto error = [](const std::string& name) {
    return tests::error_of([&] { Hdf5Bytes(written_containers("bad") / name, "x").all(1 << 20); });
  };
  write_file_atomically(written_containers("bad") / "text.h5", "no HDF5");
  EXPECT_THAT(error("nowhere.h5"), HasSubstr("nowhere.h5: no such file"));
  EXPECT_THAT(error("text.h5"), HasSubstr("text.h5: not an HDF5 file"));
  EXPECT_THAT(error("other.h5"), HasSubstr("other.h5: no data set 'x'"));
  EXPECT_THAT(error("wide.h5"), HasSubstr("data set 'x': its values are not of 8 bits unsigned"));
  EXPECT_THAT(error("float.h5"), HasSubstr("not of 8 bits unsigned"));
  EXPECT_THAT(error("scalar.h5"), HasSubstr("a single value, or none; an array is needed"));
  EXPECT_THAT(error("lzf.h5"), HasSubstr("compressed by filter 32000 ('lzf')"));
  EXPECT_THAT(error("cut.h5"), HasSubstr("truncated or damaged"));
  EXPECT_THAT(error("links.h5"), HasSubstr("links.h5: 'x' is a link to elsewhere"));
  EXPECT_THAT(error("soft.h5"), HasSubstr("soft.h5: 'x' is a link to elsewhere"));
  EXPECT_THAT(error("group.h5"), HasSubstr("data set 'x': not a data set, or damaged"));
  EXPECT_THAT(error("none.h5"), HasSubstr("data set 'x': empty"));
  EXPECT_THAT(error("latest.h5"), HasSubstr("data layout version 4: a newer form of HDF5"));
  EXPECT_THAT(error("members.h5"), HasSubstr("a group of many members: a newer form of HDF5"));
  EXPECT_THAT(error("checksum.h5"), HasSubstr("is damaged"));
  EXPECT_THAT(error("external.h5"), HasSubstr("its values lie in other files"));
  EXPECT_THAT(error("virtual.h5"), HasSubstr("its values lie in other data sets"));
  EXPECT_THAT(
      tests::error_of([] { Hdf5Bytes(written_containers("bad") / "flipped.h5", "x").row(1); }),
      HasSubstr("flipped.h5: data set 'x': the chunk at offset"));
}

TEST(Npz, GivesTheArraysThatNumpyWrote) {
  for (const std::string name : {"stored.npz", "deflated.npz"}) {
    const NpyArray array = NpzFile(written_containers("arrays") / name).read("x");
    EXPECT_EQ(array.header.shape, (std::vector<std::uint64_t>{kRows, 6, 5, 3}));
    EXPECT_EQ(std::string(array.values.begin(), array.values.end()),
              read_file(written_containers("arrays") / "expected.bin"));
  }
  const NpzFile numbers(written_containers("arrays") / "stored.npz");
  EXPECT_EQ(numbers.read("one").number(0), 253);
  EXPECT_EQ(numbers.read("two").number(0), 60000);
  EXPECT_EQ(numbers.read("four").number(0), -3);
  EXPECT_EQ(numbers.read("four").number(2), 70000);
  EXPECT_EQ(numbers.read("eight").number(0), -3);
  EXPECT_THAT(tests::error_of([&] { numbers.read("nine"); }),
              HasSubstr("stored.npz: array 'nine': missing"));
}

/// A .npy header of version 1 around a dictionary.
std::string npy(const std::string& dictionary) {
  const std::size_t size = dictionary.size();
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(size & 0xff) +
         static_cast<char>(size >> 8) + dictionary;
}

TEST(Npz, HeadersAreReadAsNumpyWritesThemAndNoOther) {
  const std::string good = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 28, 28), }   \n";
  EXPECT_EQ(read_npy_header(npy(good), "x").shape, (std::vector<std::uint64_t>{3, 28, 28}));
  EXPECT_EQ(read_npy_header(npy(good) + "values", "x").bytes, npy(good).size());
  EXPECT_EQ(read_npy_header(npy("{'shape':(7,),'descr':'<i8','fortran_order':False}"), "x").type,
            "<i8");
  for (std::size_t cut = 0; cut < npy(good).size(); ++cut) {
    EXPECT_NE(tests::error_of([&] { read_npy_header(npy(good).substr(0, cut), "x"); }), "");
  }
  const std::vector<std::string> bad = {
      "",
      "{}",
      "{'descr': '|u1', 'fortran_order': False}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (-3,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), 'x': 1}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)} print()",
      "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '|u1', 'fortran_order': 0, 'shape': (3,)}",
      "{'descr': '|u1, 'fortran_order': False, 'shape': (3,)}"};
  for (const std::string& header : bad) {
    EXPECT_THAT(tests::error_of([&] { read_npy_header(npy(header), "x"); }),
                HasSubstr("not as numpy writes it"))
        << header;
  }
  EXPECT_THAT(tests::error_of([&] { read_npy_header(npy(std::string(5000, ' ')), "x"); }),
              HasSubstr("a .npy header of 5000 bytes; at most 4096"));
}

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
  EXPECT_THAT(error("floats.npz"), HasSubstr("values of type '<f8'"));
  EXPECT_THAT(error("fortran.npz"), HasSubstr("Fortran order"));
  EXPECT_THAT(error("objects.npz"), HasSubstr("values of type '|O'"));
  EXPECT_THAT(error("empty.npz"), HasSubstr("an array of 0 x 6 x 5"));
  EXPECT_THAT(error("one_class.npz"), HasSubstr("class"));
  EXPECT_THAT(error("unlabelled.npz"), HasSubstr("array 'train_labels': missing"));
  EXPECT_THAT(error("bomb.npz"), HasSubstr("far more than the file"));
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
