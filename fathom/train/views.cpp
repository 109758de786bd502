#include "fathom/train/views.h"

namespace fathom::train {

const std::vector<CorruptedView>& corrupted_views() {
  static const std::vector<CorruptedView> views;
  return views;
}

}  // namespace fathom::train
