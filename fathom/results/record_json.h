// Records to JSON and back, by their lists of fields. Not the lists: record.cpp.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/base/json.h"

namespace fathom::results {

// list_fields(fields, record) calls for each field of a record
//   fields(name, value)
// and for one that came later than its record, so that older studies lack it,
//   fields.newer(name, value)           where it is missing, it stays as a new record has it
//   fields(name, value, where_missing)  left out in writing too, where it is `where_missing`

/// Puts each field into a JSON object; not one that is as it is taken for where it is missing.
struct Writer {
  Json json = Json::object();

  template <class T>
  void operator()(const char* name, const T& value) {
    json[name] = encode(value);
  }
  template <class T>
  void operator()(const char* name, const T& value, const std::type_identity_t<T>& where_missing) {
    if (value != where_missing) (*this)(name, value);
  }
  template <class T>
  void newer(const char* name, const T& value) {
    (*this)(name, value);
  }

  static Json encode(double value) { return number_or_null(value); }
  static Json encode(const std::string& value) { return value; }
  static Json encode(const Json& value) { return value; }
  static Json encode(std::integral auto value) { return value; }
  template <class A, class B>
  static Json encode(const std::pair<A, B>& value) {
    return Json::array({encode(value.first), encode(value.second)});
  }
  template <class T>
  static Json encode(const std::optional<T>& value) {
    return value ? encode(*value) : Json(nullptr);
  }
  template <class T>
  static Json encode(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(encode(value));
    return array;
  }
  template <class Record>
  requires(!std::integral<Record>) static Json encode(const Record& record) {
    Writer writer;
    list_fields(writer, record);
    return std::move(writer.json);
  }
};

/// Takes each field from a JSON object; an error names the path to the field.
struct Reader {
  const Json& json;
  std::string where;

  template <class T>
  void operator()(const char* name, T& value) {
    const auto found = json.find(name);
    const std::string path = where + "." + name;
    if (found == json.end()) throw Error(path + " is missing");
    decode(*found, value, path);
  }
  template <class T>
  void operator()(const char* name, T& value, const std::type_identity_t<T>& where_missing) {
    if (json.contains(name)) {
      (*this)(name, value);
    } else {
      value = where_missing;
    }
  }
  template <class T>
  void newer(const char* name, T& value) {
    if (json.contains(name)) (*this)(name, value);
  }

  static void decode(const Json& json, double& value, const std::string& path) {
    if (!json.is_number() && !json.is_null()) refuse(json, "a number or null", path);
    value = number_or_nan(json);
  }
  static void decode(const Json& json, std::string& value, const std::string& path) {
    if (!json.is_string()) refuse(json, "text", path);
    value = json.get<std::string>();
  }
  static void decode(const Json& json, bool& value, const std::string& path) {
    if (!json.is_boolean()) refuse(json, "true or false", path);
    value = json.get<bool>();
  }
  static void decode(const Json& json, std::integral auto& value, const std::string& path) {
    using T = std::remove_reference_t<decltype(value)>;
    if (!json.is_number_integer() || (std::unsigned_integral<T> && !json.is_number_unsigned())) {
      refuse(json, std::unsigned_integral<T> ? "a whole number from 0" : "a whole number", path);
    }
    value = json.get<T>();
  }
  static void decode(const Json& json, Json& value, const std::string&) { value = json; }
  template <class A, class B>
  static void decode(const Json& json, std::pair<A, B>& value, const std::string& path) {
    if (!json.is_array() || json.size() != 2) refuse(json, "a pair", path);
    decode(json[0], value.first, path);
    decode(json[1], value.second, path);
  }
  template <class T>
  static void decode(const Json& json, std::optional<T>& value, const std::string& path) {
    value.reset();
    if (!json.is_null()) decode(json, value.emplace(), path);
  }
  template <class T>
  static void decode(const Json& json, std::vector<T>& values, const std::string& path) {
    if (!json.is_array()) refuse(json, "a list", path);
    values.clear();
    for (const Json& item : json) decode(item, values.emplace_back(), path);
  }
  template <class Record>
  requires(!std::integral<Record>) static void decode(const Json& json, Record& record,
                                                      const std::string& path) {
    if (!json.is_object()) refuse(json, "an object", path);
    Reader reader{json, path};
    list_fields(reader, record);
  }

  [[noreturn]] static void refuse(const Json& found, const char* allowed, const std::string& path) {
    throw Error(fmt::format("{} is {}, but must be {}", path, found.dump(), allowed));
  }
};

}  // namespace fathom::results
