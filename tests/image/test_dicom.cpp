#include <gmock/gmock.h>

#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/random.h"
#include "fathom/image/dicom.h"
#include "tests/image/cases.h"
#include "tests/support.h"

namespace fathom::image {
namespace {

using testing::HasSubstr;

/// Whether the frame is what pydicom and Pillow make of it, to one grey level: DCMTK rounds down
/// where it applies a lookup table; two of YBR.
void expect_frame(const Image& image, const std::filesystem::path& expected) {
  const int tolerance = expected.filename().string().starts_with("ybr") ? 2 : 1;
  EXPECT_LE(largest_difference(image, read_case(expected)), tolerance) << expected;
}

/// Files by pydicom with the pixels to expect, made once for all tests.
class Dicom : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new tests::TemporaryFolder;
    frames_ = new std::map<std::string, std::size_t>;
    std::vector<std::string> arguments = {"cases", folder_->path().string()};
    const auto patch = tests::shared_path("data/colon_nuclei/images/1.png");
    if (!patch.empty()) arguments.push_back(patch.string());
    std::istringstream lines(tests::run_oracle("dicom_cases.py", arguments));
    for (std::string name; lines >> name;) lines >> (*frames_)[name];
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete frames_;
  }
  static std::filesystem::path file(const std::string& name) { return *folder_ / (name + ".dcm"); }

  static tests::TemporaryFolder* folder_;
  static std::map<std::string, std::size_t>* frames_;
};
tests::TemporaryFolder* Dicom::folder_ = nullptr;
std::map<std::string, std::size_t>* Dicom::frames_ = nullptr;

TEST_F(Dicom, GivesThePixelsOfPydicom) {
  ASSERT_GE(frames_->size(), 60U);
  for (const auto& [name, frames] : *frames_) {
    const DicomFile dicom(file(name));
    ASSERT_EQ(dicom.frames(), frames) << name;
    for (std::size_t frame = 0; frame < frames; ++frame) {
      expect_frame(dicom.frame(frame), *folder_ / (name + "." + std::to_string(frame) + ".rgb"));
    }
  }
}

TEST_F(Dicom, IsDecodedLikeAnyImageWhenItHasOneFrame) {
  EXPECT_EQ(decode_file(file("rgb")), DicomFile(file("rgb")).frame(0));
  EXPECT_THAT(tests::error_of([] { decode_file(file("frames")); }),
              HasSubstr("frames.dcm: a DICOM file of 3 frames, where one image is needed"));
}

TEST_F(Dicom, CutFilesAreErrorsWithoutNoiseOnStderr) {
  testing::internal::CaptureStderr();
  for (const auto& [name, frames] : *frames_) {
    const std::string whole = read_file(file(name));
    for (const double part : {0.0, 0.05, 0.3, 0.6, 0.95}) {
      const std::string cut = whole.substr(0, static_cast<std::size_t>(whole.size() * part));
      EXPECT_THAT(tests::error_of([&] { DicomFile(cut, name); }), testing::StartsWith(name + ": "))
          << part;
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

/// What is left of a file after some bytes, most of them before the pixels, were changed.
std::string damaged(std::string bytes, std::uint64_t seed) {
  Random random(seed);
  for (std::uint64_t changes = 1 + random.below(5); changes > 0; --changes) {
    const std::size_t span =
        changes % 2 == 0 ? bytes.size() : std::min<std::size_t>(900, bytes.size());
    bytes[kDicomMark + random.below(span - kDicomMark)] = static_cast<char>(random.below(256));
  }
  return bytes;
}

TEST_F(Dicom, DamagedFilesNeverCrashNorPrint) {
  testing::internal::CaptureStderr();
  int refused = 0, decoded = 0;
  std::uint64_t seed = 0;
  for (const auto& [name, frames] : *frames_) {
    const std::string whole = read_file(file(name));
    for (int i = 0; i < 20; ++i) {
      try {
        const DicomFile dicom(damaged(whole, ++seed), name);
        dicom.frame(dicom.frames() - 1);
        ++decoded;
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith(name + ": "));
        ++refused;
      }
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(refused, 100);
  EXPECT_GT(decoded, 100);
}

TEST(DicomBad, IsToldWithoutThePatient) {
  const tests::TemporaryFolder folder;
  tests::run_oracle("dicom_cases.py", {"bad", folder.path().string()});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"none", "it holds no pixels"},
      {"float", "floating-point pixels have no agreed range"},
      {"short", "1 frames of 9 x 8 pixels are more than its 64 bytes can hold"},
      {"bomb", "65535 x 65535 pixels; at most 100000000"},
      {"jpeg_bomb",
       "the JPEG of frame 0 holds 65500 x 65500 pixels of 1 samples of 8 bits; the "
       "file's attributes say 8 x 8 of 1 in 8"},
      {"marker", "damaged JPEG: the marker 0x1 inside the image"},
      {"smaller", "holds 4 x 8 pixels of 1 samples of 8 bits; the file's attributes say 8 x 8"},
      {"larger", "holds 8 x 8 pixels of 1 samples of 8 bits; the file's attributes say 4 x 8"},
      {"grey_in_colour", "of 1 samples of 8 bits; the file's attributes say 8 x 8 of 3"},
      {"colour_in_grey", "of 3 samples of 8 bits; the file's attributes say 8 x 8 of 1"},
      {"bytes_in_words", "of 8 bits; the file's attributes say 8 x 8 of 1 in 16 bits"},
      {"frames_missing", "frame 0 of 3 is not among its compressed pixels"},
      {"cut_baseline", "damaged JPEG: Corrupt JPEG data: premature end of data segment"},
      {"cut_12", "damaged JPEG: Corrupt JPEG data: premature end of data segment"},
      {"cut_lossless", "damaged JPEG: Corrupt JPEG data: premature end of data segment"},
      {"cut_runs", "damaged DICOM: a run-length coded frame of too few pixels"},
      {"no_slope", "the rescale slope 0 and intercept 5 leave no image"},
      {"empty", "an image of 0 x 8 pixels"},
      {"frames", "2000000000 frames of 8 x 8 pixels are more than"},
      {"wide", "32 bits allocated; 8 or 16 are read"},
      {"jpeg2000", "the transfer syntax '1.2.840.10008.1.2.4.90'; uncompressed, RLE, JPEG"},
      {"nested", "sequences nested 65 deep"},
      {"nested_implicit", "sequences nested 65 deep"},
      {"segments", "a run-length coded frame whose segments are not where it says"}};
  for (const auto& [name, expected] : cases) {
    const std::string message =
        tests::error_of([&] { DicomFile(folder / (name + ".dcm")).frame(0); });
    EXPECT_THAT(message, HasSubstr(name + ".dcm: "));
    EXPECT_THAT(message, HasSubstr(expected));
    EXPECT_THAT(message, testing::Not(HasSubstr("MUELLER")));
  }
  EXPECT_EQ(DicomFile(folder / "whole.dcm").patient_id(), "MUELLER^1965");
  EXPECT_THAT(tests::error_of([] { DicomFile("GIF89a", "x"); }),
              HasSubstr("x: not a DICOM file (by its first bytes)"));
}

}  // namespace
}  // namespace fathom::image
