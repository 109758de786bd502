// From a study to one file that needs neither the study nor the pretrained weights any more.
#pragma once

#include <filesystem>
#include <string>

#include "fathom/deploy/choose_unit.h"
#include "fathom/deploy/model_file.h"

namespace fathom::deploy {

struct ExportOptions {
  std::filesystem::path study;
  UnitWish wish;
  std::string weights;  ///< where the pretrained weights are now, as --weights; "" = as planned
  std::string fathom;   ///< this program's version
};

struct Exported {
  Model model;
  std::string why;  ///< which training this is, and why
};

/// Puts a unit's network together: the pretrained tensors, checked by their hash, and the tuned
/// ones over them. Temperature and threshold are those of the report (results::TestFigures), fitted
/// on the unit's validation part. Nothing of the data set but its classes and a fingerprint goes
/// into the model. Throws Error as choose_unit() does, and when a file of the unit is missing,
/// damaged or not what the journal says, or the pretrained weights are not those of the study.
Exported export_model(const ExportOptions& options);

}  // namespace fathom::deploy
