// What an HDF5 file says of one data set of numbers: its type, its shape and where its values lie.
// Not the values: those are read by hdf5.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fathom/containers/file_bytes.h"
#include "fathom/containers/hdf5_structure.h"

namespace fathom::containers {

enum class Hdf5Filter { gzip, shuffle, fletcher32 };

/// A piece of a data set as it is stored.
struct Hdf5Chunk {
  std::uint64_t number = 0;    ///< in the grid of chunks, last dimension fastest
  std::uint64_t address = 0;   ///< in the file
  std::uint64_t bytes = 0;     ///< in the file
  std::uint32_t left_out = 0;  ///< bit i: the filter i was not applied
};

/// Numbers, little-endian; those with a point as IEEE 754 has them.
struct Hdf5Type {
  enum class Kind { whole, whole_signed, floating };
  Kind kind = Kind::whole;
  std::uint32_t bytes = 1;  ///< of one number: 1, 2, 4, 8
  bool operator==(const Hdf5Type&) const = default;
};

struct Hdf5Layout {
  Hdf5Type type;
  std::vector<std::uint64_t> shape;  ///< at least one dimension, none of them 0
  std::uint64_t row_bytes = 1;       ///< of one index of the first dimension
  std::vector<std::uint8_t> fill;    ///< the bytes of what was never written; empty: zero

  /// The lengths of a chunk; empty when the values lie in one piece.
  std::vector<std::uint64_t> chunk;
  std::vector<std::uint64_t> grid;  ///< how many chunks there are in each dimension
  std::uint64_t chunk_bytes = 0;    ///< of a chunk unpacked
  std::vector<Hdf5Filter> filters;  ///< in the order in which they were applied
  std::vector<Hdf5Chunk> chunks;    ///< those that were written, by number

  /// Where the piece lies, or kHdf5Nowhere.
  std::uint64_t address = 0;
};

/// No row and no chunk is longer.
inline constexpr std::uint64_t kMaxHdf5PieceBytes = std::uint64_t{256} << 20;

/// Reads what the file says of a data set in its root group. Throws Error naming file and data set:
/// no HDF5 file, missing, a link, or as below.
Hdf5Layout read_hdf5_layout(const FileBytes& file, const std::string& name);

/// What the messages of a data set's header say of it. Throws Error: damaged, no numbers, nothing
/// in it, in other files, packed otherwise than by gzip, shuffle and fletcher32, in a newer form
/// than h5py writes by default. What it returns is consistent: chunks lie in the file and in the
/// grid, each once, and are together no longer than the file.
Hdf5Layout read_hdf5_layout(Hdf5Metadata& file, const std::vector<Hdf5Message>& messages);

}  // namespace fathom::containers
