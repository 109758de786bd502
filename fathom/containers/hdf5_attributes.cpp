#include "fathom/containers/hdf5_attributes.h"

#include <fmt/format.h>

#include "fathom/base/error.h"

namespace fathom::containers {
namespace {

constexpr std::uint16_t kAttribute = 0x0c, kAttributeInfo = 0x15;

std::uint64_t padded(std::uint64_t size) { return (size + 7) / 8 * 8; }

/// What stands before the values of an attribute.
struct AttributeParts {
  std::string_view name, type, space, values;
};

AttributeParts take_apart(ByteReader& reader, const Hdf5Metadata& file) {
  const int version = reader.read<std::uint8_t>();
  const int flags = reader.read<std::uint8_t>();
  if (version < 1 || version > 3) file.refuse_newer(fmt::format("attribute version {}", version));
  if (version > 1 && flags != 0) file.refuse_newer("an attribute of a shared type");
  const auto name_bytes = reader.read<std::uint16_t>();
  const auto type_bytes = reader.read<std::uint16_t>();
  const auto space_bytes = reader.read<std::uint16_t>();
  reader.take(version == 3 ? 1 : 0);
  const auto take = [&](std::uint64_t bytes) {
    const std::string_view part = reader.take_text(version == 1 ? padded(bytes) : bytes);
    return part.substr(0, bytes);
  };
  AttributeParts parts;
  parts.name = take(name_bytes);
  parts.name = parts.name.substr(0, parts.name.find('\0'));
  parts.type = take(type_bytes);
  parts.space = take(space_bytes);
  parts.values = reader.take_text(reader.left());
  return parts;
}

/// How many values there are.
std::uint64_t value_count(std::string_view space, const Hdf5Metadata& file) {
  constexpr int kNone = 2;
  ByteReader reader = file.reader(space);
  const int version = reader.read<std::uint8_t>();
  const int rank = reader.read<std::uint8_t>();
  reader.take(1);
  const int kind = reader.read<std::uint8_t>();
  if (version < 1 || version > 2) file.fail_damaged("the shape of an attribute");
  if (version == 2 && kind == kNone) return 0;
  reader.take(version == 1 ? 4 : 0);
  std::uint64_t count = 1;
  for (int i = 0; i < rank; ++i) {
    count = checked_multiply(count, reader.read<std::uint64_t>(), file.where());
  }
  return count;
}

}  // namespace

struct Hdf5Attributes::Type {
  int kind = 0;
  std::uint32_t bytes = 0;  ///< of one value
  bool is_text = false, is_variable = false;
};

std::optional<std::vector<std::string>> Hdf5Attributes::texts(
    const std::vector<Hdf5Message>& messages, const std::string& name) {
  for (const Hdf5Message& message : messages) {
    ByteReader reader = file_.reader(message.data);
    if (message.type == kAttributeInfo) {
      reader.take(1);
      reader.take((reader.read<std::uint8_t>() & 1) != 0 ? 2 : 0);
      if (reader.read<std::uint64_t>() != kHdf5Nowhere) {
        file_.refuse_newer("an object of many attributes");
      }
    }
    if (message.type != kAttribute) continue;
    const AttributeParts parts = take_apart(reader, file_);
    if (parts.name != name) continue;
    const std::uint64_t count = value_count(parts.space, file_);
    if (count == 0) return std::vector<std::string>();
    ByteReader type_reader = file_.reader(parts.type);
    constexpr int kText = 3, kVariable = 9;
    Type type{.kind = type_reader.read<std::uint8_t>() & 15};
    const int variable_of = type_reader.read<std::uint8_t>() & 15;
    type_reader.take(2);
    type.bytes = type_reader.read<std::uint32_t>();
    type.is_variable = type.kind == kVariable && variable_of == 1;
    type.is_text = type.kind == kText;
    return read_values(type, count, parts.values, name);
  }
  return std::nullopt;
}

std::vector<std::string> Hdf5Attributes::read_values(const Type& type, std::uint64_t count,
                                                     std::string_view data,
                                                     const std::string& name) {
  constexpr std::uint32_t kReferenceBytes = 16;  // length, address, number
  if (!type.is_text && !type.is_variable) {
    file_.fail(fmt::format("attribute '{}' is no text", name));
  }
  if (type.bytes == 0 || (type.is_variable && type.bytes != kReferenceBytes) ||
      checked_multiply(count, type.bytes, file_.where()) > data.size()) {
    file_.fail_damaged(fmt::format("attribute '{}'", name));
  }
  ByteReader reader = file_.reader(data);
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (type.is_variable) {
      texts.push_back(heap_text(reader));
    } else {
      const std::string_view text = reader.take_text(type.bytes);
      texts.emplace_back(text.substr(0, text.find('\0')));
    }
  }
  return texts;
}

std::string Hdf5Attributes::heap_text(ByteReader& reference) {
  const auto bytes = reference.read<std::uint32_t>();
  const auto address = reference.read<std::uint64_t>();
  const auto number = static_cast<std::uint16_t>(reference.read<std::uint32_t>());
  if (bytes == 0) return "";
  const auto& texts = heap(address);
  const auto found = texts.find(number);
  if (found == texts.end() || bytes > found->second.size()) file_.fail_damaged("a heap of texts");
  file_.spend(bytes);
  return found->second.substr(0, bytes);
}

const std::map<std::uint16_t, std::string>& Hdf5Attributes::heap(std::uint64_t address) {
  const auto known = heaps_.find(address);
  if (known != heaps_.end()) return known->second;
  constexpr std::uint64_t kHeadBytes = 16;
  const auto head = file_.read_signed(address, kHeadBytes, "GCOL");
  ByteReader head_reader = file_.reader(head);
  head_reader.take(4);
  const auto size = head_reader.read<std::uint64_t>();
  if (size < kHeadBytes) file_.fail_damaged("a heap of texts");
  const auto bytes = file_.read(address + kHeadBytes, size - kHeadBytes);
  std::map<std::uint16_t, std::string> texts;
  for (ByteReader reader = file_.reader(bytes); reader.left() >= kHeadBytes;) {
    const auto number = reader.read<std::uint16_t>();
    reader.take(6);
    const auto text_bytes = reader.read<std::uint64_t>();
    if (number == 0) break;  // what is left is free
    if (text_bytes > reader.left()) file_.fail_damaged("a heap of texts");
    texts[number] = reader.take_text(text_bytes);
    reader.take(std::min<std::uint64_t>(padded(text_bytes) - text_bytes, reader.left()));
  }
  return heaps_[address] = std::move(texts);
}

}  // namespace fathom::containers
