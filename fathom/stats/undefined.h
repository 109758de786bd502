// What a figure is when the images do not define it: the AUC of one class only, a mean of nothing.
#pragma once

#include <limits>

namespace fathom::stats {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace fathom::stats
