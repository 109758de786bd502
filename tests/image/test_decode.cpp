#include <gtest/gtest.h>

#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/image/image.h"
#include "tests/image/cases.h"
#include "tests/support.h"

namespace fathom::image {
namespace {

using tests::error_of;

Image gradient(int height, int width) {
  Image image(height, width);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    image.rgb[i] = static_cast<std::uint8_t>(i * 7919 % 251);
  }
  return image;
}

/// Files of many kinds written by Pillow, made once for all tests.
class Decode : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new tests::TemporaryFolder;
    names_ = new std::vector<std::string>;
    std::istringstream lines(tests::run_oracle("decode_cases.py", {folder_->path().string()}));
    for (std::string name; std::getline(lines, name);) names_->push_back(name);
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete names_;
  }
  static tests::TemporaryFolder* folder_;
  static std::vector<std::string>* names_;
};
tests::TemporaryFolder* Decode::folder_ = nullptr;
std::vector<std::string>* Decode::names_ = nullptr;

TEST_F(Decode, GivesThePixelsOfPillow) {
  ASSERT_GE(names_->size(), 120U);
  for (const std::string& name : *names_) {
    const Image expected = read_case(*folder_ / (name + ".rgb"));
    const bool lossy = name.ends_with(".jpg");
    const int tolerance = name == "cmyk.jpg" ? 3 : lossy ? 1 : 0;
    EXPECT_LE(largest_difference(decode_file(*folder_ / name), expected), tolerance) << name;
  }
}

TEST_F(Decode, CutFilesAreErrorsWithoutNoiseOnStderr) {
  testing::internal::CaptureStderr();
  for (const std::string& name : *names_) {
    const std::string whole = read_file(*folder_ / name);
    if (name == "reduced.tif") continue;  // the pixels of its second page are not read
    for (const double part : {0.02, 0.3, 0.6, 0.9}) {
      const std::string cut = whole.substr(0, static_cast<std::size_t>(whole.size() * part));
      const std::string message = error_of([&] { decode(cut, name); });
      EXPECT_TRUE(message.starts_with(name + ": "))
          << name << " cut at " << part << ": " << message;
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Decode, DamagedJpegIsAnErrorWithoutNoiseOnStderr) {
  testing::internal::CaptureStderr();
  int refused = 0;
  for (const std::string name : {"grey.jpg", "rgb.jpg", "progressive.jpg", "cmyk.jpg"}) {
    const std::string whole = read_file(*folder_ / name);
    for (std::size_t at = 2; at < whole.size(); at += 3) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
      try {
        decode(bytes, name);
      } catch (const Error& error) {
        EXPECT_TRUE(std::string_view(error.what()).starts_with(name + ": ")) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(refused, 50);
}

TEST_F(Decode, FurtherPagesAreNotLostInSilence) {
  const std::string message = error_of([&] { decode_file(*folder_ / "pages.tif"); });
  EXPECT_NE(message.find("pages.tif: a TIFF of several pages"), std::string::npos) << message;
}

TEST_F(Decode, WhatCannotBeDecodedIsToldWithoutNoiseOnStderr) {
  testing::internal::CaptureStderr();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"five.tif", "a TIFF of 5 samples a pixel; allowed are grey or red, green and blue, and one"},
      {"two.tif", "a TIFF of 2 samples a pixel"},
      {"jpeg.tif", "damaged or unsupported TIFF: Corrupt JPEG data: premature end"},
      {"overlap.tif", "damaged TIFF: its strips or tiles overlap"},
      {"no_zlib.png", "damaged PNG: IDAT: "},
      {"few_rows.png", "damaged PNG: "},
      {"odd_bits.png", "damaged PNG: Invalid IHDR data"}};
  for (const auto& [name, expected] : cases) {
    const std::string message = error_of([&] { decode_file(*folder_ / name); });
    EXPECT_NE(message.find(name + ": " + expected), std::string::npos) << message;
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Decode, SamplesWithoutAnAgreedRangeAreRefused) {
  const std::string floating = error_of([&] { decode_file(*folder_ / "float.tif"); });
  EXPECT_NE(floating.find("float.tif: a TIFF of floating-point samples"), std::string::npos)
      << floating;
  const std::string wide = error_of([&] { decode_file(*folder_ / "int32.tif"); });
  EXPECT_NE(wide.find("int32.tif"), std::string::npos) << wide;
}

TEST_F(Decode, ADamagedChecksumIsAnError) {
  std::string bytes = encode_png(gradient(20, 30));
  bytes[bytes.size() / 2] ^= 0x10;
  const std::string message = error_of([&] { decode(bytes, "x.png"); });
  EXPECT_EQ(message, "x.png: damaged PNG: the checksum of chunk IDAT does not fit");
}

TEST(DecodeHeader, ABombIsRefusedBeforeItIsUnpacked) {
  // A PNG header that claims 100000 x 100000 pixels; its checksum is right (zlib.crc32).
  const std::string png =
      std::string("\x89PNG\r\n\x1a\n", 8) +
      std::string("\0\0\0\x0dIHDR\0\x01\x86\xa0\0\x01\x86\xa0\x08\x02\0\0\0\x27\x30\x9c\x9f", 25) +
      std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12);
  const std::string message = error_of([&] { decode(png, "bomb.png"); });
  EXPECT_NE(message.find("bomb.png: 100000 x 100000 pixels; at most 100000000"), std::string::npos)
      << message;

  // A JPEG of 65500 x 65500.
  const std::string jpeg(
      "\xff\xd8\xff\xc0\0\x11\x08\xff\xdc\xff\xdc\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9",
      23);
  EXPECT_NE(error_of([&] { decode(jpeg, "bomb.jpg"); }).find("65500 x 65500"), std::string::npos);
}

TEST(DecodeHeader, OtherBytesAreNamed) {
  EXPECT_EQ(error_of([] { decode("GIF89a...", "a.gif"); }),
            "a.gif: not a PNG, JPEG, TIFF, BMP or DICOM image (by its first bytes)");
  EXPECT_EQ(error_of([] { decode("", "a.png"); }),
            "a.png: not a PNG, JPEG, TIFF, BMP or DICOM image (the file is empty)");
}

TEST(EncodePng, IsLossless) {
  const Image image = gradient(17, 23);
  EXPECT_EQ(decode(encode_png(image), "png"), image);
}

}  // namespace
}  // namespace fathom::image
