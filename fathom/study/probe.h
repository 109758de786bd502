// Probes the frozen networks of a plan: which images of each fold. How: train/probe.h.
#pragma once

#include <functional>
#include <vector>

#include "fathom/results/record.h"
#include "fathom/study/plan.h"

namespace fathom::study {

class Tasks;

/// One architecture's probe in every fold, over options.probe_images (not 0) images of each part at
/// most: those with the smallest hashes, which is as good as drawn by lot. `keep_going` may throw.
std::vector<results::ProbeRecord> probe_architecture(const Plan& plan, Tasks& tasks,
                                                     const std::string& architecture,
                                                     const std::function<void()>& keep_going);

/// Those of all architectures of a plan. Throws Error when options.probe_images is 0.
std::vector<results::ProbeRecord> probe_plan(const Plan& plan,
                                             const std::function<void()>& keep_going);

}  // namespace fathom::study
