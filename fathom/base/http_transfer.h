// One file over HTTP into a part file that survives: resumed by Range, retried while it is worth
// it. Not for judging what was fetched: download.h compares checksums.
#pragma once

#include <filesystem>
#include <string>

#include "fathom/base/download.h"

namespace fathom::internal {

/// Fetches `url` until `part` holds `bytes` bytes (0 = all that the server has), going on from what
/// it holds already. Throws Interrupted, and Error with the reason alone.
void transfer(const std::string& url, const std::filesystem::path& part, std::uint64_t bytes,
              const DownloadOptions& options);

/// Removes the part file and what stands beside it.
void remove_part(const std::filesystem::path& part);

}  // namespace fathom::internal
