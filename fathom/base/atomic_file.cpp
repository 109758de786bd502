#include "fathom/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <regex>

#include "fathom/base/error.h"

namespace fathom {
namespace fs = std::filesystem;
namespace {

/// A name beside `path` that no other process or thread uses.
fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  return path.parent_path() /
         fmt::format(".{}.{}.{}.tmp", path.filename().string(), ::getpid(), counter++);
}

void fsync_path(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) throw Error(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
  const int rc = ::fsync(fd);
  const int saved = errno;
  ::close(fd);
  if (rc != 0) throw Error(fmt::format("{}: cannot sync: {}", path.string(), std::strerror(saved)));
}

/// The number of the process that made a name by temporary_beside(); 0 for other names.
pid_t writer_of(const std::string& name) {
  static const std::regex kTemporary(R"(\..+\.(\d{1,9})\.\d+\.tmp)");
  std::smatch parts;
  return std::regex_match(name, parts, kTemporary) ? std::stoi(parts[1]) : 0;
}

bool is_running(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

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
  if (!in) throw Error(fmt::format("{}: reading stopped before the end", path.string()));
  return bytes;
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  write_file_atomically(path, [&](std::ostream& out) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  });
}

void write_file_atomically(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const fs::path temporary = temporary_beside(path);
  try {
    fs::create_directories(folder);
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (out) write(out);
    out.close();
    if (!out) {
      throw Error(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
    }
    fsync_path(temporary, O_RDONLY);
    fs::rename(temporary, path);
    fsync_folder(folder);
  } catch (const fs::filesystem_error& e) {
    remove_quietly(temporary);
    throw Error(fmt::format("{}: cannot write: {}", path.string(), e.code().message()));
  } catch (...) {
    remove_quietly(temporary);
    throw;
  }
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

void remove_unfinished_files(const fs::path& folder) {
  std::error_code no_folder;
  for (const auto& entry : fs::directory_iterator(folder, no_folder)) {
    const pid_t writer = writer_of(entry.path().filename().string());
    if (writer > 0 && !is_running(writer)) remove_quietly(entry.path());
  }
}

void fsync_folder(const fs::path& folder) { fsync_path(folder, O_RDONLY | O_DIRECTORY); }

}  // namespace fathom
