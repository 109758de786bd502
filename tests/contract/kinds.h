// Which architectures the slow contract tests run over.
#pragma once

#include <algorithm>
#include <vector>

#include "fathom/zoo/architecture.h"

namespace fathom::zoo {

/// The members of a family differ in size and not in kind: what takes seconds for the large ones is
/// tested on the first that is registered for a paper, with and without normalization.
inline std::vector<Architecture> one_of_each_kind() {
  std::vector<Architecture> chosen;
  for (const Architecture& architecture : architectures()) {
    if (std::ranges::none_of(chosen, [&](const Architecture& other) {
          return other.paper == architecture.paper && other.has_norm == architecture.has_norm;
        })) {
      chosen.push_back(architecture);
    }
  }
  return chosen;
}

}  // namespace fathom::zoo
