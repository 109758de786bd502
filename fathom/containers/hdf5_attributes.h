// The attributes of an HDF5 object that are texts. Not numbers: nobody here needs them.
// Format: "HDF5 File Format Specification Version 3.0", IV.A.2.m (attributes), III.E (global heap).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fathom/containers/hdf5_structure.h"

namespace fathom::containers {

/// Reads texts of fixed and of variable length. The latter lie in heaps, which are kept.
class Hdf5Attributes {
 public:
  explicit Hdf5Attributes(Hdf5Metadata& file) : file_(file) {}

  /// The texts of one attribute of the object with these messages; nothing when it has no such
  /// attribute. An attribute without values is an empty list, whatever type it says it has. Throws
  /// Error: of another type, damaged, kept in a newer form of HDF5.
  std::optional<std::vector<std::string>> texts(const std::vector<Hdf5Message>& messages,
                                                const std::string& name);

 private:
  struct Type;

  std::vector<std::string> read_values(const Type& type, std::uint64_t count, std::string_view data,
                                       const std::string& name);
  std::string heap_text(ByteReader& reference);
  const std::map<std::uint16_t, std::string>& heap(std::uint64_t address);

  Hdf5Metadata& file_;
  std::map<std::uint64_t, std::map<std::uint16_t, std::string>> heaps_;  ///< by address and number
};

}  // namespace fathom::containers
