#include "fathom/weights/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "fathom/base/atomic_file.h"
#include "fathom/base/bytes.h"
#include "fathom/base/json.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {
namespace {

/// What the header says of one tensor.
struct Entry {
  std::string name, dtype;
  std::vector<std::uint64_t> shape, offsets;
  unsigned seen = 0;  ///< bits of the fields that have come
};

/// Takes the header token by token, so that a hostile one costs no document tree: two levels of
/// objects, nothing else.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(std::string where) : where_(std::move(where)) {}

  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool start_object(std::size_t) override {
    if (in_array_ || ++depth_ > 2) unexpected("an object");
    return true;
  }

  bool key(std::string& text) override {
    if (depth_ == 1) {
      if (!names_.insert(text).second) {
        throw Error(fmt::format("{}: '{}' stands twice in the header", where_, printable(text)));
      }
      in_metadata_ = text == "__metadata__";
      if (!in_metadata_) entries.push_back(Entry{.name = text});
    } else if (in_metadata_) {
      if (metadata.count(text)) {
        throw Error(fmt::format("{}: metadata '{}' stands twice", where_, printable(text)));
      }
      metadata_key_ = text;
      field_ = kMetadata;
    } else {
      start_field(text);
    }
    return true;
  }

  bool string(std::string& text) override {
    if (field_ == kMetadata) {
      metadata[metadata_key_] = text;
    } else if (field_ == kDtype) {
      entries.back().dtype = text;
    } else {
      unexpected("a text");
    }
    field_ = 0;
    return true;
  }

  bool start_array(std::size_t) override {
    if (in_array_ || (field_ != kShape && field_ != kOffsets)) unexpected("a list");
    in_array_ = true;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (!in_array_) unexpected("a number");
    auto& list = field_ == kShape ? entries.back().shape : entries.back().offsets;
    if (list.size() == kMaxRank) unexpected("a list of more than 64 numbers");
    list.push_back(value);
    return true;
  }

  bool end_array() override {
    in_array_ = false;
    field_ = 0;
    return true;
  }

  bool end_object() override {
    if (depth_-- == 2 && !in_metadata_ && entries.back().seen != (kDtype | kShape | kOffsets)) {
      throw Error(fmt::format("{}: tensor '{}' lacks its dtype, shape or data_offsets", where_,
                              printable(entries.back().name)));
    }
    return true;
  }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a yes/no"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return unexpected("a number with a point or beyond 64 bits");
  }
  bool binary(binary_t&) override { return unexpected("binary data"); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    throw Error(fmt::format("{}: the header is not valid JSON at byte {}", where_, position + 7));
  }

 private:
  static constexpr unsigned kDtype = 1, kShape = 2, kOffsets = 4, kMetadata = 8;

  void start_field(const std::string& text) {
    Entry& entry = entries.back();
    if (text == "dtype") {
      field_ = kDtype;
    } else if (text == "shape") {
      field_ = kShape;
    } else if (text == "data_offsets") {
      field_ = kOffsets;
    } else {
      throw Error(fmt::format(
          "{}: tensor '{}' has an unknown field '{}'; allowed: dtype, shape, data_offsets", where_,
          printable(entry.name), printable(text)));
    }
    if (entry.seen & field_) {
      throw Error(
          fmt::format("{}: tensor '{}' has its {} twice", where_, printable(entry.name), text));
    }
    entry.seen |= field_;
  }

  [[noreturn]] bool unexpected(const std::string& found) const {
    const std::string place = in_metadata_      ? "metadata '" + printable(metadata_key_) + "'"
                              : entries.empty() ? "the beginning"
                                                : "tensor '" + printable(entries.back().name) + "'";
    throw Error(
        fmt::format("{}: the header holds {} at {}, where none may be", where_, found, place));
  }

  std::string where_;
  std::set<std::string> names_;
  std::string metadata_key_;
  int depth_ = 0;
  unsigned field_ = 0;  ///< the field whose value comes next, 0 = none
  bool in_metadata_ = false, in_array_ = false;
};

/// The tensor that an entry claims. `expected_begin` is where the tensor before it ended.
TensorData tensor_of(const Entry& entry, std::uint64_t expected_begin,
                     std::span<const std::byte> data, const std::string& where) {
  const std::string what = fmt::format("{}: tensor '{}'", where, printable(entry.name));
  TensorData tensor;
  tensor.dtype = dtype_named(entry.dtype, what);
  if (entry.offsets.size() != 2) throw Error(what + ": data_offsets must be two numbers");
  const auto [begin, end] = std::pair(entry.offsets[0], entry.offsets[1]);
  if (begin > end || end > data.size()) {
    throw Error(
        fmt::format("{}: bytes {} to {} are not in the file, which holds {} after its "
                    "header",
                    what, begin, end, data.size()));
  }
  if (begin != expected_begin) {
    throw Error(fmt::format("{}: its bytes begin at {}, but those before it end at {}: {}", what,
                            begin, expected_begin, begin < expected_begin ? "overlap" : "gap"));
  }
  tensor.shape.assign(entry.shape.begin(), entry.shape.end());
  const std::uint64_t size = checked_byte_count(tensor.dtype, tensor.shape, what);
  if (size != end - begin) {
    throw Error(fmt::format("{}: its shape needs {} bytes, its data_offsets give {}", what, size,
                            end - begin));
  }
  tensor.bytes = data.subspan(begin, size);
  return tensor;
}

/// The header as it is written, with spaces up to a multiple of 8 bytes.
std::string header_text(const Json& header, const std::string& where) {
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error(where + ": a name or an entry of the metadata is not UTF-8");
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxSafetensorsHeader) {
    throw Error(fmt::format("{}: the header would have {} bytes; at most {} are allowed", where,
                            text.size(), kMaxSafetensorsHeader));
  }
  return text;
}

}  // namespace

WeightFile read_safetensors(const std::shared_ptr<const MemoryMap>& file,
                            const std::string& where) {
  ByteReader in(file->bytes(), where);
  const auto header_size = in.read<std::uint64_t>();
  if (header_size > kMaxSafetensorsHeader) {
    throw Error(fmt::format("{}: a header of {} bytes; at most {} are allowed", where, header_size,
                            kMaxSafetensorsHeader));
  }
  const std::string_view text = in.take_text(header_size);
  // The parser takes a zero byte for the end of its input.
  if (text.find('\0') != std::string_view::npos) {
    throw Error(where + ": a zero byte in the header");
  }
  HeaderReader header(where);
  Json::sax_parse(text, &header);

  const auto data = in.take(in.left());
  std::sort(header.entries.begin(), header.entries.end(), [](const Entry& a, const Entry& b) {
    return a.offsets != b.offsets ? a.offsets < b.offsets : a.name < b.name;
  });
  WeightFile read{.format = "safetensors", .metadata = std::move(header.metadata)};
  std::uint64_t end = 0;
  for (const Entry& entry : header.entries) {
    TensorData tensor = tensor_of(entry, end, data, where);
    tensor.owner = file;
    end += tensor.bytes.size();
    read.tensors.emplace(entry.name, std::move(tensor));
  }
  if (end != data.size()) {
    throw Error(fmt::format("{}: {} bytes after the last tensor", where, data.size() - end));
  }
  return read;
}

void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata) {
  // Widest numbers first, as the reference writer does: every tensor is aligned to its dtype.
  std::vector<const StateDict::value_type*> order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return dtype_size(a->second.dtype) > dtype_size(b->second.dtype);
  });

  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  for (const auto* item : order) {
    const auto& [name, tensor] = *item;
    FATHOM_CHECK(name != "__metadata__");
    FATHOM_CHECK(checked_byte_count(tensor.dtype, tensor.shape, name) == tensor.bytes.size());
    header[name] = {{"dtype", dtype_name(tensor.dtype)},
                    {"shape", tensor.shape},
                    {"data_offsets", {end, end + tensor.bytes.size()}}};
    end += tensor.bytes.size();
  }
  const std::string text = header_text(header, path.string());

  write_file_atomically(path, [&](std::ostream& out) {
    const std::uint64_t size = text.size();
    out.write(reinterpret_cast<const char*>(&size), sizeof(size));
    out << text;
    for (const auto* item : order) {
      const auto& bytes = item->second.bytes;
      out.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
    }
  });
}

}  // namespace fathom::weights
