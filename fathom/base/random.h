// Random numbers that are the same on every machine and compiler: the standard library's
// distributions are not, so none of them is used.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace fathom {

/// A seed for one purpose, made from a parent seed and what tells it apart ("epoch", 3).
/// Streams of different names do not overlap in practice (64-bit hash).
std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

/// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195): one 64-bit state, passes
/// BigCrush, cheap enough to make one for every image.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// Uniform in [0, bound), without modulo bias. bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1) with 53 random bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Standard normal by Box & Muller 1958.
  double normal();

  /// Fisher-Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace fathom
