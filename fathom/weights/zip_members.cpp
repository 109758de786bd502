#include "fathom/weights/zip_members.h"

#include <fmt/format.h>

#include "fathom/base/error.h"
#include "fathom/containers/zip_checks.h"
#include "fathom/weights/printable.h"

namespace fathom::weights {

ZipMembers::ZipMembers(std::span<const std::byte> bytes, std::string where)
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
  const std::uint64_t count = containers::checked_zip_count(archive_.get(), where_);
  for (std::uint64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_.get(), i, ZIP_FL_ENC_RAW);
    if (!name) throw Error(where_ + ": a broken zip archive: a member without a name");
    if (!indices_.emplace(name, i).second) {
      throw Error(fmt::format("{}: member '{}' stands twice", where_, printable(name)));
    }
  }
}

std::vector<std::string> ZipMembers::names() const {
  std::vector<std::string> names;
  for (const auto& [name, index] : indices_) names.push_back(name);
  return names;
}

ZipMembers::Buffer ZipMembers::read(const std::string& name, std::uint64_t most) {
  const auto found = indices_.find(name);
  if (found == indices_.end()) fail(name, "missing");
  const std::string what = fmt::format("{}: member '{}'", where_, printable(name));
  containers::check_zip_member(archive_.get(), found->second, what);
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat_index(archive_.get(), found->second, 0, &status) != 0 ||
      !(status.valid & ZIP_STAT_SIZE)) {
    fail(name, "its size is not known");
  }
  if (status.size > most) fail(name, fmt::format("{} bytes; at most {}", status.size, most));
  budget_.take(status.size, what);
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

void ZipMembers::fail(const std::string& name, const std::string& reason) const {
  throw Error(fmt::format("{}: member '{}': {}", where_, printable(name), reason));
}

}  // namespace fathom::weights
