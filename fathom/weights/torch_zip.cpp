#include <fmt/format.h>
#include <zip.h>

#include <limits>
#include <map>

#include "fathom/base/bytes.h"
#include "fathom/weights/dtype.h"
#include "fathom/weights/pickle.h"
#include "fathom/weights/printable.h"
#include "fathom/weights/torch_file.h"
#include "fathom/weights/torch_tensors.h"

namespace fathom::weights {
namespace {

using Buffer = std::shared_ptr<const std::vector<std::byte>>;

/// The members of a zip in memory, by name.
class ZipMembers {
 public:
  ZipMembers(std::span<const std::byte> bytes, std::string where)
      : where_(std::move(where)), budget_(bytes.size()) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    archive_.reset(source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr);
    if (!archive_) {
      const std::string reason = zip_error_strerror(&error);
      zip_error_fini(&error);
      zip_source_free(source);
      throw Error(fmt::format("{}: a broken zip archive: {}", where_, reason));
    }
    zip_error_fini(&error);
    const auto count = zip_get_num_entries(archive_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
      if (!name) throw Error(where_ + ": a broken zip archive: a member without a name");
      if (!indices_.emplace(name, static_cast<zip_uint64_t>(i)).second) {
        throw Error(fmt::format("{}: member '{}' stands twice", where_, printable(name)));
      }
    }
  }

  bool has(const std::string& name) const { return indices_.count(name) > 0; }

  /// The folder in which the one data.pkl lies, with its '/'.
  std::string root() const {
    constexpr std::string_view kObject = "/data.pkl";
    std::string root;
    for (const auto& [name, index] : indices_) {
      if (!name.ends_with(kObject)) continue;
      if (!root.empty()) throw Error(where_ + ": more than one data.pkl");
      root = name.substr(0, name.size() - kObject.size() + 1);
    }
    if (root.empty()) {
      throw Error(where_ + ": a zip archive without data.pkl: not a file that torch.save wrote");
    }
    return root;
  }

  /// The content of a member, of at most `most` bytes; libzip checks its CRC.
  Buffer read(const std::string& name,
              std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

  AllocationBudget& budget() { return budget_; }

 private:
  [[noreturn]] void fail(const std::string& name, const std::string& reason) const {
    throw Error(fmt::format("{}: member '{}': {}", where_, printable(name), reason));
  }

  struct Close {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* member) const { zip_fclose(member); }
  };

  std::string where_;
  AllocationBudget budget_;
  std::unique_ptr<zip_t, Close> archive_;
  std::map<std::string, zip_uint64_t> indices_;
};

Buffer ZipMembers::read(const std::string& name, std::uint64_t most) {
  const auto found = indices_.find(name);
  if (found == indices_.end()) fail(name, "missing");
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat_index(archive_.get(), found->second, 0, &status) != 0 ||
      !(status.valid & ZIP_STAT_SIZE)) {
    fail(name, "its size is not known");
  }
  if (status.size > most) fail(name, fmt::format("{} bytes; at most {}", status.size, most));
  budget_.take(status.size, fmt::format("{}: member '{}'", where_, printable(name)));
  const std::unique_ptr<zip_file_t, Close> member(
      zip_fopen_index(archive_.get(), found->second, 0));
  if (!member) fail(name, zip_strerror(archive_.get()));

  auto content = std::make_shared<std::vector<std::byte>>(status.size);
  std::size_t done = 0;
  while (done < content->size()) {
    const auto got = zip_fread(member.get(), content->data() + done, content->size() - done);
    if (got < 0) fail(name, zip_file_strerror(member.get()));
    if (got == 0) fail(name, "truncated");
    done += static_cast<std::size_t>(got);
  }
  // One more read meets the end, where libzip compares the checksum.
  std::byte beyond;
  const auto rest = zip_fread(member.get(), &beyond, 1);
  if (rest < 0) fail(name, zip_file_strerror(member.get()));
  if (rest > 0) fail(name, "larger than it says");
  return content;
}

}  // namespace

WeightFile read_torch_zip(const std::shared_ptr<const MemoryMap>& file, const std::string& where) {
  ZipMembers members(file->bytes(), where);
  const std::string root = members.root();
  if (members.has(root + "byteorder")) {
    const Buffer order = members.read(root + "byteorder", 16);
    if (ByteReader(*order, where).take_text(order->size()) != "little") {
      throw Error(where + ": big-endian numbers are not read");
    }
  }
  const Buffer object_bytes = members.read(root + "data.pkl", Pickle::kMaxBytes);
  ByteReader in(*object_bytes, where);
  const Pickle object(in, where);
  if (!in.done()) throw Error(where + ": bytes after the end of data.pkl's pickle");

  std::map<std::string_view, Buffer> storages;
  const auto find_storage = [&](const StorageClaim& claim) {
    Buffer& bytes = storages[claim.key];
    if (!bytes) bytes = members.read(root + "data/" + std::string(claim.key));
    const std::string what = fmt::format("{}: storage '{}'", where, printable(claim.key));
    if (checked_multiply(claim.elements, dtype_size(claim.dtype), what) != bytes->size()) {
      throw Error(fmt::format("{} has {} bytes where {} numbers of {} were promised", what,
                              bytes->size(), claim.elements, dtype_name(claim.dtype)));
    }
    return StorageBytes{*bytes, bytes};
  };
  StateDict tensors = state_dict_of(object, find_storage, members.budget(), where);
  return {.format = "torch zip", .tensors = std::move(tensors)};
}

}  // namespace fathom::weights
