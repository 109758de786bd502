// Damage done to good files at random, for tests of readers of untrusted files.
#pragma once

#include <algorithm>
#include <string>

#include "fathom/base/random.h"

namespace fathom::tests {

/// A copy with one to four of: a changed byte, a piece left out or put in, two pieces exchanged, an
/// end cut off.
inline std::string mutated(std::string bytes, Random& random) {
  const auto edge = [](std::uint64_t value) {
    return static_cast<char>(value < 3 ? value - 1 : value);
  };
  for (std::uint64_t left = 1 + random.below(4); left > 0 && !bytes.empty(); --left) {
    const std::size_t at = random.below(bytes.size()), other = random.below(bytes.size());
    const std::size_t piece = 1 + random.below(std::min<std::size_t>(
                                      {bytes.size() - at, bytes.size() - other, std::size_t{32}}));
    switch (random.below(10)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.erase(at, piece);
        break;
      case 2:
        bytes.insert(at, std::string(bytes, other, piece));
        break;
      case 3:
        for (std::size_t i = 0; i < piece; ++i) std::swap(bytes[at + i], bytes[other + i]);
        break;
      default:
        bytes[at] = edge(random.below(256));
    }
  }
  return bytes;
}

}  // namespace fathom::tests
