// Which boundaries are worth storing: a choice from measured costs. Numbers alone, no LibTorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fathom::train {

/// Costs of one image seen by one view, seconds. Boundary b is the activation above the first b
/// blocks; boundary 0 is the preprocessed image.
struct PrefixCosts {
  std::vector<double> compute;       ///< of block b, to come from boundary b to b + 1
  std::vector<double> write, read;   ///< of boundary b
  std::vector<std::uint64_t> bytes;  ///< of boundary b; 0 for boundary 0, which is never stored
};

/// What the units that are still to run ask for.
struct PrefixDemand {
  std::vector<double> reads;         ///< how many boundaries b are wanted in all, counted per image
  std::vector<std::size_t> missing;  ///< records of boundary b that are not stored yet
  /// A boundary that is filled whatever it costs (the head's features); 0 = none.
  std::size_t always = 0;
};

struct PrefixChoice {
  std::vector<std::size_t> stored;  ///< boundaries to store, ascending; `always` is not among them
  double fill_seconds = 0;          ///< to compute and write what is missing
  double use_seconds = 0;           ///< all reads, with what is computed above a stored boundary
  std::uint64_t bytes = 0;          ///< to write
};

/// The set of boundaries with the least fill and use time that needs at most `max_bytes`, of all
/// subsets of those that are wanted (the sixteen most wanted, where there are more).
PrefixChoice choose_boundaries(const PrefixCosts& costs, const PrefixDemand& demand,
                               std::uint64_t max_bytes);

/// Seconds to get boundary `boundary` of one image and view, when the boundaries `stored` can be
/// read.
double seconds_to_get(const PrefixCosts& costs, const std::vector<std::size_t>& stored,
                      std::size_t boundary);

}  // namespace fathom::train
