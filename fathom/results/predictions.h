// units/<id>/predictions.csv: one row per image, readable by any other tool.
//   image,split,label,predicted[,group],p_<class>,...   (split: valid or test; probabilities
//   "%.9g"; group: the patient or slide, where the data set names any; empty: the image stands
//   alone)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/stats/groups.h"
#include "fathom/stats/scores.h"

namespace fathom::results {

struct PredictionsFile {
  std::vector<std::string> classes;                    ///< two or more
  std::vector<std::string> valid_images, test_images;  ///< sample ids, in the rows' order
  std::vector<std::string> valid_groups, test_groups;  ///< the same, or empty: no groups are known
  stats::Predictions valid, test;
};

/// Of a part with so many images; `names` as above.
stats::Groups groups_of(const std::vector<std::string>& names, std::size_t images);

/// Writes atomically; returns the SHA-256 of the file, which the unit's record keeps.
std::string write_predictions(const std::filesystem::path& path, const PredictionsFile& file);

/// Of an external set, beside it: its images are the test part of a file without validation.
std::string external_file_name(const std::string& set);

/// Throws Error where a unit's file does not have the SHA-256 that the record vouches for.
void require_vouched(const std::filesystem::path& path, const std::string& found,
                     const std::string& vouched);

/// Throws Error when the file is missing, malformed, or not the one with `sha256`.
PredictionsFile read_predictions(const std::filesystem::path& path, const std::string& sha256);

}  // namespace fathom::results
