// The folder of a unit, STUDY/units/<id>, and the files of a finished one. Not its record, which
// vouches for them.
#pragma once

#include <filesystem>
#include <string>

#include "fathom/study/plan.h"
#include "fathom/train/trainer.h"

namespace fathom::study {

std::filesystem::path unit_folder(const Plan& plan, const std::string& id);

/// Of a unit that is being trained.
std::filesystem::path checkpoint_file(const Plan& plan, const std::string& id);

/// Writes history.csv, best.safetensors, predictions.csv, external-<name>.csv and, of corrupted
/// images, corrupted.safetensors; what the record says of them goes into `outcome`. Throws Error:
/// what cannot be written is no failure of the unit, which would only fail again.
void write_unit_files(const Plan& plan, const train::UnitTask& task, train::UnitOutcome& outcome);

}  // namespace fathom::study
