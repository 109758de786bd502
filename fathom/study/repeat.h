// A study run again from what its results.json carries, into a folder of its own. Not the
// comparison of the two runs: that is results/repetition.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/results/journal.h"
#include "fathom/study/plan.h"

namespace fathom::study {

struct Original {
  std::filesystem::path file;  ///< the results.json
  results::JournalContent content;
};

/// Throws Error when the file is no results.json.
Original read_original(const std::filesystem::path& file);

/// The settings of a study, with its weights by name, and without the folders that it wrote into:
/// `out` and `cache` are empty.
StudyOptions settings_of(const Original& original);

/// "threads was 2, is 4": what this program and machine have otherwise, by which figures may
/// differ.
std::vector<std::string> differences_of_versions(const Original& original, const Json& versions);

/// open_plan() of the same study in options.out: `options` are settings_of(original), with other
/// places at most. Its frozen passes will store what the original's did. Throws Error that names
/// what is not the same: settings, images (each by its name where the original's plan.json lies
/// beside its results), parts, external sets, weights.
Plan open_repeat(const StudyOptions& options, const Original& original, const std::string& command,
                 const Json& versions);

}  // namespace fathom::study
