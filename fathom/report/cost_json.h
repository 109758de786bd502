// What the trainings of a level cost, for the page.
#pragma once

#include "fathom/base/json.h"
#include "fathom/results/journal.h"
#include "fathom/results/summary.h"

namespace fathom::report {

/// Mean times; the counts are the same for all units of a level. Null without units; extra_seconds
/// is null where some unit does not tell.
Json cost_json(const results::LevelSummary& level);

/// Seconds that a unit of the level was predicted to take; null where nothing was predicted.
Json predicted_seconds(const results::JournalContent& content, const results::LevelSummary& level);

}  // namespace fathom::report
