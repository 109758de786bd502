// Base64 (RFC 4648), for images inside JSON and HTML.
#pragma once

#include <string>
#include <string_view>

namespace fathom {

std::string base64(std::string_view bytes);

}  // namespace fathom
