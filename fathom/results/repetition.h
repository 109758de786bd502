// A study that was run again: what the results file of the first run tells, and how far the second
// run came to the same. Not the running.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/results/journal.h"

namespace fathom::results {

/// The study, units and frozen passes of a results.json. Throws Error when it cannot be read, is
/// none, or has no unit.
JournalContent read_results(const std::filesystem::path& path);

/// How far two runs of one study agree. Times and memory do not count.
struct Agreement {
  std::size_t units = 0;                      ///< that finished in both
  std::vector<std::string> differing;         ///< their ids, where anything is not the same
  std::size_t only_before = 0, only_now = 0;  ///< units that finished in one run alone
  double train_loss = 0, valid_loss = 0;      ///< largest differences, of all epochs
  double valid_auc = 0, test_auc = 0;         ///< largest differences, at the best epochs

  /// To the last bit of losses, scores and predictions, from the same pretrained tensors.
  bool is_complete() const {
    return units > 0 && differing.empty() && only_before == 0 && only_now == 0;
  }
};

Agreement compare_runs(const std::vector<UnitRecord>& before, const std::vector<UnitRecord>& now);

/// "bit-identical: ..." or "not bit-identical: ..." with how many units differ and how far.
std::string in_words(const Agreement& agreement);

}  // namespace fathom::results
