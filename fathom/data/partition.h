// Cuts whole groups into parts that are alike in their classes. Numbers only: what the parts are
// for is decided in split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fathom::data::internal {

/// What must stay together, as its number of images of each class.
using ClassCounts = std::vector<std::size_t>;

/// The part (index into `fractions`, which sum to 1) of every group. The groups, largest first
/// (equal ones in an order drawn from `seed`), go where the shortage of their classes is greatest;
/// then single groups move and pairs change places for as long as that brings the parts nearer to
/// their shares. The error that shrinks is sum over parts p and classes c of
/// ((have[p][c] - target[p][c]) / images[c])^2 / fraction[p], and more for a class that is absent.
std::vector<std::size_t> partition(const std::vector<ClassCounts>& groups,
                                   const std::vector<double>& fractions, std::uint64_t seed);

}  // namespace fathom::data::internal
