// Any bytes are an HDF5 file with a data set 'x' or an Error.
#include "fathom/base/error.h"
#include "fathom/containers/hdf5.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const fathom::containers::Hdf5Bytes bytes(fathom::fuzz::input_file(data, size), "x");
    // Larger ones are only filled: that is slow and shows nothing.
    if (bytes.row_bytes() * bytes.shape()[0] > 1 << 20) return 0;
    bytes.row(bytes.shape()[0] - 1);
    bytes.all(1 << 20);
  } catch (const fathom::Error&) {
  }
  return 0;
}
