// Text for a terminal of a given width: tables that leave out what does not fit, wrapped
// paragraphs. Knows nothing of studies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fathom::report {

struct TextColumn {
  std::string title;
  bool right = true;   ///< aligned right, for numbers
  int importance = 0;  ///< the least important columns are left out first
  std::vector<std::string> cells;
};

/// Columns that UTF-8 text takes on a terminal, one per code point.
std::size_t display_width(std::string_view text);

/// A title line, a rule and the rows, each with its "\n". Columns are left out until no line is
/// longer than `width`; the most important one always stays.
std::string text_table(std::vector<TextColumn> columns, std::size_t width);

/// `text` broken at spaces into lines of at most `width`; the first line begins with `first`, the
/// others with `rest`. A word that is too long is broken. Control characters (a file may have any
/// name) become '?'.
std::string wrapped(std::string_view text, std::size_t width, std::string_view first,
                    std::string_view rest);

}  // namespace fathom::report
