// One level seen closer on the page: ROC curves and reliability of its trainings. The rest of the
// page: page_data.h.
#pragma once

#include "fathom/base/json.h"
#include "fathom/report/report.h"

namespace fathom::report {

/// Six decimals are more than any screen shows; whole digits would double the page.
Json rounded(double value);

/// Folds are numbered from 1 where people read them.
inline int fold_of(const results::UnitRecord& unit) { return unit.key.fold + 1; }

/// The level at `index` (into all summaries); `first` is its architecture's first one. Null when no
/// unit of it has finished.
Json closer_json(const Study& study, std::size_t index, std::size_t first);

}  // namespace fathom::report
