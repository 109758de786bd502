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
/// then single groups move and, with few groups, pairs change places for as long as that brings the
/// parts nearer to their shares. With few groups the best of several orders is taken. What shrinks
/// is the sum over parts p and classes c of (have[p][c] / images[c] - fraction[p])^2 / fraction[p],
/// and a large term more for each class that is absent from a part, or has one group there where
/// there are enough for two in every part.
std::vector<std::size_t> partition(const std::vector<ClassCounts>& groups,
                                   const std::vector<double>& fractions, std::uint64_t seed);

/// Which groups make up a share (0 to 1) of all, the same in every class as nearly as whole groups
/// allow: the groups are halved by partition again and again, and the share is what lies before it
/// on that line. For one seed a smaller share lies within every larger one. Every class keeps at
/// least one group.
std::vector<bool> nested_share(const std::vector<ClassCounts>& groups, double share,
                               std::uint64_t seed);

}  // namespace fathom::data::internal
