// What of a plan runs together: a job is what one worker does in one go. Not who does it:
// job_board.h.
#pragma once

#include <string>
#include <vector>

#include "fathom/study/plan.h"

namespace fathom::study {

struct Job {
  std::string id;  ///< a file name; depends on the plan alone
  std::string architecture;
  /// Trained together: one unit, or those of the head alone that share features and parts. None:
  /// the probe of the frozen network.
  std::vector<results::UnitKey> units;

  bool is_probe() const { return units.empty(); }
};

/// The probe of each architecture, where the plan wants it, then all units, in the plan's order.
std::vector<Job> list_jobs(const Plan& plan);

}  // namespace fathom::study
