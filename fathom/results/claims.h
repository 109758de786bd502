// Which worker of a study has which job: files STUDY/claims/<job>.<number>, each holding the
// worker. Of several that want a job one alone gets it, without locks. Not whether its worker still
// lives: worker_watch.h.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace fathom::results {

/// The last claim of a job counts. Claims are never taken back: a job whose worker is dead, or does
/// something else, is claimed again under the next number.
struct Claim {
  std::string job;
  int number = 0;  ///< from 0
  std::string worker;
};

/// The number of the last claim of every job that has one.
std::map<std::string, int> last_claims(const std::filesystem::path& study_folder);

/// The worker of a claim; "" when it cannot be read.
std::string claimant(const std::filesystem::path& study_folder, const std::string& job, int number);

bool is_claimed(const std::filesystem::path& study_folder, const std::string& job, int number);

/// False when another worker has made the claim of this number. Throws Error.
bool make_claim(const std::filesystem::path& study_folder, const Claim& claim);

/// Whether there is a claim of the next number.
bool was_taken_over(const std::filesystem::path& study_folder, const Claim& claim);

}  // namespace fathom::results
