// The jobs by which a Slurm cluster runs a study, as scripts that a researcher can read, edit and
// submit by hand. Submits nothing and starts nothing. LibTorch-free.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fathom/base/options.h"

namespace fathom::study {

/// What the jobs ask the cluster for. What is 0 or empty is left to the cluster.
struct SlurmOptions {
  std::int64_t array_size = 0;  ///< tasks; 0: one for each unit that can run at once, at most 16
  std::int64_t cpus = 0;        ///< processors for each task
  std::int64_t gpus = 0;        ///< for each task
  std::int64_t memory = 0;      ///< GiB for each task
  std::string time;             ///< limit of each job, [DAYS-]HH:MM:SS
  std::string partition;
  std::string account;
  std::vector<std::string> sbatch_options;  ///< further ones as sbatch takes them, "--qos=long"

  /// All but sbatch_options, whose values may contain commas.
  std::vector<Field> fields();
};

/// What the jobs run. The paths are absolute, for a job starts elsewhere.
struct SlurmStudy {
  std::filesystem::path fathom;  ///< the program
  std::filesystem::path folder;  ///< of the study
  std::filesystem::path cache;   ///< of weights and stored boundaries
  std::size_t jobs = 0;          ///< that can run at once
};

/// A file to write into STUDY/slurm.
struct SlurmScript {
  std::string name;
  std::string text;
};

inline constexpr const char* kSlurmFolder = "slurm";       ///< in the study's
inline constexpr const char* kSubmitScript = "submit.sh";  ///< submits all

/// prefix.sbatch fills the frozen prefixes; units.sbatch, an array job, runs the units; then
/// report.sbatch makes the report. submit.sh submits them in that order, each to start when the one
/// before has ended, and says how to watch and to cancel them; a submission that fails or is
/// stopped midway is taken back.
/// Throws Error when an option is nothing that sbatch could read from one line.
std::vector<SlurmScript> slurm_scripts(const SlurmOptions& options, const SlurmStudy& study);

}  // namespace fathom::study
