#include "fathom/data/partition.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "fathom/base/error.h"
#include "fathom/base/random.h"

namespace fathom::data::internal {
namespace {

/// With more groups than this, moves of single ones are fine enough.
constexpr std::size_t kFewGroups = 300;

using Members = std::vector<std::size_t>;  ///< indices of groups

class Partitioner {
 public:
  Partitioner(const std::vector<ClassCounts>& groups, const std::vector<double>& fractions)
      : groups_(groups),
        fractions_(fractions),
        totals_(groups.front().size(), 0),
        wanted_(totals_.size(), 0),
        part_of_(groups.size()) {
    for (const ClassCounts& group : groups) {
      for (std::size_t c = 0; c < totals_.size(); ++c) {
        totals_[c] += group[c];
        wanted_[c] += group[c] > 0;
      }
    }
    for (std::size_t& groups_of_class : wanted_) {
      groups_of_class =
          std::min(groups_of_class, groups_of_class < 2 * fractions.size() ? 1UL : 2UL);
    }
    have_.assign(fractions.size(), ClassCounts(totals_.size(), 0));
    have_groups_ = have_;
  }

  /// Improves a greedy assignment of the groups in the order given.
  std::vector<std::size_t> run(const std::vector<std::size_t>& order) {
    for (const std::size_t group : order) put(group, neediest_part(group));
    constexpr int kMaxRounds = 50;  // each round lowers the error; far fewer are needed
    for (int round = 0; round < kMaxRounds && (move_single(order) || swap_pairs(order)); ++round) {
    }
    return part_of_;
  }

  /// How far all parts are from their shares.
  double error() const {
    double sum = 0;
    for (std::size_t p = 0; p < fractions_.size(); ++p) sum += error_of(p);
    return sum;
  }

  std::vector<std::size_t> largest_first(std::vector<std::size_t> order) const {
    std::vector<double> sizes(groups_.size(), 0);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (std::size_t c = 0; c < totals_.size(); ++c) sizes[g] += share(groups_[g][c], c);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
    return order;
  }

  /// The share of all images of class c that `count` is.
  double share(std::size_t count, std::size_t c) const {
    return totals_[c] == 0 ? 0 : static_cast<double>(count) / static_cast<double>(totals_[c]);
  }

  /// The part that lacks most of what the group brings, relative to the part's size; of equals the
  /// largest.
  std::size_t neediest_part(std::size_t group) const {
    std::size_t best = 0;
    double best_need = 0;
    for (std::size_t p = 0; p < fractions_.size(); ++p) {
      double need = 0;
      for (std::size_t c = 0; c < totals_.size(); ++c) {
        const double lack = fractions_[p] - share(have_[p][c], c);
        need += share(groups_[group][c], c) * lack / fractions_[p];
      }
      const bool larger = fractions_[p] > fractions_[best] + 1e-12;
      if (p == 0 || need > best_need + 1e-12 || (need > best_need - 1e-12 && larger)) {
        best = p;
        best_need = need;
      }
    }
    return best;
  }

  void put(std::size_t group, std::size_t part) {
    part_of_[group] = part;
    for (std::size_t c = 0; c < totals_.size(); ++c) {
      have_[part][c] += groups_[group][c];
      have_groups_[part][c] += groups_[group][c] > 0;
    }
  }

  void take(std::size_t group) {
    for (std::size_t c = 0; c < totals_.size(); ++c) {
      have_[part_of_[group]][c] -= groups_[group][c];
      have_groups_[part_of_[group]][c] -= groups_[group][c] > 0;
    }
  }

  double error_of(std::size_t part) const {
    constexpr double kMissingGroup = 10;  // outweighs any deviation that a share can have
    double error = 0;
    for (std::size_t c = 0; c < totals_.size(); ++c) {
      const double off = share(have_[part][c], c) - fractions_[part];
      error += off * off / fractions_[part];
      for (std::size_t n = have_groups_[part][c]; n < wanted_[c]; ++n) error += kMissingGroup;
    }
    return error;
  }

  /// Whether the two parts come nearer to their shares when `change` is made; else `undo` is.
  template <class Change, class Undo>
  bool improves(std::size_t a, std::size_t b, Change change, Undo undo) {
    const double before = error_of(a) + error_of(b);
    change();
    if (error_of(a) + error_of(b) < before - 1e-12) return true;
    undo();
    return false;
  }

  bool move(std::size_t group, std::size_t to) {
    const std::size_t from = part_of_[group];
    const auto place = [&](std::size_t part) {
      take(group);
      put(group, part);
    };
    return from != to && improves(
                             from, to, [&] { place(to); }, [&] { place(from); });
  }

  bool exchange(std::size_t first, std::size_t second) {
    const std::size_t a = part_of_[first];
    const std::size_t b = part_of_[second];
    const auto place = [&](std::size_t first_part, std::size_t second_part) {
      take(first);
      take(second);
      put(first, first_part);
      put(second, second_part);
    };
    return a != b && improves(
                         a, b, [&] { place(b, a); }, [&] { place(a, b); });
  }

  bool move_single(const std::vector<std::size_t>& order) {
    bool moved = false;
    for (const std::size_t group : order) {
      for (std::size_t p = 0; p < fractions_.size(); ++p) moved |= move(group, p);
    }
    return moved;
  }

  bool swap_pairs(const std::vector<std::size_t>& order) {
    if (groups_.size() > kFewGroups) return false;
    bool swapped = false;
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) swapped |= exchange(order[i], order[j]);
    }
    return swapped;
  }

 private:
  const std::vector<ClassCounts>& groups_;
  const std::vector<double>& fractions_;
  ClassCounts totals_;
  ClassCounts wanted_;  ///< groups of each class in every part: with one, no error is known
  std::vector<ClassCounts> have_, have_groups_;
  std::vector<std::size_t> part_of_;
};

/// Puts groups on a line by halving them again and again. Only the halves asked for are made.
class HalvedLine {
 public:
  explicit HalvedLine(const std::vector<ClassCounts>& groups) : groups_(groups) {}

  /// Adds the groups before `share` of the way to `kept`.
  void keep(const Members& members, double share, std::uint64_t seed,
            std::vector<bool>& kept) const {
    if (members.size() == 1) {
      if (share >= 0.5) kept[members[0]] = true;
      return;
    }
    const Halves halves = halve(members, seed);
    const double left = size_of(halves.left) / size_of(members);
    if (share < left) return keep(halves.left, share / left, derive_seed(seed, "left"), kept);
    for (const std::size_t group : halves.left) kept[group] = true;
    keep(halves.right, (share - left) / (1 - left), derive_seed(seed, "right"), kept);
  }

  /// The first group with images of class c.
  std::size_t first_of(const Members& members, std::size_t c, std::uint64_t seed) const {
    if (members.size() == 1) return members[0];
    const Halves halves = halve(members, seed);
    const bool in_left =
        std::ranges::any_of(halves.left, [&](std::size_t group) { return groups_[group][c] > 0; });
    return in_left ? first_of(halves.left, c, derive_seed(seed, "left"))
                   : first_of(halves.right, c, derive_seed(seed, "right"));
  }

 private:
  struct Halves {
    Members left, right;
  };

  Halves halve(const Members& members, std::uint64_t seed) const {
    std::vector<ClassCounts> counts;
    for (const std::size_t group : members) counts.push_back(groups_[group]);
    const std::vector<std::size_t> half_of = partition(counts, {0.5, 0.5}, seed);
    Halves halves;
    for (std::size_t i = 0; i < members.size(); ++i) {
      (half_of[i] == 0 ? halves.left : halves.right).push_back(members[i]);
    }
    // Where no class has two groups, all on one side is as near to the shares as any other cut.
    if (halves.left.empty() || halves.right.empty()) return halve_by_lot(members, seed);
    return halves;
  }

  static Halves halve_by_lot(Members members, std::uint64_t seed) {
    Random(seed).shuffle(std::span(members));
    const auto middle = members.begin() + static_cast<std::ptrdiff_t>(members.size() / 2);
    return {{members.begin(), middle}, {middle, members.end()}};
  }

  double size_of(const Members& members) const {
    std::size_t images = 0;
    for (const std::size_t group : members) {
      images += std::accumulate(groups_[group].begin(), groups_[group].end(), std::size_t{0});
    }
    return static_cast<double>(images);
  }

  const std::vector<ClassCounts>& groups_;
};

}  // namespace

std::vector<bool> nested_share(const std::vector<ClassCounts>& groups, double share,
                               std::uint64_t seed) {
  std::vector<bool> kept(groups.size(), false);
  if (groups.empty()) return kept;
  Members all(groups.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const HalvedLine line(groups);
  line.keep(all, share, seed, kept);
  for (std::size_t c = 0; c < groups[0].size(); ++c) {
    bool exists = false, is_kept = false;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      exists |= groups[g][c] > 0;
      is_kept |= groups[g][c] > 0 && kept[g];
    }
    // The first of its class: all larger shares keep it too.
    if (exists && !is_kept) kept[line.first_of(all, c, seed)] = true;
  }
  return kept;
}

std::vector<std::size_t> partition(const std::vector<ClassCounts>& groups,
                                   const std::vector<double>& fractions, std::uint64_t seed) {
  FATHOM_CHECK(!fractions.empty());
  if (groups.empty()) return {};
  Random random(seed);
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::size_t> best;
  double best_error = std::numeric_limits<double>::infinity();
  const int attempts = groups.size() <= kFewGroups ? 10 : 1;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    random.shuffle(std::span(order));
    Partitioner partitioner(groups, fractions);
    std::vector<std::size_t> parts =
        partitioner.run(attempt == 0 ? partitioner.largest_first(order) : order);
    if (partitioner.error() < best_error - 1e-12) {
      best_error = partitioner.error();
      best = std::move(parts);
    }
  }
  return best;
}

}  // namespace fathom::data::internal
