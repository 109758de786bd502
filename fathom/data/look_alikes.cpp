#include "fathom/data/look_alikes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

#include "fathom/base/error.h"
#include "fathom/base/parallel.h"
#include "fathom/base/random.h"
#include "fathom/data/families.h"

namespace fathom::data {
namespace {

using image::kFrequencies;
using image::Pattern;

constexpr std::size_t kLowest = 8;  ///< frequencies whose signs are hashed, each way
constexpr int kTables = 16;
constexpr int kKeyBits = 14;
/// Of 63 signs; vectors at an angle of arccos(0.82) = 35 degrees differ in 12 on average.
constexpr int kMaxSignsOff = 20;
/// Images compared at most for each key, and links of one image: where very many are alike, links
/// to some are enough.
constexpr std::size_t kMaxCompared = 500;
constexpr std::size_t kEnoughLinks = 64;

double dot(const Pattern& a, const Pattern& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

bool same_contrast(float a, float b) { return a <= kSameContrast * b && b <= kSameContrast * a; }

bool same_colour(const image::Fingerprint& a, const image::Fingerprint& b) {
  for (std::size_t c = 0; c < a.colour.size(); ++c) {
    if (std::abs(a.colour[c] - b.colour[c]) > kSameColour) return false;
  }
  return true;
}

/// One bit for each of the lowest frequencies: whether it is positive.
std::uint64_t signs_of(const Pattern& pattern) {
  std::uint64_t signs = 0;
  for (std::size_t u = 0; u < kLowest; ++u) {
    for (std::size_t v = 0; v < kLowest; ++v) {
      const bool positive = pattern[u * kFrequencies + v] > 0;
      signs |= std::uint64_t{positive} << (u * kLowest + v);
    }
  }
  return signs;
}

/// What is hashed by one table: images by the key that some of their signs make.
class Table {
 public:
  struct Entry {
    std::uint64_t signs;
    std::uint32_t image;
  };

  Table(std::uint64_t seed, const std::vector<Entry>& all) : starts_((1U << kKeyBits) + 1, 0) {
    choose_bits(seed);
    for (const Entry& entry : all) ++starts_[key(entry.signs) + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
    entries_.resize(all.size());
    for (const Entry& entry : all) entries_[next[key(entry.signs)]++] = entry;
  }

  /// Images with the same key, at most kMaxCompared: those that follow `image` in their order.
  std::span<const Entry> find(std::uint64_t signs, std::uint32_t image) const {
    const std::size_t at = key(signs);
    std::span<const Entry> same(entries_.data() + starts_[at], starts_[at + 1] - starts_[at]);
    if (same.size() <= kMaxCompared) return same;
    const auto after = std::ranges::upper_bound(same, image, {}, &Entry::image);
    const auto begin = static_cast<std::size_t>(after - same.begin());
    return same.subspan(std::min(begin, same.size() - kMaxCompared), kMaxCompared);
  }

 private:
  /// Without bit 0, the mean brightness, which is always 0.
  void choose_bits(std::uint64_t seed) {
    std::array<int, kLowest * kLowest - 1> order{};
    std::iota(order.begin(), order.end(), 1);
    Random(seed).shuffle(std::span<int>(order));
    std::copy_n(order.begin(), kKeyBits, bits_.begin());
  }

  std::size_t key(std::uint64_t signs) const {
    std::size_t key = 0;
    for (const int bit : bits_) key = key << 1 | (signs >> bit & 1);
    return key;
  }

  std::array<int, kKeyBits> bits_{};
  std::vector<std::uint32_t> starts_;
  std::vector<Entry> entries_;
};

/// The search among the images that have a pattern.
class Search {
 public:
  Search(const std::vector<image::Fingerprint>& prints, const ClearedFamilies& cleared)
      : prints_(prints), cleared_(cleared) {
    for (std::size_t i = 0; i < prints.size(); ++i) {
      if (!prints[i].plain) images_.push_back(static_cast<std::uint32_t>(i));
    }
    find_shared();
    patterns_.resize(prints.size());
    std::vector<Table::Entry> entries;
    for (const std::uint32_t i : images_) {
      patterns_[i] = without_shared(prints[i].turned[0]);
      entries.push_back({signs_of(patterns_[i]), i});
    }
    for (int t = 0; t < kTables; ++t) {
      tables_.emplace_back(derive_seed(0, "look-alikes", static_cast<std::uint64_t>(t)), entries);
    }
  }

  std::vector<std::vector<std::size_t>> run() const {
    std::vector<std::vector<std::uint32_t>> links(images_.size());
    parallel_for(images_.size(), [&](std::size_t i) { links[i] = links_of(images_[i]); });
    internal::Families families(prints_.size());
    for (std::size_t i = 0; i < images_.size(); ++i) {
      for (const std::uint32_t other : links[i]) families.link(images_[i], other);
    }
    std::vector<std::vector<std::size_t>> found = families.list();
    std::erase_if(found, [](const auto& family) { return family.size() < 2; });
    return found;
  }

 private:
  void find_shared() {
    constexpr std::size_t kEnough = 100;  // of fewer, a family itself would make the mean
    if (images_.size() < kEnough) return;
    const auto scale = 1 / static_cast<float>(images_.size());
    for (const std::uint32_t i : images_) {
      for (std::size_t f = 0; f < shared_.size(); ++f) {
        shared_[f] += prints_[i].turned[0][f] * scale;
      }
    }
  }

  Pattern without_shared(const Pattern& pattern) const {
    Pattern rest;
    for (std::size_t f = 0; f < rest.size(); ++f) rest[f] = pattern[f] - shared_[f];
    const double length = std::sqrt(dot(rest, rest));
    const auto scale = length > 0 ? static_cast<float>(1 / length) : 0;
    for (float& value : rest) value *= scale;
    return rest;
  }

  bool is_cleared(std::uint32_t a, std::uint32_t b) const {
    if (cleared_.empty()) return false;
    return std::ranges::find_first_of(cleared_[a], cleared_[b]) != cleared_[a].end();
  }

  std::vector<std::uint32_t> links_of(std::uint32_t image) const {
    std::vector<std::uint32_t> links;
    for (std::size_t turn = 0; turn < image::kTurns.size(); ++turn) {
      for (int view = 0; view < image::kDihedralViews && links.size() < kEnoughLinks; ++view) {
        add_links(image, turn, view, links);
      }
    }
    return links;
  }

  void add_links(std::uint32_t image, std::size_t turn, int view,
                 std::vector<std::uint32_t>& links) const {
    const image::Fingerprint& print = prints_[image];
    const Pattern pattern = without_shared(image::dihedral_pattern(print.turned[turn], view));
    const std::uint64_t signs = signs_of(pattern);
    for (const Table& table : tables_) {
      for (const Table::Entry& entry : table.find(signs, image)) {
        if (std::popcount(signs ^ entry.signs) > kMaxSignsOff || entry.image == image) continue;
        const image::Fingerprint& other = prints_[entry.image];
        if (!same_colour(print, other)) continue;
        if (!same_contrast(print.contrast[turn], other.contrast[0])) continue;
        if (dot(pattern, patterns_[entry.image]) < kLookAlike) continue;
        if (is_cleared(image, entry.image)) continue;
        if (std::ranges::find(links, entry.image) == links.end()) links.push_back(entry.image);
        if (links.size() == kEnoughLinks) return;
      }
    }
  }

  const std::vector<image::Fingerprint>& prints_;
  const ClearedFamilies& cleared_;
  std::vector<std::uint32_t> images_;
  Pattern shared_{};
  std::vector<Pattern> patterns_;
  std::vector<Table> tables_;
};

}  // namespace

std::vector<std::vector<std::size_t>> find_look_alikes(
    const std::vector<image::Fingerprint>& prints, const ClearedFamilies& cleared) {
  FATHOM_CHECK(cleared.empty() || cleared.size() == prints.size());
  return Search(prints, cleared).run();
}

}  // namespace fathom::data
