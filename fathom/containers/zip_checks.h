// What a zip archive that is not trusted must be before its members are read. Not for reading them.
#pragma once

#include <zip.h>

#include <cstdint>
#include <string>

namespace fathom::containers {

/// No file of arrays has as many members.
inline constexpr std::int64_t kMaxZipMembers = 10'000;

/// The number of members. Throws Error "WHERE: ..." when they are more than kMaxZipMembers.
std::uint64_t checked_zip_count(zip_t* archive, const std::string& where);

/// Throws Error "WHERE: ..." unless the member is stored or deflated, and not encrypted.
void check_zip_member(zip_t* archive, std::uint64_t index, const std::string& where);

}  // namespace fathom::containers
