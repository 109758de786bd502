// Any text is a card, which is the same when it is written and read again, or an Error.
#include <cstdlib>
#include <string_view>

#include "fathom/base/error.h"
#include "fathom/weights/card.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fathom;
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (json.is_discarded()) return 0;  // whoever reads a file says so
    const Json card = to_json(weights::card_from_json(json, "card"));
    if (to_json(weights::card_from_json(card, "again")) != card) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
