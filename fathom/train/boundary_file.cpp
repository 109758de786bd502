#include "fathom/train/boundary_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "fathom/base/bytes.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/json.h"
#include "fathom/base/process.h"

// The layout, all numbers little-endian:
//   0     magic, u32 length of the header, the header as JSON, zeros up to 4096
//   4096  the records
//   then  the index: for each record its id (16 bytes) and XXH3 (8 bytes)
namespace fathom::train {
namespace {

constexpr std::string_view kMagic = "FATHOMB1";
constexpr std::size_t kDataOffset = 4096;
constexpr std::size_t kEntryBytes = sizeof(RecordId) + sizeof(std::uint64_t);

Json header_json(const BoundaryHeader& header, std::size_t records,
                 std::span<const std::byte> index) {
  return {{"network", header.network},
          {"block", header.block},
          {"record_bytes", header.record_bytes},
          {"records", records},
          {"index_checksum", hex(xxh3(index))}};
}

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

/// Fills `bytes` from an offset; false when the file ends before or cannot be read.
bool read_at(int fd, std::uint64_t offset, std::span<std::byte> bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

RecordId record_id(const std::string& pixel_hash, int view) {
  RecordId id{};
  FATHOM_CHECK(pixel_hash.size() >= 2 * (id.size() - 1) && view >= 0 && view < 256);
  for (std::size_t i = 0; i + 1 < id.size(); ++i) {
    unsigned char value = 0;
    const char* digits = pixel_hash.data() + 2 * i;
    FATHOM_CHECK(std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2);
    id[i] = std::byte{value};
  }
  id.back() = static_cast<std::byte>(view);
  return id;
}

BoundaryFile::BoundaryFile(const std::filesystem::path& path, const BoundaryHeader& expected)
    : path_(path),
      fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      record_bytes_(expected.record_bytes) {
  if (fd_ < 0) throw Error(fmt::format("{}: {}", path.string(), std::strerror(errno)));
  try {
    read_index(expected);
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

BoundaryFile::~BoundaryFile() { ::close(fd_); }

void BoundaryFile::read_index(const BoundaryHeader& expected) {
  const auto refuse = [&](const char* why) {
    return DamagedFile(
        fmt::format("{}: not a whole file of the prefix cache: {}", path_.string(), why));
  };
  std::vector<std::byte> front(kDataOffset);
  if (!read_at(fd_, 0, front)) throw refuse("it is too short");
  ByteReader reader(front, path_.string());
  if (reader.take_text(kMagic.size()) != kMagic) throw refuse("its beginning is not that of one");
  const auto length = reader.read<std::uint32_t>();
  if (length > reader.left()) throw refuse("its header is too long");
  const Json found = Json::parse(reader.take_text(length), nullptr, /*allow_exceptions=*/false);
  if (!found.is_object() || !found.contains("records") || !found["records"].is_number_unsigned()) {
    throw refuse("its header cannot be read");
  }
  count_ = found["records"].get<std::size_t>();
  struct stat status {};
  if (::fstat(fd_, &status) != 0) throw refuse("its size cannot be told");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (count_ > size / (record_bytes_ + kEntryBytes) ||
      size != kDataOffset + count_ * (record_bytes_ + kEntryBytes)) {
    throw refuse("it is cut off");
  }
  index_.resize(count_ * kEntryBytes);
  if (!read_at(fd_, kDataOffset + count_ * record_bytes_, index_) ||
      found != header_json(expected, count_, index_)) {
    throw refuse("its index is damaged");
  }
  verified_.resize(count_);
}

RecordId BoundaryFile::id(std::size_t record) const {
  RecordId id;
  std::memcpy(id.data(), index_.data() + record * kEntryBytes, id.size());
  return id;
}

bool BoundaryFile::read(std::size_t record, std::span<std::byte> bytes) {
  FATHOM_CHECK(bytes.size() == record_bytes_);
  if (!read_at(fd_, kDataOffset + record * record_bytes_, bytes)) return false;
  if (verified_[record]) return true;
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, index_.data() + record * kEntryBytes + sizeof(RecordId), sizeof(checksum));
  verified_[record] = xxh3(bytes) == checksum;
  return verified_[record];
}

std::string part_suffix() { return ".part-" + this_machine(); }

BoundaryWriter::BoundaryWriter(const std::filesystem::path& path, const BoundaryHeader& header)
    : path_(path),
      temporary_(fmt::format("{}{}-{}", path.string(), part_suffix(), ::getpid())),
      header_(header),
      file_(temporary_, std::ios::binary | std::ios::trunc) {
  write(std::vector<std::byte>(kDataOffset));
}

BoundaryWriter::~BoundaryWriter() {
  std::error_code ignored;  // it is a cache: what cannot be removed now, a later cleaning removes
  if (!finished_) std::filesystem::remove(temporary_, ignored);
}

void BoundaryWriter::add(const RecordId& id, std::span<const std::byte> bytes) {
  FATHOM_CHECK(bytes.size() == header_.record_bytes);
  write(bytes);
  const std::uint64_t checksum = xxh3(bytes);
  for (const auto part : {std::span<const std::byte>(id), bytes_of(checksum)}) {
    index_.insert(index_.end(), part.begin(), part.end());
  }
}

void BoundaryWriter::write(std::span<const std::byte> bytes) {
  file_.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
  written_ += bytes.size();
  if (!file_) {
    throw Error(fmt::format(
        "{}: cannot write the prefix cache. Free some space, choose another folder with --cache, "
        "or a smaller --cache-gib (0 does without it)",
        temporary_.string()));
  }
}

void BoundaryWriter::finish() {
  const std::size_t records = index_.size() / kEntryBytes;
  const std::string header = header_json(header_, records, index_).dump();
  FATHOM_CHECK(kMagic.size() + sizeof(std::uint32_t) + header.size() <= kDataOffset);
  const auto length = static_cast<std::uint32_t>(header.size());
  write(index_);
  file_.seekp(0);
  write(std::as_bytes(std::span(kMagic)));
  write(bytes_of(length));
  write(std::as_bytes(std::span(header)));
  file_.close();
  if (!file_) write({});
  std::filesystem::rename(temporary_, path_);
  finished_ = true;
}

}  // namespace fathom::train
