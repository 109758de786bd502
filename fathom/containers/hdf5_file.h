// The groups and data sets of an HDF5 file by their paths, with their texts: for files whose parts
// are found by what the file says of itself. Not for one data set whose name is known: hdf5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fathom/containers/hdf5.h"
#include "fathom/containers/hdf5_attributes.h"

namespace fathom::containers {

/// Whatever the file is, it is read or refused with an Error; links out of a group are passed over.
/// Not thread-safe.
class Hdf5File {
 public:
  /// Goes once through all groups. Throws Error naming the file: no HDF5 file, damaged, groups in
  /// more than kMaxDepth others, groups in the newer form for many members.
  explicit Hdf5File(const std::filesystem::path& path);
  explicit Hdf5File(std::shared_ptr<const FileBytes> file);
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;
  static constexpr int kMaxDepth = 32;

  /// Whether there is an object of that path: "" is the root, "conv1/kernel:0" a member of "conv1".
  bool has(const std::string& path) const { return objects_.contains(path); }

  /// The paths of all objects, in the order of their bytes; the root's is "".
  std::vector<std::string> paths() const;

  /// The texts of an attribute; nothing when the object or the attribute is not there. An attribute
  /// without values is an empty list. Throws Error: no texts, damaged.
  std::optional<std::vector<std::string>> texts(const std::string& path, const std::string& name);

  /// Throws Error naming file and data set: none of that path, and as read_hdf5_layout does.
  std::unique_ptr<const Hdf5Array> array(const std::string& path);

 private:
  void add_object(const std::string& path, std::uint64_t header, int depth);

  std::shared_ptr<const FileBytes> file_;
  Hdf5Metadata metadata_;
  Hdf5Attributes attributes_{metadata_};
  std::map<std::string, std::vector<Hdf5Message>> objects_;  ///< by path
};

}  // namespace fathom::containers
