// Public data sets that can be fetched by name: where their publishers have them, how large they
// are, by which checksums they are known, and what they may be used for.
// Only what could be established is listed; not for reading them: each has a source (source.h).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/base/download.h"

namespace fathom::data {

struct PublicSet {
  std::string name;   ///< "pcam", "medmnist:pathmnist_224"
  std::string title;  ///< what it shows
  std::string licence;
  std::string citation;
  std::vector<PublishedFile> files;  ///< .gz and .zip are unpacked; empty: see by_hand
  std::string data = "";             ///< what --data takes in its folder; "" = the folder
  std::string by_hand = "";          ///< why it cannot be fetched, and what to do instead

  /// Bytes of all files; 0 = not all are stated.
  std::uint64_t bytes() const;
  /// The name without "medmnist:": the folder that it goes to by default.
  std::string folder() const;
};

const std::vector<PublicSet>& public_sets();

/// Throws Error with the nearest name.
const PublicSet& find_public_set(const std::string& name);

/// Fetches every file (see fathom::fetch), unpacks it and removes the archive; `folder` appears
/// only with all of them. Until then FOLDER.part holds what is there, and the next call goes on
/// from it. Both have a hidden mark: in a folder without it nothing is trusted or removed. A folder
/// that holds all of them is left as it is, once the checksums of files that were not packed fit.
/// Returns what --data takes.
///
/// Throws Error when one of the folders holds anything else, when another process is at it, and as
/// fetch() and the unpacking do (damaged archives, paths that lead outside, links, growth beyond a
/// bound).
std::filesystem::path fetch_public_set(const PublicSet& set, const std::filesystem::path& folder,
                                       const DownloadOptions& options);

}  // namespace fathom::data
