// A loop over several threads, for work outside LibTorch (decoding, hashing).
#pragma once

#include <cstddef>
#include <functional>

namespace fathom {

/// Calls body(i) for every i in [0, count) on up to `threads` threads (0 = all cores), in no
/// particular order. The first exception stops the loop and is thrown again here.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body,
                  unsigned threads = 0);

}  // namespace fathom
