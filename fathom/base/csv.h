// Comma-separated text by RFC 4180: quotes, doubled quotes, line breaks in quotes; UTF-8 BOM
// dropped.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fathom {

/// A table whose first line names the columns. Every row has as many cells as there are columns.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;  ///< the line in the file at which each row starts, from 1

  /// The index of a column, or -1.
  int find(std::string_view column) const;
};

/// Throws Error naming `where` and the line: uneven rows, an open quote, no header, doubled
/// columns, other separators than commas, UTF-16.
CsvTable parse_csv(std::string_view text, const std::string& where);
CsvTable read_csv(const std::filesystem::path& path);

/// The indices of columns that a table must have. Throws Error naming `where` when one is missing.
std::vector<std::size_t> find_columns(const CsvTable& table, const std::vector<std::string>& names,
                                      const std::string& where);

/// A cell that names something, without the blanks around it: they are slips of the one who wrote.
std::string trimmed(std::string_view cell);

/// One line with its "\n"; cells are quoted only where they must be.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace fathom
