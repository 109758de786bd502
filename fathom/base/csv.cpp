#include "fathom/base/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"

namespace fathom {
namespace {

/// UTF-8's byte order mark; files that were saved again and again begin with several.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Whether it begins as UTF-16 does that is marked.
bool has_utf16_mark(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
}

/// Splits text into records one at a time.
class CsvParser {
 public:
  CsvParser(std::string_view text, const std::string& where) : text_(text), where_(where) {
    while (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  }

  bool at_end() const { return position_ >= text_.size(); }
  std::size_t line() const { return line_; }

  std::vector<std::string> next_record() {
    std::vector<std::string> cells;
    do cells.push_back(next_cell());
    while (take(','));
    const bool carriage_return = take('\r');
    if (!at_end() && !take('\n')) {
      throw Error(fmt::format("{}:{}: {}", where_, line_,
                              carriage_return ? "a carriage return without a line feed; lines end "
                                                "in \\n or \\r\\n"
                                              : "text after a closing quote"));
    }
    ++line_;
    return cells;
  }

  /// Steps over a line without a single cell; "" in quotes is a cell.
  bool skip_empty_line() {
    const std::size_t length = text_.substr(position_).starts_with("\r\n") ? 2 : 1;
    if (text_[position_ + length - 1] != '\n') return false;
    position_ += length;
    ++line_;
    return true;
  }

 private:
  bool take(char expected) {
    if (at_end() || text_[position_] != expected) return false;
    ++position_;
    return true;
  }

  std::string next_cell() {
    if (take('"')) return quoted_cell();
    const std::size_t end = std::min(text_.find_first_of(",\r\n", position_), text_.size());
    std::string cell(text_.substr(position_, end - position_));
    position_ = end;
    return cell;
  }

  std::string quoted_cell() {
    const std::size_t opened = line_;
    std::string cell;
    while (!at_end()) {
      const char c = text_[position_++];
      if (c == '"' && !take('"')) return cell;
      if (c == '\n') ++line_;
      cell += c;
    }
    throw Error(fmt::format("{}:{}: the quote opened here is never closed", where_, opened));
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

void check_columns(const std::vector<std::string>& columns, const std::string& where) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (std::count(columns.begin(), columns.end(), columns[i]) > 1) {
      throw Error(fmt::format("{}:1: column '{}' appears twice", where, columns[i]));
    }
  }
}

constexpr const char* kSaveAs = "save it as comma-separated UTF-8 (\"CSV UTF-8\")";

/// Spreadsheets save "Unicode text" so, with a byte order mark or without.
void refuse_utf16(std::string_view text, const std::string& where) {
  if (!has_utf16_mark(text) && text.substr(0, text.find('\n')).find('\0') == std::string_view::npos)
    return;
  throw Error(fmt::format("{}: not UTF-8 text (UTF-16, perhaps); {}", where, kSaveAs));
}

/// Where commas are decimal points, spreadsheets separate cells by semicolons.
void refuse_other_separators(const std::vector<std::string>& columns, const std::string& where) {
  if (columns.size() > 1) return;
  for (const auto& [separator, name] : {std::pair(';', "semicolons"), std::pair('\t', "tabs")}) {
    if (columns[0].find(separator) == std::string::npos) continue;
    throw Error(
        fmt::format("{}:1: cells are separated by {}, not by commas; {}", where, name, kSaveAs));
  }
}

}  // namespace

int CsvTable::find(std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

CsvTable parse_csv(std::string_view text, const std::string& where) {
  refuse_utf16(text, where);
  CsvParser parser(text, where);
  if (parser.at_end()) throw Error(where + ": empty; a first line with column names is needed");
  CsvTable table;
  table.columns = parser.next_record();
  refuse_other_separators(table.columns, where);
  check_columns(table.columns, where);
  while (!parser.at_end()) {
    if (parser.skip_empty_line()) continue;
    const std::size_t line = parser.line();
    std::vector<std::string> cells = parser.next_record();
    if (cells.size() != table.columns.size()) {
      throw Error(fmt::format("{}:{}: {} cells, but the first line names {} columns", where, line,
                              cells.size(), table.columns.size()));
    }
    table.rows.push_back(std::move(cells));
    table.lines.push_back(line);
  }
  return table;
}

CsvTable read_csv(const std::filesystem::path& path) {
  return parse_csv(read_file(path), path.string());
}

std::vector<std::size_t> find_columns(const CsvTable& table, const std::vector<std::string>& names,
                                      const std::string& where) {
  std::vector<std::size_t> columns;
  for (const std::string& name : names) {
    const int column = table.find(name);
    if (column < 0) {
      throw Error(fmt::format("{}:1: {} '{}' {} needed; found: {}", where,
                              names.size() == 1 ? "the column" : "the columns",
                              fmt::join(names, "' and '"), names.size() == 1 ? "is" : "are",
                              fmt::join(table.columns, ", ")));
    }
    columns.push_back(static_cast<std::size_t>(column));
  }
  return columns;
}

std::string trimmed(std::string_view cell) {
  const std::size_t first = cell.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(cell.substr(first, cell.find_last_not_of(" \t") - first + 1));
}

std::string csv_line(const std::vector<std::string>& cells) {
  if (cells.size() == 1 && cells[0].empty()) return "\"\"\n";  // an empty line would be no row
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    const bool is_plain = cell.find_first_of(",\"\r\n") == std::string::npos;
    if (is_plain && !cell.starts_with(kByteOrderMark) && !has_utf16_mark(cell)) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + '\n';
}

}  // namespace fathom
