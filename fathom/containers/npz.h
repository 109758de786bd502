// Arrays of numbers from numpy's .npz files (a zip of .npy members). Not for objects: nothing
// that the file holds is executed. The format: numpy.lib.format, versions 1 to 3.
#pragma once

#include <zip.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fathom::containers {

/// What stands before the values of a .npy file.
struct NpyHeader {
  std::string type;  ///< as numpy writes it: "|u1", "<i8"
  std::vector<std::uint64_t> shape;
  bool is_fortran = false;  ///< the first dimension is the fastest
  std::size_t bytes = 0;    ///< of the header itself: where the values begin

  /// Whether the numbers are of an integer type ("|u1", "<i4", ...).
  bool is_whole() const { return type[1] == 'i' || type[1] == 'u'; }
};

/// Reads the header at the front of `bytes`, which may end anywhere behind it. Throws Error naming
/// `where`: no .npy file, a header that is no such dictionary or longer than kMaxNpyHeader.
NpyHeader read_npy_header(std::string_view bytes, const std::string& where);
inline constexpr std::size_t kMaxNpyHeader = 4096;

/// One array; values in C order (those in another are put into it), little-endian.
struct NpyArray {
  NpyHeader header;
  std::vector<std::uint8_t> values;

  /// The number at an index of an array of integers.
  std::int64_t number(std::size_t index) const;
};

/// An open .npz file. Not thread-safe.
class NpzFile {
 public:
  /// Throws Error naming the file when it is no zip archive, or has more members than
  /// kMaxZipMembers (zip_checks.h).
  explicit NpzFile(const std::filesystem::path& path);

  bool has(const std::string& array) const;

  /// The names of all arrays, in the order of the file. Throws Error when one stands twice and on
  /// members that are no arrays.
  std::vector<std::string> names() const;

  /// The header alone. Throws Error naming file and array: missing, packed otherwise than stored or
  /// deflated, encrypted, no .npy array, not of numbers
  /// of 8 to 64 bits, more than kMaxBytes, more than a hundred times the file (beyond 64 MiB).
  NpyHeader header(const std::string& array) const;

  /// Throws Error as header() does, and when values are missing, too many, damaged or more than
  /// there is memory for.
  NpyArray read(const std::string& array) const;
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{16} << 30;

 private:
  struct Close {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* member) const { zip_fclose(member); }
  };

  using Member = std::unique_ptr<zip_file_t, Close>;

  Member open(const std::string& array, const std::string& where) const;
  NpyHeader read_header(zip_file_t* member, std::vector<std::uint8_t>& bytes,
                        const std::string& where) const;

  std::string where_;
  std::uint64_t file_bytes_ = 0;
  std::unique_ptr<zip_t, Close> archive_;
};

}  // namespace fathom::containers
