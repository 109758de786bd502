// The folder of stored boundaries that all studies of a user share: which files are there, room for
// new ones, one filler at a time. Bytes alone; boundaries.h gives them their meaning.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fathom/base/file_lock.h"
#include "fathom/train/boundary_file.h"

namespace fathom::train {

class PrefixCache {
 public:
  /// FOLDER/<network>/<block>-<number>.boundary; the folder is made when something is stored.
  PrefixCache(std::filesystem::path folder, std::uint64_t max_bytes);

  /// Bound on all files together, bytes; never more than the disk has free beside what is stored.
  std::uint64_t max_bytes() const;

  /// The files of one boundary. One that is damaged is removed, one that cannot be read passed
  /// over, with a warning.
  std::vector<std::unique_ptr<BoundaryFile>> open(const BoundaryHeader& header) const;

  /// A new file of one boundary.
  std::unique_ptr<BoundaryWriter> writer(const BoundaryHeader& header) const;

  /// Keeps a file from being among the least recently used.
  static void mark_used(const BoundaryFile& file);

  /// What is stored of one network, bytes.
  std::uint64_t bytes_of(const std::string& network) const;

  /// Waits until no other process fills this network's boundaries, and removes what a killed
  /// filling left, at once on the same machine, else after a day. `keep_going` is called while
  /// waiting and may throw.
  std::unique_ptr<FileLock> lock(const std::string& network,
                                 const std::function<void()>& keep_going) const;

  /// Removes the least recently used files of other networks until `bytes` more fit under the
  /// bound, as far as there are such files. A running process that reads one keeps it open.
  void make_room(std::uint64_t bytes, const std::string& network) const;

  /// Measured seconds to write one byte here (into the kernel's memory, as long as there is some).
  double measure_write() const;

 private:
  std::filesystem::path network_folder(const std::string& network) const;

  std::filesystem::path folder_;
  std::uint64_t max_bytes_;
};

}  // namespace fathom::train
