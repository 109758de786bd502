// Sets that grow together: what is linked, directly or over others, is one family.
// Not for how alike images are: that is look_alikes.
#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

namespace fathom::data::internal {

/// Union-find over 0 ... count - 1 (Tarjan 1975, doi:10.1145/321879.321884, with path halving).
class Families {
 public:
  explicit Families(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }

  /// The smallest member of the family of `member`.
  std::size_t find(std::size_t member) {
    while (parent_[member] != member) member = parent_[member] = parent_[parent_[member]];
    return member;
  }

  void link(std::size_t a, std::size_t b) {
    const std::size_t root_a = find(a), root_b = find(b);
    parent_[root_a > root_b ? root_a : root_b] = root_a > root_b ? root_b : root_a;
  }

  /// All families in the order of their first members; members in order.
  std::vector<std::vector<std::size_t>> list() {
    std::vector<std::vector<std::size_t>> families;
    std::vector<std::size_t> position(parent_.size());
    for (std::size_t member = 0; member < parent_.size(); ++member) {
      const std::size_t first = find(member);
      if (first == member) {
        position[member] = families.size();
        families.emplace_back();
      }
      families[position[first]].push_back(member);
    }
    return families;
  }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace fathom::data::internal
