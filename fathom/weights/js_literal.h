// What a JavaScript module exports, where that is a literal: text to JSON. Nothing is run, and
// nothing but literals is understood. Internal to weights/.
#pragma once

#include <string>
#include <string_view>

namespace fathom::weights {

/// The first object or text behind "exports=" in a module, as text of JSON: names of members
/// quoted, !0 and !1 for yes and no, numbers with a digit before the point. Throws Error
/// "WHERE: ...": no such export, or something else in it than literals.
std::string exported_json(std::string_view module, const std::string& where);

}  // namespace fathom::weights
