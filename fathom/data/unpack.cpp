#include "fathom/data/unpack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <ostream>
#include <set>
#include <vector>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/data/listing.h"

namespace fathom::data::internal {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kUnpackBuffer = 1 << 18;

void report(const ByteProgress& progress, std::uint64_t done, std::uint64_t total) {
  if (progress && !progress(done, total)) throw Interrupted();
}

struct CloseGzip {
  void operator()(gzFile_s* file) const { ::gzclose_r(file); }
};

/// A new file in a folder of our own; never through a link, never over another file.
class NewFile {
 public:
  explicit NewFile(const fs::path& path)
      : path_(path),
        fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644)) {
    if (fd_ < 0) fail();
  }
  ~NewFile() { ::close(fd_); }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(const char* bytes, std::size_t count) {
    while (count > 0) {
      const ssize_t written = ::write(fd_, bytes, count);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      bytes += written;
      count -= static_cast<std::size_t>(written);
    }
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(fmt::format("{}: cannot write: {}", escaped(path_.string()), std::strerror(errno)));
  }

  fs::path path_;
  int fd_;
};

/// An empty folder beside `target` that is removed unless it has become the target.
class WorkFolder {
 public:
  explicit WorkFolder(const fs::path& target)
      : path_(target.parent_path() / fmt::format(".{}.unpacking", target.filename().string())) {
    fs::remove_all(path_);  // of a run that was killed
    fs::create_directories(path_);
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// All files below a folder are on disk.
void sync_file_system(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::syncfs(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) {
    throw Error(fmt::format("{}: cannot sync: {}", folder.string(), std::strerror(error)));
  }
}

/// Why a member's name may not be used as a path below a folder; "" = it may.
std::string name_problem(const std::string& name) {
  if (name.empty() || name.front() == '/') return "its name is no relative path";
  if (name.find('\\') != std::string::npos) return "its name holds a backslash";
  if (std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return "its name holds control characters";
  }
  for (const fs::path& step : fs::path(name)) {
    if (step == ".." || step == ".") return "its name leads elsewhere";
  }
  return "";
}

/// A zip archive whose members have all been judged before any is written.
class ZipArchive {
 public:
  explicit ZipArchive(const fs::path& path);

  /// Unpacks the members below `top` into `folder`, and returns how many files that were.
  std::size_t unpack(const std::string& top, const fs::path& folder, const ByteProgress& progress);

 private:
  struct Close {
    void operator()(zip_t* archive) const { ::zip_discard(archive); }
    void operator()(zip_file_t* member) const { ::zip_fclose(member); }
  };
  struct Member {
    std::string name;
    std::uint64_t index, bytes;
    bool is_folder() const { return name.ends_with('/'); }
  };

  [[noreturn]] void refuse(const std::string& member, const std::string& reason) const {
    throw Error(fmt::format("{}: member '{}': {}", where_, escaped(member), reason));
  }
  Member judge(std::uint64_t index) const;
  void refuse_special(const Member& member) const;
  void write(const Member& member, const fs::path& path, const ByteProgress& progress);

  std::string where_;
  std::unique_ptr<zip_t, Close> archive_;
  std::vector<Member> members_;
  std::uint64_t total_ = 0, done_ = 0;
};

ZipArchive::ZipArchive(const fs::path& path) : where_(path.string()) {
  int code = 0;
  archive_.reset(::zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive_) {
    zip_error_t error;
    ::zip_error_init_with_code(&error, code);
    const std::string reason = ::zip_error_strerror(&error);
    ::zip_error_fini(&error);
    throw Error(fmt::format("{}: not a zip archive that can be read: {}", where_, reason));
  }
  const std::uint64_t bound = unpacked_bound(fs::file_size(path));
  std::set<std::string> names;
  const auto count = static_cast<std::uint64_t>(::zip_get_num_entries(archive_.get(), 0));
  for (std::uint64_t index = 0; index < count; ++index) {
    members_.push_back(judge(index));
    const Member& member = members_.back();
    if (!names.insert(member.name).second) refuse(member.name, "stands twice");
    if (member.bytes > bound - total_) {
      throw Error(
          fmt::format("{}: would unpack to more than {} bytes, the most for an archive of its size",
                      where_, bound));
    }
    total_ += member.bytes;
  }
}

ZipArchive::Member ZipArchive::judge(std::uint64_t index) const {
  zip_stat_t status;
  ::zip_stat_init(&status);
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE;
  if (::zip_stat_index(archive_.get(), index, ZIP_FL_ENC_RAW, &status) != 0 ||
      (status.valid & kNeeded) != kNeeded) {
    refuse(std::to_string(index), "its name or size is not known");
  }
  const Member member{status.name, index, status.size};
  const std::string problem = name_problem(member.name);
  if (!problem.empty()) refuse(member.name, problem);
  refuse_special(member);
  return member;
}

/// Links, devices and the like, which Unix archivers store by their mode.
void ZipArchive::refuse_special(const Member& member) const {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (::zip_file_get_external_attributes(archive_.get(), member.index, 0, &system, &attributes) !=
      0) {
    refuse(member.name, "its kind is not known");
  }
  const std::uint32_t kind = (attributes >> 16) & S_IFMT;
  if (system == ZIP_OPSYS_UNIX && kind != 0 && kind != S_IFREG && kind != S_IFDIR) {
    refuse(member.name, "a link or special file");
  }
}

void ZipArchive::write(const Member& member, const fs::path& path, const ByteProgress& progress) {
  const std::unique_ptr<zip_file_t, Close> content(
      ::zip_fopen_index(archive_.get(), member.index, 0));
  if (!content) refuse(member.name, ::zip_strerror(archive_.get()));
  NewFile file(path);
  std::vector<char> buffer(kUnpackBuffer);
  std::uint64_t left = member.bytes;
  while (true) {
    // The read after the last byte is where libzip compares the checksum.
    const auto got = ::zip_fread(content.get(), buffer.data(), buffer.size());
    if (got < 0) refuse(member.name, ::zip_file_strerror(content.get()));
    if (got == 0) break;
    const auto count = static_cast<std::uint64_t>(got);
    if (count > left) refuse(member.name, "larger than it says");
    file.write(buffer.data(), static_cast<std::size_t>(got));
    left -= count;
    done_ += count;
    report(progress, done_, total_);
  }
  if (left > 0) refuse(member.name, "cut off");
}

std::size_t ZipArchive::unpack(const std::string& top, const fs::path& folder,
                               const ByteProgress& progress) {
  std::size_t files = 0;
  for (const Member& member : members_) {
    if (!member.name.starts_with(top + "/")) continue;
    const fs::path path = folder / member.name;
    std::error_code in_the_way;
    fs::create_directories(path.parent_path(), in_the_way);
    if (in_the_way) refuse(member.name, in_the_way.message());
    if (member.is_folder()) continue;
    write(member, path, progress);
    ++files;
  }
  return files;
}

}  // namespace

std::uint64_t unpacked_bound(std::uint64_t archive_bytes) {
  return 100 * archive_bytes + (std::uint64_t{64} << 20);
}

void unpack_gzip(const fs::path& archive, const fs::path& target, const ByteProgress& progress) {
  const std::string where = archive.string();
  const std::unique_ptr<gzFile_s, CloseGzip> in(::gzopen(archive.c_str(), "rb"));
  if (!in) throw Error(fmt::format("{}: cannot read: {}", where, std::strerror(errno)));
  ::gzbuffer(in.get(), kUnpackBuffer);
  if (::gzdirect(in.get()) != 0) throw Error(where + ": not a gzip file");
  const std::uint64_t packed = fs::file_size(archive), bound = unpacked_bound(packed);
  write_file_atomically(target, [&](std::ostream& out) {
    std::vector<char> buffer(kUnpackBuffer);
    std::uint64_t done = 0;
    int got = 0;
    while ((got = ::gzread(in.get(), buffer.data(), kUnpackBuffer)) > 0) {
      done += static_cast<std::uint64_t>(got);
      if (done > bound) {
        throw Error(
            fmt::format("{}: unpacks to more than {} bytes, the most for an archive of its "
                        "size",
                        where, bound));
      }
      out.write(buffer.data(), got);
      report(progress, static_cast<std::uint64_t>(::gzoffset(in.get())), packed);
    }
    int code = Z_OK;
    const std::string reason = ::gzerror(in.get(), &code);
    if (got < 0 || code == Z_BUF_ERROR) {
      throw Error(fmt::format("{}: damaged or cut off: {}", where, reason));
    }
  });
}

void unpack_zip(const fs::path& archive, const fs::path& target, const ByteProgress& progress) {
  ZipArchive zip(archive);
  const std::string top = target.filename().string();
  const WorkFolder work(target);
  if (zip.unpack(top, work.path(), progress) == 0) {
    throw Error(fmt::format("{}: holds no files in a folder '{}'; is it this data set?",
                            archive.string(), top));
  }
  sync_file_system(work.path());
  fs::rename(work.path() / top, target);
  fsync_folder(target.parent_path());
}

}  // namespace fathom::data::internal
