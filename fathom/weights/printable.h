// Text from untrusted files as it may stand in a message: no control characters, no novels.
#pragma once

#include <string>
#include <string_view>

namespace fathom::weights {

/// At most 100 bytes of `text`; everything outside printable ASCII becomes '?'.
inline std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  std::string shown(text.substr(0, kLongest));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > kLongest) shown += "...";
  return shown;
}

}  // namespace fathom::weights
