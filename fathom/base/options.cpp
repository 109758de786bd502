#include "fathom/base/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "fathom/base/error.h"

namespace fathom {
namespace {

/// Calls one function of several by the type that a variant holds.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

[[noreturn]] void refuse(const Field& field, const std::string& found, const std::string& where) {
  const std::string allowed = field.allowed();
  throw Error(fmt::format("{}: {} = {} is not allowed: {} is a {}{}", where, field.name, found,
                          field.name, field.type_name(),
                          allowed.empty() ? "" : fmt::format(" ({})", allowed)));
}

double checked_number(const Field& field, const Json& value, const std::string& where) {
  if (!value.is_number()) refuse(field, value.dump(), where);
  const double number = value.get<double>();
  if (!std::isfinite(number)) refuse(field, fmt::format("{}", number), where);
  if (number < field.min || number > field.max) refuse(field, value.dump(), where);
  return number;
}

std::int64_t checked_integer(const Field& field, const Json& value, const std::string& where) {
  const double number = checked_number(field, value, where);
  if (number != std::floor(number) || std::abs(number) > 9e15) refuse(field, value.dump(), where);
  return static_cast<std::int64_t>(number);
}

std::string checked_text(const Field& field, const Json& value, const std::string& where) {
  if (!value.is_string()) refuse(field, value.dump(), where);
  auto text = value.get<std::string>();
  if (!field.choices.empty() &&
      std::find(field.choices.begin(), field.choices.end(), text) == field.choices.end()) {
    throw Error(where + ": " + unknown_name(field.name, text, field.choices).what());
  }
  return text;
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    const std::size_t begin = part.find_first_not_of(' ');
    if (begin == std::string::npos) continue;
    parts.push_back(part.substr(begin, part.find_last_not_of(' ') + 1 - begin));
  }
  return parts;
}

Json parse_number(const Field& field, const std::string& text, const std::string& where) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_number()) return value;
  double number = 0;  // ".5" and "5." are no JSON, but people write them
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) refuse(field, text, where);
  return number;
}

}  // namespace

std::string Field::flag() const {
  std::string text = "--" + name;
  std::replace(text.begin() + 2, text.end(), '_', '-');
  return text;
}

std::string Field::type_name() const {
  return std::visit(
      Overloaded{[](bool*) { return "yes/no"; }, [](std::int64_t*) { return "whole number"; },
                 [](double*) { return "number"; }, [](std::string*) { return "text"; },
                 [](std::vector<std::string>*) { return "list of texts"; },
                 [](std::vector<double>*) { return "list of numbers"; }},
      value);
}

std::string Field::allowed() const {
  if (std::holds_alternative<bool*>(value)) return "true, false";
  if (!choices.empty()) return fmt::format("{}", fmt::join(choices, ", "));
  if (std::isfinite(min) && std::isfinite(max)) return fmt::format("{} to {}", min, max);
  if (std::isfinite(min)) return fmt::format("at least {}", min);
  if (std::isfinite(max)) return fmt::format("at most {}", max);
  return "";
}

Field choice_field(std::string name, std::string* value, std::vector<std::string> choices,
                   std::string help) {
  Field field{std::move(name), value, std::move(help)};
  field.choices = std::move(choices);
  return field;
}

Json field_value(const Field& field) {
  return std::visit([](auto* pointer) { return Json(*pointer); }, field.value);
}

void set_field(const Field& field, const Json& value, const std::string& where) {
  std::visit(Overloaded{[&](bool* out) {
                          if (!value.is_boolean()) refuse(field, value.dump(), where);
                          *out = value.get<bool>();
                        },
                        [&](std::int64_t* out) { *out = checked_integer(field, value, where); },
                        [&](double* out) { *out = checked_number(field, value, where); },
                        [&](std::string* out) { *out = checked_text(field, value, where); },
                        [&](std::vector<std::string>* out) {
                          if (!value.is_array()) refuse(field, value.dump(), where);
                          out->clear();
                          for (const Json& item : value)
                            out->push_back(checked_text(field, item, where));
                        },
                        [&](std::vector<double>* out) {
                          if (!value.is_array()) refuse(field, value.dump(), where);
                          out->clear();
                          for (const Json& item : value)
                            out->push_back(checked_number(field, item, where));
                        }},
             field.value);
}

void set_field_from_text(const Field& field, const std::string& text, const std::string& where) {
  std::visit(
      Overloaded{[&](bool*) {
                   if (text != "true" && text != "false") refuse(field, text, where);
                   set_field(field, text == "true", where);
                 },
                 [&](std::int64_t*) { set_field(field, parse_number(field, text, where), where); },
                 [&](double*) { set_field(field, parse_number(field, text, where), where); },
                 [&](std::string*) { set_field(field, text, where); },
                 [&](std::vector<std::string>*) { set_field(field, split_commas(text), where); },
                 [&](std::vector<double>*) {
                   Json numbers = Json::array();
                   for (const std::string& part : split_commas(text)) {
                     numbers.push_back(parse_number(field, part, where));
                   }
                   set_field(field, numbers, where);
                 }},
      field.value);
}

Json fields_to_json(const std::vector<Field>& fields) {
  Json object = Json::object();
  for (const Field& field : fields) object[field.name] = field_value(field);
  return object;
}

void fields_from_json(const std::vector<Field>& fields, const Json& object,
                      const std::string& where) {
  if (!object.is_object()) throw Error(where + ": a table of settings is expected");
  for (const auto& [key, value] : object.items()) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&key = key](const Field& f) { return f.name == key; });
    if (field == fields.end()) {
      std::vector<std::string> names;
      for (const Field& known : fields) names.push_back(known.name);
      throw Error(where + ": " + unknown_name("setting", key, names).what());
    }
    set_field(*field, value, where);
  }
}

void all_fields_from_json(const std::vector<Field>& fields, const Json& object,
                          const std::string& where) {
  if (!object.is_object()) throw Error(where + ": a JSON object was expected");
  for (const Field& field : fields) {
    if (object.contains(field.name)) continue;
    throw Error(fmt::format("{}: '{}' ({}) is missing", where, field.name, field.help));
  }
  fields_from_json(fields, object, where);
}

}  // namespace fathom
