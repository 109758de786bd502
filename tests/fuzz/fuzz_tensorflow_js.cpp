// Any bytes are the description of a layers-model whose shard is of zeros, or an Error; and any
// text is a JavaScript module that exports a literal, or an Error.
#include <filesystem>
#include <fstream>

#include "fathom/base/error.h"
#include "fathom/weights/array_files.h"
#include "fathom/weights/js_literal.h"

using namespace fathom::weights;

namespace {

/// A folder of this process with the shards that the seeds name.
std::filesystem::path model_path() {
  static const std::filesystem::path path = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "fuzz_XXXXXX").string();
    const std::filesystem::path folder = mkdtemp(pattern.data());
    std::ofstream(folder / "group1-shard1of1") << std::string(1024, '\0');
    std::ofstream(folder / "group1-shard1of1.js")
        << "e.exports=\"" << std::string(1024, 'A') << "\"";
    return folder / "model.json";
  }();
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    exported_json({reinterpret_cast<const char*>(data), size}, "input");
  } catch (const fathom::Error&) {
  }
  try {
    content_hash(read_tensorflow_js(model_path(), std::as_bytes(std::span(data, size))).tensors);
  } catch (const fathom::Error&) {
  }
  return 0;
}
