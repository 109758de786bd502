#include "fathom/report/text.h"

#include <algorithm>

namespace fathom::report {
namespace {

constexpr std::size_t kGap = 2;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t column_width(const TextColumn& column) {
  std::size_t width = display_width(column.title);
  for (const std::string& cell : column.cells) width = std::max(width, display_width(cell));
  return width;
}

std::size_t table_width(const std::vector<TextColumn>& columns) {
  std::size_t width = kGap * (columns.size() - 1);
  for (const TextColumn& column : columns) width += column_width(column);
  return width;
}

std::string aligned(const std::string& text, const TextColumn& column) {
  const std::string padding(column_width(column) - display_width(text), ' ');
  return column.right ? padding + text : text + padding;
}

/// One line of cells, without spaces at its end.
std::string line_of(const std::vector<TextColumn>& columns, auto text_of) {
  std::string line;
  for (const TextColumn& column : columns) {
    if (&column != &columns.front()) line += std::string(kGap, ' ');
    line += aligned(text_of(column), column);
  }
  line.resize(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

/// The bytes of the first `characters` characters.
std::size_t bytes_of(std::string_view text, std::size_t characters) {
  std::size_t bytes = 0;
  while (bytes < text.size() && (characters > 0 || is_continuation(text[bytes]))) {
    if (!is_continuation(text[bytes++])) --characters;
  }
  return bytes;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string text_table(std::vector<TextColumn> columns, std::size_t width) {
  while (columns.size() > 1 && table_width(columns) > width) {
    columns.erase(std::min_element(
        columns.begin(), columns.end(),
        [](const TextColumn& a, const TextColumn& b) { return a.importance < b.importance; }));
  }
  std::string text = line_of(columns, [](const TextColumn& column) { return column.title; });
  for (std::size_t i = 0; i < table_width(columns); ++i) text += "─";
  text += "\n";
  for (std::size_t row = 0; row < columns.front().cells.size(); ++row) {
    text += line_of(columns, [&](const TextColumn& column) { return column.cells[row]; });
  }
  return text;
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view first,
                    std::string_view rest) {
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  std::string out, line(first);
  std::size_t used = display_width(first);
  bool line_has_words = false;
  const auto break_line = [&] {
    out += line + "\n";
    line = rest;
    used = display_width(rest);
    line_has_words = false;
  };
  for (std::string_view left = clean; !left.empty();) {
    std::string_view word = left.substr(0, left.find(' '));
    left.remove_prefix(std::min(word.size() + 1, left.size()));
    if (word.empty()) continue;
    if (line_has_words && used + 1 + display_width(word) > width) break_line();
    while (used + display_width(word) > width && used < width) {
      const std::size_t part = bytes_of(word, width - used);
      line += word.substr(0, part);
      word.remove_prefix(part);
      break_line();
    }
    line += line_has_words ? " " : "";
    line += word;
    used += display_width(word) + (line_has_words ? 1 : 0);
    line_has_words = true;
  }
  return out + line + "\n";
}

}  // namespace fathom::report
