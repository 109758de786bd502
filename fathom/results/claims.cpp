#include "fathom/results/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "fathom/base/atomic_file.h"
#include "fathom/base/json.h"

namespace fathom::results {
namespace fs = std::filesystem;
namespace {

fs::path claim_file(const fs::path& study_folder, const std::string& job, int number) {
  return study_folder / "claims" / fmt::format("{}.{}", job, number);
}

/// The job and number that a file name says; nothing for other names.
std::optional<std::pair<std::string, int>> claim_of_name(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || name.starts_with('.')) return std::nullopt;
  int number = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + dot + 1, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < 0) return std::nullopt;
  return std::pair(name.substr(0, dot), number);
}

}  // namespace

std::map<std::string, int> last_claims(const fs::path& study_folder) {
  std::map<std::string, int> last;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(study_folder / "claims", none_yet)) {
    const auto claim = claim_of_name(entry.path().filename().string());
    if (!claim) continue;
    const auto known = last.insert(*claim).first;
    known->second = std::max(known->second, claim->second);
  }
  return last;
}

std::string claimant(const fs::path& study_folder, const std::string& job, int number) {
  try {
    return read_json(claim_file(study_folder, job, number)).at("worker").get<std::string>();
  } catch (const std::exception&) {  // damaged, or not seen yet on this machine
    return "";
  }
}

bool is_claimed(const fs::path& study_folder, const std::string& job, int number) {
  std::error_code unknown;
  return fs::exists(claim_file(study_folder, job, number), unknown);
}

bool make_claim(const fs::path& study_folder, const Claim& claim) {
  // A network file system may answer a repeated request by "there is one": its first answer was
  // lost, and the one is ours.
  return create_file_atomically(claim_file(study_folder, claim.job, claim.number),
                                Json{{"worker", claim.worker}}.dump() + "\n") ||
         claimant(study_folder, claim.job, claim.number) == claim.worker;
}

bool was_taken_over(const fs::path& study_folder, const Claim& claim) {
  return is_claimed(study_folder, claim.job, claim.number + 1);
}

}  // namespace fathom::results
