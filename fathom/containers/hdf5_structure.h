// The parts that an HDF5 file is made of: superblock, groups, object headers, trees. Not what they
// say of a data set: that is hdf5_layout. Format: "HDF5 File Format Specification Version 3.0",
// The HDF Group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fathom/base/bytes.h"
#include "fathom/containers/file_bytes.h"

namespace fathom::containers {

/// The address of what was never written.
inline constexpr std::uint64_t kHdf5Nowhere = ~std::uint64_t{0};

/// Reads every structure of a file once. Structures of a good file do not overlap, so all of them
/// together are no longer than the file: this bounds time and memory, whatever points to what.
class Hdf5Metadata {
 public:
  explicit Hdf5Metadata(const FileBytes& file)
      : file_(file), where_(file.where()), left_(file.size()) {}

  /// Throws Error: behind the end, or more in all than the file has.
  std::vector<std::uint8_t> read(std::uint64_t address, std::uint64_t count);

  /// The same bytes, which must begin with a signature such as "TREE", behind that signature.
  std::vector<std::uint8_t> read_signed(std::uint64_t address, std::uint64_t count,
                                        std::string_view signature);

  /// Books what else is kept of the file: names and texts, to which much may point.
  void spend(std::uint64_t bytes);

  std::uint64_t file_size() const { return file_.size(); }
  const std::string& where() const { return where_; }  ///< for errors
  /// From now on errors name a part of the file: "data set" 'x'.
  void name_part(const std::string& kind, const std::string& name) {
    where_ = file_.where() + ": " + kind + " '" + name + "'";
  }
  ByteReader reader(std::span<const std::uint8_t> bytes) const;
  ByteReader reader(std::string_view bytes) const;
  [[noreturn]] void fail(const std::string& reason) const;
  /// What is there, but in a form that is not read here.
  [[noreturn]] void refuse_newer(const std::string& what) const;
  [[noreturn]] void fail_damaged(const std::string& what) const;

 private:
  const FileBytes& file_;
  std::string where_;
  std::uint64_t left_;
};

/// One message of an object header.
struct Hdf5Message {
  std::uint16_t type = 0;
  bool shared = false;        ///< the data only say where the message is
  std::uint64_t address = 0;  ///< of the data in the file
  std::vector<std::uint8_t> data;
};

/// Where the header of the root group is. Throws Error: no HDF5 file, truncated, damaged.
std::uint64_t find_hdf5_root(Hdf5Metadata& file);

/// All messages of an object header (versions 1 and 2), those of its continuations too.
std::vector<Hdf5Message> read_hdf5_header(Hdf5Metadata& file, std::uint64_t address);

struct Hdf5Member {
  std::string name;
  std::uint64_t header = 0;   ///< where its object header is
  bool is_elsewhere = false;  ///< a link to another object or file
};

/// The members of the group with these messages; none when it is no group. Throws Error: damaged,
/// or kept in the newer form for many members.
std::vector<Hdf5Member> read_hdf5_members(Hdf5Metadata& file,
                                          const std::vector<Hdf5Message>& messages);

enum class Hdf5Tree : std::uint8_t { group = 0, chunks = 1 };

/// Gives the key and the child of every entry of the leaves of a version 1 B-tree.
void walk_hdf5_tree(
    Hdf5Metadata& file, std::uint64_t root, Hdf5Tree type, std::size_t key_bytes,
    const std::function<void(std::span<const std::uint8_t> key, std::uint64_t child)>& entry);

}  // namespace fathom::containers
