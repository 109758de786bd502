#include "fathom/base/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace fathom {
namespace {

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Levenshtein distance, upper and lower case alike, by the two-row dynamic programme (Wagner &
/// Fischer 1974).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_name(std::string_view found, const std::vector<std::string>& allowed) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, found.size() / 3) + 1;
  for (const std::string& name : allowed) {
    const std::size_t distance = edit_distance(found, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  if (!best.empty() || found.empty()) return best;
  const auto longer = std::ranges::find_if(
      allowed, [&](const std::string& name) { return name.starts_with(found); });
  return longer == allowed.end() ? "" : *longer;
}

Error unknown_name(std::string_view what, std::string_view found,
                   const std::vector<std::string>& allowed) {
  constexpr std::size_t kLongList = 20;
  const std::string near = nearest_name(found, allowed);
  if (!near.empty() && allowed.size() > kLongList) {
    return Error(fmt::format("unknown {} '{}'; did you mean '{}'?", what, found, near));
  }
  return Error(fmt::format("unknown {} '{}'{} Allowed: {}", what, found,
                           near.empty() ? "." : fmt::format("; did you mean '{}'?", near),
                           fmt::join(allowed, ", ")));
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  const bool is_plain = !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos;
  if (is_plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

void internal::check_failed(const char* file, int line, const char* condition) {
  throw std::logic_error(
      fmt::format("this is a bug in fathom, not in your input: {}:{}: '{}' does not hold", file,
                  line, condition));
}

}  // namespace fathom
