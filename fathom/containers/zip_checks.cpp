#include "fathom/containers/zip_checks.h"

#include <fmt/format.h>

#include "fathom/base/error.h"

namespace fathom::containers {

std::uint64_t checked_zip_count(zip_t* archive, const std::string& where) {
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  if (count > kMaxZipMembers) {
    throw Error(fmt::format("{}: a zip archive of {} members; at most {} are read", where, count,
                            kMaxZipMembers));
  }
  return static_cast<std::uint64_t>(count);
}

void check_zip_member(zip_t* archive, std::uint64_t index, const std::string& where) {
  zip_stat_t status;
  zip_stat_init(&status);
  constexpr auto kNeeded = ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded) {
    throw Error(where + ": how it is packed is not known");
  }
  if (status.encryption_method != ZIP_EM_NONE) {
    throw Error(where + ": encrypted; save the file without a password");
  }
  if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE) {
    throw Error(fmt::format(
        "{}: packed by method {} of zip; 0 (stored) and 8 (deflated) are read: pack it again",
        where, status.comp_method));
  }
}

}  // namespace fathom::containers
