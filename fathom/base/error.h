// The one exception of the library, and the check for our own bugs.
// Not for expected outcomes: those are return values.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fathom {

/// A mistake in what the user gave: says where, what was found, what is allowed and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Raised when the user asked to stop (SIGINT, SIGTERM); the command exits with 130.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// The name of `allowed` nearest to `found` by edit distance (case aside); when none is near enough
/// to be a slip of the fingers (more than a third of the letters differ), the first that begins
/// with `found`; or "".
std::string nearest_name(std::string_view found, const std::vector<std::string>& allowed);

/// "unknown WHAT 'found'; did you mean 'near'? Allowed: a, b, c". A long list is left out where a
/// near name is known.
Error unknown_name(std::string_view what, std::string_view found,
                   const std::vector<std::string>& allowed);

/// `text` as one word of a shell command, for messages that say what to type.
std::string shell_word(std::string_view text);

namespace internal {
[[noreturn]] void check_failed(const char* file, int line, const char* condition);
}  // namespace internal

}  // namespace fathom

/// For our own bugs only, never for input. Always on.
#define FATHOM_CHECK(condition) \
  ((condition) ? void(0) : ::fathom::internal::check_failed(__FILE__, __LINE__, #condition))
