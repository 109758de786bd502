// What the numbers of views mean. LibTorch-free.
#pragma once

#include <string>
#include <vector>

namespace fathom::train {

/// One corruption at one severity as a view of an image.
struct CorruptedView {
  int number = 0;  ///< Sight::view
  std::string corruption;
  int severity = 0;
};

const std::vector<CorruptedView>& corrupted_views();

}  // namespace fathom::train
