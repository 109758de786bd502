// Published files into a folder: fetched over HTTP (resumed, retried) or taken from a folder, and
// only given out when size and checksum are those that the publisher states.
// Not for anything that is published without a checksum.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace fathom {

/// A file as its publisher describes it. At least one checksum must be there.
struct PublishedFile {
  std::string name;         ///< file name, without folders; mirrors have it under this name
  std::string url;          ///< http or https; "" = it has no address of its own
  std::string origin;       ///< the publisher in words, for a file without an address
  std::uint64_t bytes = 0;  ///< 0 = not stated
  std::string sha256;       ///< lower-case hexadecimal, the leading digits that are known
  std::string md5;          ///< all 32 digits; where no SHA-256 is stated
};

/// Called some times a second with the bytes done and in all (0 = not known). False asks to stop.
/// Must not throw.
using ByteProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

struct DownloadOptions {
  std::string from;        ///< see fetch()
  ByteProgress progress;   ///< may be empty
  int tries = 5;           ///< in a row that do not bring another MiB
  double first_wait = 1;   ///< seconds before the second try; doubled every time, up to 60
  int stall_seconds = 30;  ///< slower than 100 bytes a second for so long: tried again
  std::uint64_t max_bytes = std::uint64_t{64} << 30;  ///< for a file of no stated size
};

/// The path of the file, checked. `options.from` says where it is: "" = at the publisher's address;
/// an address = below that, under its name; else a folder, and then it stays there. A file of that
/// name in `folder` is taken when it is right, and replaced when not.
///
/// While it is incomplete it is NAME.part in `folder`, and the next call goes on from there.
/// Proxies are those of libcurl's environment variables. Redirects: at most 5, to http or https,
/// and from https to https only.
///
/// Throws Error when it cannot be had, with what to fetch by hand; when another process is fetching
/// it; and when size or checksum differ: then nothing is left. Throws Interrupted when `progress`
/// asks to stop.
std::filesystem::path fetch(const PublishedFile& file, const std::filesystem::path& folder,
                            const DownloadOptions& options);

/// How the file at `path` differs in size or checksum from the published one, in words; "" = it
/// does not. Throws Error when it cannot be read.
std::string difference_from(const std::filesystem::path& path, const PublishedFile& file);

/// "512 bytes", "21 kB", "800 MB", "11.7 GB": powers of ten, as publishers count.
std::string human_bytes(std::uint64_t bytes);

}  // namespace fathom
