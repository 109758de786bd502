// From settings to the list of units. Planning decides everything and is written to plan.json;
// running only obeys it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fathom/data/external.h"
#include "fathom/data/split.h"
#include "fathom/results/record.h"
#include "fathom/study/options.h"
#include "fathom/weights/card.h"

namespace fathom::study {

struct Plan {
  StudyOptions options;
  results::StudyRecord study;           ///< the journal's first record
  data::Dataset dataset;                ///< scanned: every image with hash, size, group
  std::vector<data::Assignment> folds;  ///< per fold, per image, with the whole training part
  /// The same by train_fraction, for each of the settings'.
  std::map<double, std::vector<data::Assignment>> by_fraction;
  std::vector<data::ExternalSet> external;
  std::vector<results::UnitKey> units;  ///< in the order of running
};

/// Pretrained weights by architecture, from options.weights or the cache.
/// Throws Error that says how to get or import what is missing.
std::map<std::string, weights::PretrainedWeights> load_weights(const StudyOptions& options);
/// Those of one architecture of options.arch.
weights::PretrainedWeights load_weights(const StudyOptions& options,
                                        const std::string& architecture);

/// Reads and scans the data set, splits it, checks the weights, lists the units. `command` and
/// `versions` go into the study's record.
Plan make_plan(const StudyOptions& wanted, const std::string& command, const Json& versions);

/// OUT/plan.json, atomically.
void write_plan(const Plan& plan);

/// Throws Error when the file is missing or not a plan. The plan's folder is the given one: it may
/// have been moved, or be called otherwise on this machine.
Plan read_plan(const std::filesystem::path& folder);

/// The plan to run for these settings: the one in options.out if there is one, else a new one,
/// written, and its study recorded in the journal. A study may be widened (more seeds, depths,
/// architectures, learning rates, train fractions): its plan is made anew and finished units keep
/// counting. So with another margin or confidence. Any other difference is an Error that names it,
/// and so is a study that another process is running. `approve` sees the plan before anything is
/// written, and throws to refuse it.
Plan open_plan(
    const StudyOptions& options, const std::string& command, const Json& versions,
    const std::function<void(const Plan&)>& approve = [](const Plan&) {});

/// The plan in options.out, for a process that helps to run it. Settings may differ in where the
/// cache and the weights lie only: any other difference is an Error that names it.
Plan join_plan(const StudyOptions& options);

}  // namespace fathom::study
