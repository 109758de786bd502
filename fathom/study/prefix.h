// The frozen pass of a study: which boundaries the waiting units want, which are worth storing, and
// the filling of the prefix cache with them.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/results/record.h"
#include "fathom/study/plan.h"
#include "fathom/train/prefix_plan.h"
#include "fathom/train/trainer.h"

namespace fathom::study {

/// One architecture's frozen pass as planned, from costs measured on this machine.
struct PrefixPlan {
  train::PrefixCosts costs;
  train::PrefixDemand demand;
  train::PrefixChoice choice;
  std::vector<train::Sight> sights;  ///< all that the units will see

  /// The boundaries that are filled: those chosen, and the head's features where they are wanted.
  std::vector<std::size_t> filled() const;
};

/// `tasks`: the waiting units of one architecture. Takes some seconds to measure, in which
/// `keep_going` is called and may throw.
PrefixPlan plan_prefix(std::span<const train::UnitTask> tasks, std::uint64_t max_bytes,
                       const std::function<void()>& keep_going);

/// Predicted seconds that a unit takes to get its input of one image, once the prefix is filled.
double seconds_for_input(const PrefixPlan& plan, const train::UnitTask& task);

struct FilledPrefix {
  results::PrefixRecord record;
  PrefixPlan plan;  ///< what was stored and at which costs; nothing when it could not be
};

/// What a study chose to store. It is chosen once, for the costs measured in another run, or by
/// another worker, may be others, and whether a boundary is stored or computed may change the last
/// bits of results.
struct FirstChoice {
  std::filesystem::path file;
  Json made_for;             ///< what it holds for; when this changes, it is made anew
  bool may_replace = false;  ///< else a choice that was made for something else is kept to, too
};

/// The choice for one architecture of a plan.
FirstChoice first_choice(const Plan& plan, const std::string& architecture,
                         bool may_replace = false);

/// Makes the choice; false when one is made already, by another worker for example, and stays.
bool choose(const FirstChoice& first, const std::vector<std::size_t>& stored);

/// Plans and fills. What cannot be stored (a full disk) is a warning: the units then compute it.
/// `keep_going` is called once a batch and may throw Interrupted: the record then tells what the
/// pass has cost so far, and that it was interrupted.
FilledPrefix fill_prefix(std::span<const train::UnitTask> tasks, std::uint64_t max_bytes,
                         const FirstChoice& first, const std::function<void()>& keep_going);

}  // namespace fathom::study
