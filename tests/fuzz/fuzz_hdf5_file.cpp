// Any bytes are an HDF5 file with groups, texts and arrays, as Keras lays them out, or an Error.
#include "fathom/base/error.h"
#include "fathom/containers/hdf5_file.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    fathom::containers::Hdf5File file(fathom::fuzz::input_file(data, size));
    for (const auto& layer : file.texts("", "layer_names").value_or(std::vector<std::string>{})) {
      for (const auto& name :
           file.texts(layer, "weight_names").value_or(std::vector<std::string>{})) {
        file.array(layer + "/" + name)->all(1 << 20);
      }
    }
  } catch (const fathom::Error&) {
  }
  return 0;
}
