// Archives of published data sets, unpacked so that nothing in them can do harm: no path outside
// the folder, no links, and no more than a bounded multiple of the archive.
// Not for .npz and .h5: these are read as they are.
#pragma once

#include <cstdint>
#include <filesystem>

#include "fathom/base/download.h"

namespace fathom::data::internal {

/// The most that an archive may grow to: 100 times its size and 64 MiB.
std::uint64_t unpacked_bound(std::uint64_t archive_bytes);

/// Undoes gzip: `target` appears complete or not at all. Throws Error when the archive is no gzip
/// file, damaged, cut off, or grows beyond the bound; Interrupted when `progress` says so.
void unpack_gzip(const std::filesystem::path& archive, const std::filesystem::path& target,
                 const ByteProgress& progress);

/// Unpacks the folder NAME of a zip archive, NAME being that of `target`, which appears complete or
/// not at all. Throws Error when there is no such folder; when any member has a name that leads
/// out of it, is a link or other special file, stands twice, is damaged or encrypted; and when all
/// members together grow beyond the bound. Throws Interrupted when `progress` says so.
void unpack_zip(const std::filesystem::path& archive, const std::filesystem::path& target,
                const ByteProgress& progress);

}  // namespace fathom::data::internal
