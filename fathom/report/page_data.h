// What the report page shows, as JSON. The page's side of this contract is web/src/data.ts.
// Not for programs of others: that is results.json.
#pragma once

#include "fathom/base/json.h"
#include "fathom/report/report.h"

namespace fathom::report {

/// Reads units/<id>/predictions.csv for the level that the page shows closer (the recommended one,
/// else the best on validation); a file that is missing or damaged becomes a sentence on the page.
Json page_data(const Study& study);

/// `data` as text that can stand inside a script element: ASCII only, and none of < > &, so that no
/// name in it can end the element or begin a tag.
std::string script_safe(const Json& data);

}  // namespace fathom::report
