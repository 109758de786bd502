#include "fathom/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <regex>

#include "fathom/base/error.h"
#include "fathom/base/process.h"

namespace fathom {
namespace fs = std::filesystem;
namespace {

/// A name beside `path` that no other process or thread uses, on any machine.
fs::path temporary_beside(const fs::path& path) {
  static const std::string machine = this_machine();
  // Two containers may have the same name and process number; this tells them apart.
  return path.parent_path() / fmt::format(".{}.{}-{}.{}.tmp", path.filename().string(), machine,
                                          ::getpid(), unique_number());
}

void fsync_path(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) throw Error(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
  const int rc = ::fsync(fd);
  const int saved = errno;
  ::close(fd);
  if (rc != 0) throw Error(fmt::format("{}: cannot sync: {}", path.string(), std::strerror(saved)));
}

/// What temporary_beside() makes: who writes it is in the name.
const std::regex& temporary_name() {
  static const std::regex name(R"(\..+\.([0-9a-f]{8})-(\d{1,9})\.\d+\.tmp)");
  return name;
}

/// Whether a process of this machine left a file in the midst of writing.
bool was_left_here(const std::string& name) {
  std::smatch parts;
  if (!std::regex_match(name, parts, temporary_name()) || parts[1] != this_machine()) return false;
  return ::kill(std::stoi(parts[2]), 0) != 0 && errno == ESRCH;
}

void remove_files_if(const fs::path& folder, bool (*is_left)(const std::string& name)) {
  std::error_code no_folder;
  for (const auto& entry : fs::directory_iterator(folder, no_folder)) {
    if (is_left(entry.path().filename().string())) remove_quietly(entry.path());
  }
}

/// What this process gives new files (umask(2) tells it only to who sets it).
const mode_t kUsualMode = [] {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return static_cast<mode_t>(0666 & ~mask);
}();

/// Makes the file for this user alone, where nothing is: nobody reads what is half written, and a
/// link that somebody has put there is not followed.
void create_private(const fs::path& temporary) {
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    throw fs::filesystem_error("open", temporary, std::error_code(errno, std::generic_category()));
  }
  ::close(fd);
}

using Write = std::function<void(std::ostream&)>;

Write writer_of(std::string_view bytes) {
  return [bytes](std::ostream& out) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
}

/// Writes a whole file under a temporary name beside `path` and gives it its own by `publish`,
/// which says whether it did.
bool write_and_publish(const fs::path& path, const Write& write,
                       const std::function<bool(const fs::path& temporary)>& publish) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const fs::path temporary = temporary_beside(path);
  try {
    fs::create_directories(folder);
    create_private(temporary);
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (out) write(out);
    out.close();
    if (!out) {
      throw Error(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
    }
    ::chmod(temporary.c_str(), kUsualMode);  // as far as the file system has modes
    fsync_path(temporary, O_RDONLY);
    const bool is_published = publish(temporary);
    remove_quietly(temporary);  // where it was not renamed
    fsync_folder(folder);
    return is_published;
  } catch (const fs::filesystem_error& e) {
    remove_quietly(temporary);
    throw Error(fmt::format("{}: cannot write: {}", path.string(), e.code().message()));
  } catch (...) {
    remove_quietly(temporary);
    throw;
  }
}

/// Gives a file a further name that nothing else has. By link(2): it is atomic on NFS as well.
bool link_if_new(const fs::path& temporary, const fs::path& path) {
  if (::link(temporary.c_str(), path.c_str()) == 0) return true;
  const int error = errno;
  // The answer of a network file system may have been lost, and its repetition found the file: it
  // is ours if it has two names, see open(2) under O_EXCL.
  struct stat status {};
  if (::stat(temporary.c_str(), &status) == 0 && status.st_nlink == 2) return true;
  if (error == EEXIST) return false;
  // FAT and some network file systems have no links.
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
    return true;
  }
  if (errno == EEXIST) return false;
  const bool has_links = error != EPERM && error != EOPNOTSUPP && error != ENOSYS;
  throw Error(fmt::format("{}: cannot write: {}{}", path.string(), std::strerror(error),
                          has_links ? "" : ". This needs a file system with hard links"));
}

}  // namespace

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::error_code ignored;
  if (!in || fs::is_directory(path, ignored)) {
    throw Error(fmt::format("{}: cannot read: {}", path.string(),
                            fs::exists(path, ignored) ? "not a readable file" : "no such file"));
  }
  const auto size = static_cast<std::uint64_t>(in.tellg());
  if (size > max_bytes) {
    throw Error(
        fmt::format("{}: {} bytes; at most {} are read here", path.string(), size, max_bytes));
  }
  std::string bytes(size, '\0');
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (in.bad()) throw Error(fmt::format("{}: reading stopped before the end", path.string()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  write_file_atomically(path, writer_of(bytes));
}

void write_file_atomically(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  write_and_publish(path, write, [&](const fs::path& temporary) {
    fs::rename(temporary, path);
    return true;
  });
}

bool create_file_atomically(const fs::path& path, std::string_view bytes) {
  return write_and_publish(path, writer_of(bytes),
                           [&](const fs::path& temporary) { return link_if_new(temporary, path); });
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

void remove_unfinished_files(const fs::path& folder) { remove_files_if(folder, was_left_here); }

void remove_all_unfinished_files(const fs::path& folder) {
  remove_files_if(folder, [](const std::string& name) {
    // Versions before workers wrote no machine.
    static const std::regex without_machine(R"(\..+\.\d{1,9}\.\d+\.tmp)");
    return std::regex_match(name, temporary_name()) || std::regex_match(name, without_machine);
  });
}

void fsync_folder(const fs::path& folder) { fsync_path(folder, O_RDONLY | O_DIRECTORY); }

}  // namespace fathom
