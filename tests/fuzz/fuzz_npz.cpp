// Any bytes are an archive of arrays or an Error. Bytes that begin like a .npy array are also read
// as its header, which the checksums of the archive would hide from the fuzzer.
#include "fathom/base/error.h"
#include "fathom/containers/npz.h"
#include "tests/fuzz/input_file.h"

using namespace fathom::containers;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    read_npy_header({reinterpret_cast<const char*>(data), size}, "input");
  } catch (const fathom::Error&) {
  }
  try {
    const NpyArray array = NpzFile(fathom::fuzz::input_file(data, size)).read("x");
    if (!array.values.empty()) array.number(0);
  } catch (const fathom::Error&) {
  }
  return 0;
}
