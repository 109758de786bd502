// Any bytes are a TIFF whose first page can be decoded, or an Error.
#include "fathom/base/error.h"
#include "fathom/image/tiff.h"

using namespace fathom::image;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kMaxSlow = 10'000'000;  // pixels; more only take longer
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const Header header = internal::read_tiff_header(bytes, "input");
    check_size(header, "input");
    if (header.height * header.width < kMaxSlow) internal::decode_tiff(bytes, header, "input");
  } catch (const fathom::Error&) {
  }
  return 0;
}
