// Any bytes are a weight file of any format with its card, or an Error.
#include "fathom/base/error.h"
#include "fathom/weights/card.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto path = fathom::fuzz::input_file(data, size);
    const fathom::weights::WeightFile file = fathom::weights::read_weight_file(path);
    fathom::weights::content_hash(file.tensors);
    fathom::weights::find_card(file, path);
  } catch (const fathom::Error&) {
  }
  return 0;
}
