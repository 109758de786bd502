// SHA-256 for what identifies things (weights, images, settings); XXH3 for fast checksums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fathom {

/// Incremental SHA-256.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view text);
  /// 64 hexadecimal digits; the object is used up.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view text);
/// Streams the file. Throws Error when it cannot be read.
std::string sha256_file(const std::filesystem::path& path);
/// The same by MD5, for files whose publisher states nothing better.
std::string md5_file(const std::filesystem::path& path);

std::uint64_t xxh3(std::span<const std::byte> bytes);
std::uint64_t xxh3(std::string_view text);
/// 16 hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace fathom
