// Small data sets on disk and in memory for the tests of data/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/base/atomic_file.h"
#include "fathom/data/dataset.h"
#include "fathom/image/image.h"
#include "tests/support.h"

namespace fathom::data {

/// An image of one grey value: equal values are exact duplicates.
inline image::Image plain_image(int value, int height = 4, int width = 5) {
  image::Image image(height, width);
  std::fill(image.rgb.begin(), image.rgb.end(), static_cast<std::uint8_t>(value));
  return image;
}

inline void write_image(const std::filesystem::path& path, int value, int height = 4,
                        int width = 5) {
  write_file_atomically(path, image::encode_png(plain_image(value, height, width)));
}

/// A DICOM file and what it names; "" = nothing.
struct DicomNames {
  std::string path, patient, study;
};

inline void write_dicom(const std::filesystem::path& folder, const std::vector<DicomNames>& files) {
  std::vector<std::string> arguments = {"named", folder.string()};
  for (const auto& [path, patient, study] : files) {
    arguments.insert(arguments.end(), {path, patient, study});
  }
  tests::run_oracle("dicom_cases.py", arguments);
}

inline DataOptions options_for(const std::filesystem::path& path) {
  DataOptions options;
  options.data = path.string();
  return options;
}

inline std::string open_error(const std::filesystem::path& path) {
  return tests::error_of([&] { open_dataset(options_for(path)); });
}

/// What the doubts of a data set say.
inline std::vector<std::string> doubts_of(const Dataset& dataset) {
  std::vector<std::string> texts;
  for (const GroupDoubt& doubt : dataset.group_doubts) texts.push_back(doubt.text);
  return texts;
}

/// A data set in memory: `images` samples of each class; group g<i> for the sample number i of a
/// class modulo `groups` (0: none).
inline Dataset dataset_of(const std::vector<std::size_t>& images, std::size_t groups = 0) {
  Dataset dataset;
  dataset.has_groups = groups > 0;
  for (std::size_t label = 0; label < images.size(); ++label) {
    dataset.classes.push_back("class" + std::to_string(label));
    for (std::size_t i = 0; i < images[label]; ++i) {
      Sample sample;
      sample.id = dataset.classes.back() + "/" + std::to_string(i) + ".png";
      sample.label = static_cast<int>(label);
      if (groups > 0) sample.group = "g" + std::to_string(i % groups);
      dataset.samples.push_back(sample);
    }
  }
  return dataset;
}

}  // namespace fathom::data
