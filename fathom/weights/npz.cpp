#include "fathom/containers/npz.h"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "fathom/base/error.h"
#include "fathom/weights/array_files.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/keras.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 9> kNumpyTypes{{{"<f8", DType::f64},
                                                                         {"<f4", DType::f32},
                                                                         {"<f2", DType::f16},
                                                                         {"<i8", DType::i64},
                                                                         {"<i4", DType::i32},
                                                                         {"<i2", DType::i16},
                                                                         {"|i1", DType::i8},
                                                                         {"|u1", DType::u8},
                                                                         {"|b1", DType::boolean}}};

DType numpy_dtype(const std::string& type, const std::string& what) {
  for (const auto& [name, dtype] : kNumpyTypes) {
    if (name == type) return dtype;
  }
  throw Error(fmt::format("{}: numbers of numpy's type '{}' are not read", what, printable(type)));
}

}  // namespace

WeightFile read_npz(const std::filesystem::path& path) {
  const std::string where = path.string();
  const auto file = std::make_shared<containers::NpzFile>(path);
  AllocationBudget budget(std::filesystem::file_size(path));
  std::vector<KerasVariable> variables;
  for (const std::string& name : file->names()) {
    const containers::NpyHeader header = file->header(name);
    const std::string what = fmt::format("{}: array '{}'", where, printable(name));
    KerasVariable variable{.name = name, .dtype = numpy_dtype(header.type, what)};
    variable.shape.assign(header.shape.begin(), header.shape.end());
    variable.read = [file, name] { return file->read(name).values; };
    variables.push_back(std::move(variable));
  }
  return weights_of({.layers = layers_of(std::move(variables))}, budget, "npz", where);
}

}  // namespace fathom::weights
