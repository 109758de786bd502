// Whole files in and out. A file appears under its final name only complete: it is written beside
// it, readable for this user alone, fsynced, renamed, and the folder is fsynced.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace fathom {

/// The bytes of a file; of one that is cut off meanwhile those that are left. Throws Error when it
/// cannot be read or is larger than `max_bytes`.
std::string read_file(const std::filesystem::path& path,
                      std::uint64_t max_bytes = std::uint64_t{8} << 30);

/// Replaces `path` by `bytes`. Parent folders are made. Throws Error, with the old file kept.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The same for content that is streamed by `write` rather than held in memory.
void write_file_atomically(const std::filesystem::path& path,
                           const std::function<void(std::ostream&)>& write);

/// Makes the file, unless there is one of this name: false then, and that one stays. Of several
/// processes, also on machines that share the folder, one alone succeeds. Throws Error.
bool create_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Removes a file if it is there and can be removed.
void remove_quietly(const std::filesystem::path& path);

/// Removes what killed processes of this machine left in a folder in the midst of a
/// write_file_atomically; what a process of the same number may still be writing stays.
void remove_unfinished_files(const std::filesystem::path& folder);

/// The same of all processes of all machines, those that live too: for a folder in which nobody
/// else has anything to write.
void remove_all_unfinished_files(const std::filesystem::path& folder);

/// Makes the entries of a folder durable (after a rename or a creation in it).
void fsync_folder(const std::filesystem::path& folder);

}  // namespace fathom
