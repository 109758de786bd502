// One order for what journals hold, whoever wrote it and when: reports of a study are the same
// whether one process ran it or several.
#pragma once

#include "fathom/results/journal.h"

namespace fathom::results {

/// Sorts units as plans list them (seed, fold, architecture, most images first, level, learning
/// rate), and probes, estimates and prefixes by architecture. `content.study` must be there: it
/// lists architectures and levels; what it does not list comes last.
void put_in_order(JournalContent& content);

}  // namespace fathom::results
