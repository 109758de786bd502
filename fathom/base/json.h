// JSON as the project uses it: keys keep their order, so that files can be read and compared.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace fathom {

using Json = nlohmann::ordered_json;

/// Parses a whole file. Throws Error naming the file and the byte where it is broken.
Json read_json(const std::filesystem::path& path);

/// Writes `value` with an indent of two, atomically.
void write_json(const std::filesystem::path& path, const Json& value);

/// A number, or null where it is NaN or infinite (JSON has neither).
Json number_or_null(double value);

/// The number at `value`, NaN where it is null.
double number_or_nan(const Json& value);

}  // namespace fathom
