// Settings: one list of fields per options struct serves TOML, JSON, flags, range checks, help and
// documentation. Not a parser of files: study/ reads TOML, the commands read flags.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fathom/base/json.h"

namespace fathom {

/// One setting: where it lives, what it means, what it may be. `value` points into the options
/// struct that made the field, which must outlive it.
struct Field {
  using Value = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*,
                             std::vector<double>*>;

  std::string name;  ///< the TOML key; the flag is the same with '-' for '_'
  Value value;
  std::string help;  ///< one sentence, with the unit
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< for text: what is allowed (empty = anything)

  std::string flag() const;       ///< "--batch-size"
  std::string type_name() const;  ///< "number", "whole number", "text", "yes/no", "list of ..."
  std::string allowed() const;    ///< "1 to 4096", "adam, adamw, sgd", "" when anything goes
};

/// A text field that must be one of `choices`.
Field choice_field(std::string name, std::string* value, std::vector<std::string> choices,
                   std::string help);

/// The value of a field as JSON.
Json field_value(const Field& field);

/// Sets a field. Throws Error "WHERE: NAME ..." on a wrong type, range or choice.
void set_field(const Field& field, const Json& value, const std::string& where);

/// Sets a field from a flag's text; lists are separated by commas.
void set_field_from_text(const Field& field, const std::string& text, const std::string& where);

/// All fields as one JSON object, in their order.
Json fields_to_json(const std::vector<Field>& fields);

/// Sets the fields that `object` names. Throws Error on a key that no field has, with the nearest.
void fields_from_json(const std::vector<Field>& fields, const Json& object,
                      const std::string& where);

/// The same, and every field must be named.
void all_fields_from_json(const std::vector<Field>& fields, const Json& object,
                          const std::string& where);

}  // namespace fathom
