#include "fathom/study/slurm.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <regex>
#include <string_view>

#include "fathom/base/error.h"

namespace fathom::study {
namespace {

constexpr std::size_t kMostTasks = 16;  // unless asked for more: a cluster has other users
constexpr int kWarningSeconds = 120;    // Slurm may warn up to 60 s early: sbatch(1), --signal
constexpr int kShortestSeconds = 600;   // of a job, so that it gets somewhere before the warning
constexpr int kMostRequeues = 100;      // of a task that never comes to its end

/// What runs units, or fills their prefixes; doubled braces are fmt's for one.
constexpr std::string_view kWorkerScript = R"sh(#!/bin/bash
# {purpose}
# Written by 'fathom submit', which writes it anew; after a change of your own: sh {submit}
{directives}
# What your cluster needs first (module load ...) goes here.
export OMP_NUM_THREADS="${{SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}}"

# USR1 is Slurm's warning that the time limit is near, and only this script gets it: fathom is asked
# to write a checkpoint and end with 130; then the task waits in the queue again, to go on from
# there. TERM, by scancel or preemption, is sent to fathom too, and Slurm itself knows what is next.
warned= signalled=
# A second warning must not ask again (fathom would end at once), also if it comes within the trap.
trap 'trap "" USR1; kill -TERM "$!"; warned=yes signalled=yes' USR1
trap 'signalled=yes' TERM
{command} &
wait "$!"
code=$?
while [ "$signalled" ]; do # it was the signal that ended 'wait'
  signalled=
  wait "$!"
  code=$?
done
if [ "$warned" ] && [ "$code" -eq 130 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {requeues} ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
)sh";

constexpr std::string_view kReportScript = R"sh(#!/bin/bash
# Makes the report of what the units' journals hold, also when some failed.
# Written by 'fathom submit', which writes it anew; after a change of your own: sh {submit}
{directives}
# What your cluster needs first (module load ...) goes here.
export OMP_NUM_THREADS="${{SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}}"

{command}
)sh";

constexpr std::string_view kSubmit = R"sh(#!/bin/sh
# Submits the study's jobs, each to start when the one before has ended. By hand: sh submit.sh
set -eu
cd "$(dirname "$0")" # the logs' place

jobs=
trap 'case $jobs in *[0-9]*) scancel $jobs ;; esac' EXIT # nothing stays of a part
trap 'exit 130' INT TERM HUP
submit() { # not to be stopped before the job's number is known; the cluster's name may follow it
  jobs="$jobs $(trap '' INT TERM HUP; job=$(sbatch --parsable "$@") && echo "${job%%;*}")"
}
submit prefix.sbatch
prefix=${jobs##* }
submit --dependency="afterany:$prefix" units.sbatch
units=${jobs##* }
submit --dependency="afterany:$units" report.sbatch
report=${jobs##* }
trap - EXIT

echo "submitted: prefix $prefix, units $units, report $report"
echo "watch:     squeue --jobs=$prefix,$units,$report"
echo "cancel:    scancel $prefix $units $report"
)sh";

/// Seconds of "[DAYS-]HH:MM:SS"; sbatch takes shorter forms too, but reads 4:00 as four minutes.
int seconds_of(const std::string& time) {
  static const std::regex form(R"((?:(\d{1,3})-)?(\d{1,3}):(\d\d):(\d\d))");
  std::smatch part;
  if (!std::regex_match(time, part, form)) {
    throw Error(fmt::format("--time: '{}' is no time limit; say HH:MM:SS or DAYS-HH:MM:SS", time));
  }
  const auto number = [&](int i) { return part[i].matched ? std::stoi(part[i].str()) : 0; };
  return ((number(1) * 24 + number(2)) * 60 + number(3)) * 60 + number(4);
}

void check(const SlurmOptions& options) {
  if (!options.time.empty() && seconds_of(options.time) < kShortestSeconds) {
    throw Error(fmt::format(
        "--time: {} is too short: a task is stopped {} minutes before; give it at least {} minutes",
        options.time, kWarningSeconds / 60, kShortestSeconds / 60));
  }
  std::vector<std::string> words{options.partition, options.account};
  for (const std::string& option : options.sbatch_options) {
    if (!option.starts_with("-")) {
      throw Error(fmt::format(
          "--sbatch-option: '{}' does not begin with '-'; say it as on the command line of sbatch, "
          "for example --sbatch-option=--qos=long",
          option));
    }
    words.push_back(option);
  }
  for (const std::string& word : words) {
    if (word.find_first_of("\n\r") == std::string::npos) continue;
    throw Error(fmt::format("an option for sbatch must stand on one line, unlike '{}'", word));
  }
}

/// The study's name as part of a job's: squeue shows it, and nothing has to be quoted.
std::string job_name(const SlurmStudy& study, const std::string& job) {
  std::string name = study.folder.filename().string();
  const auto is_odd = [](char c) {
    return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             c == '.' || c == '-');
  };
  std::ranges::replace_if(name, is_odd, '_');
  return name + "-" + job;
}

/// An option of sbatch as a line of a script takes it, in which a space or # ends a value.
std::string quoted_option(const std::string& option) {
  const auto value = option.find('=');
  if (value == std::string::npos) return option;
  return option.substr(0, value + 1) + shell_word(option.substr(value + 1));
}

std::string directives(const SlurmOptions& options, std::vector<std::string> lines) {
  if (options.cpus > 0) lines.push_back(fmt::format("--cpus-per-task={}", options.cpus));
  if (options.memory > 0) lines.push_back(fmt::format("--mem={}G", options.memory));
  if (!options.time.empty()) lines.push_back("--time=" + options.time);
  if (!options.partition.empty()) lines.push_back("--partition=" + shell_word(options.partition));
  if (!options.account.empty()) lines.push_back("--account=" + shell_word(options.account));
  std::ranges::transform(options.sbatch_options, std::back_inserter(lines), quoted_option);
  std::string text;
  for (const std::string& line : lines) text += "#SBATCH " + line + "\n";
  return text;
}

/// `lines` are the directives of this job alone.
std::string worker_script(const SlurmOptions& options, std::string_view purpose,
                          std::vector<std::string> lines, const std::string& command) {
  lines.insert(lines.end(), {"--open-mode=append", "--requeue",
                             fmt::format("--signal=B:USR1@{}", kWarningSeconds)});
  if (options.gpus > 0) lines.push_back(fmt::format("--gres=gpu:{}", options.gpus));
  return fmt::format(kWorkerScript, fmt::arg("purpose", purpose), fmt::arg("submit", kSubmitScript),
                     fmt::arg("directives", directives(options, std::move(lines))),
                     fmt::arg("command", command), fmt::arg("requeues", kMostRequeues));
}

std::string report_script(const SlurmOptions& options, const std::vector<std::string>& lines,
                          const std::string& command) {
  return fmt::format(kReportScript, fmt::arg("submit", kSubmitScript),
                     fmt::arg("directives", directives(options, lines)),
                     fmt::arg("command", command));
}

}  // namespace

std::vector<Field> SlurmOptions::fields() {
  constexpr double kAnyNumber = 1e6;
  return {
      {"partition", &partition, "Partition of the cluster; by default the cluster's own choice."},
      {"account", &account, "Account to charge."},
      {"array_size", &array_size,
       "Tasks that run units; 0 = one for each that can run at once, at most 16.", 0, kAnyNumber},
      {"cpus", &cpus, "Processors for each task; 0 = what the cluster gives, often one.", 0,
       kAnyNumber},
      {"gpus", &gpus, "GPUs for each task; this version trains on processors.", 0, kAnyNumber},
      {"memory", &memory, "Memory for each task, in GiB; 0 = what the cluster gives.", 0,
       kAnyNumber},
      {"time", &time,
       "Time limit of each job, HH:MM:SS or DAYS-HH:MM:SS; a task that reaches it goes on in its "
       "next run."},
  };
}

std::vector<SlurmScript> slurm_scripts(const SlurmOptions& options, const SlurmStudy& study) {
  check(options);
  const std::string fathom = shell_word(study.fathom.string());
  const std::string folder = shell_word(study.folder.string());
  const std::string run =
      fmt::format("{} run {} --cache {}", fathom, folder, shell_word(study.cache.string()));
  const std::size_t tasks = options.array_size > 0
                                ? static_cast<std::size_t>(options.array_size)
                                : std::clamp(study.jobs, std::size_t{1}, kMostTasks);
  return {
      {"prefix.sbatch",
       worker_script(options, "Fills the frozen prefixes, once for all tasks that run units.",
                     {"--job-name=" + job_name(study, "prefix"), "--output=prefix-%j.log"},
                     run + " --prefix")},
      {"units.sbatch",
       worker_script(options,
                     "Runs the units: each task takes whichever is free, until none is left.",
                     {"--job-name=" + job_name(study, "units"), "--output=units-%A_%a.log",
                      fmt::format("--array=0-{}", tasks - 1)},
                     run)},
      {"report.sbatch",
       report_script(options, {"--job-name=" + job_name(study, "report"), "--output=report-%j.log"},
                     fmt::format("{} report {}", fathom, folder))},
      {kSubmitScript, std::string(kSubmit)},
  };
}

}  // namespace fathom::study
