// Base64 (RFC 4648), for bytes inside JSON, HTML and JavaScript.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fathom {

std::string base64(std::string_view bytes);

/// The bytes; nothing when the text is none, has blanks in it, or 2 GiB and more.
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace fathom
