#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/command.h"
#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/study/jobs.h"
#include "fathom/study/plan.h"
#include "fathom/study/slurm.h"

namespace fathom::cli {
namespace {

namespace fs = std::filesystem;

/// Absolute, and without a slash at its end.
fs::path whole_path(const fs::path& folder) {
  return (fs::absolute(folder).lexically_normal() / "").parent_path();
}

study::SlurmStudy slurm_study(const fs::path& folder) {
  const study::Plan plan = study::read_plan(folder);
  const auto jobs = study::list_jobs(plan);
  return {.fathom = fs::read_symlink("/proc/self/exe"),
          .folder = whole_path(folder),
          .cache = whole_path(study::cache_folder(plan.options)),
          .jobs = static_cast<std::size_t>(std::ranges::count(jobs, false, &study::Job::is_probe))};
}

/// Runs a script of the shell, which prints where this does; returns its exit code.
int run_script(std::string script) {
  std::string shell = "sh";
  const std::array<char*, 3> arguments{shell.data(), script.data(), nullptr};
  pid_t child = 0;
  int status = 0;
  if (::posix_spawnp(&child, "sh", nullptr, nullptr, arguments.data(), environ) != 0 ||
      ::waitpid(child, &status, 0) != child) {
    throw Error(fmt::format("{}: cannot be run", script));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kExitError;
}

void submit_jobs(const std::string& script) {
  constexpr int kNoSuchCommand = 127;
  const int code = run_script(script);
  if (code == kNoSuchCommand) {
    throw Error(fmt::format(
        "there is no sbatch here, so nothing is submitted. The scripts are written: where Slurm "
        "is, and the same paths are seen, submit them by: sh {}",
        shell_word(script)));
  }
  if (code != 0) {
    throw Error(fmt::format(
        "Slurm did not take all jobs, for the reason above, and is left with none. Change the "
        "flags, or the scripts, and these submit by: sh {}",
        shell_word(script)));
  }
}

/// What is wrong with them is a flag's value.
std::vector<study::SlurmScript> make_scripts(const study::SlurmOptions& options,
                                             const study::SlurmStudy& study) {
  try {
    return study::slurm_scripts(options, study);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

/// One of other text, by other flags or edited, is kept beside it.
void write_script(const fs::path& path, const std::string& text) {
  if (fs::exists(path) && read_file(path) != text) {
    const std::string kept = path.string() + ".old";
    fs::rename(path, kept);
    log_warning("{}: written anew; what it said before, by other flags or your own changes, is {}",
                path.string(), kept);
  }
  write_file_atomically(path, text);
}

int submit(const fs::path& folder, const study::SlurmOptions& options, bool dry_run) {
  const study::SlurmStudy study = slurm_study(folder);
  const fs::path written = study.folder / study::kSlurmFolder;
  for (const study::SlurmScript& script : make_scripts(options, study)) {
    write_script(written / script.name, script.text);
    if (dry_run) fmt::print("==> {} <==\n{}\n", (written / script.name).string(), script.text);
  }
  if (dry_run) {
    fmt::print("Nothing is submitted. By hand: sh {}\n",
               shell_word((written / study::kSubmitScript).string()));
    return kExitDone;
  }
  submit_jobs(written / study::kSubmitScript);
  fmt::print("progress:  fathom status {}\nlogs:      {}\n", shell_word(study.folder.string()),
             written.string());
  return kExitDone;
}

}  // namespace

void declare_submit(CLI::App& app, Action& action) {
  struct Flags {
    std::string folder;
    study::SlurmOptions options;
    FieldFlags fields;
    bool slurm = false, dry_run = false;
  };
  auto flags = std::make_shared<Flags>();
  app.add_option("STUDY", flags->folder,
                 "Folder of the study, on a file system that all nodes see.")
      ->required();
  app.add_flag("--slurm", flags->slurm, "Submit to Slurm, the one scheduler that is known.")
      ->required();
  flags->fields.declare(app, "What the jobs ask for", flags->options.fields());
  app.add_option(
         "--sbatch-option", flags->options.sbatch_options,
         "A further option as sbatch takes it, --sbatch-option=--qos=long; may be repeated.")
      ->type_name("text")
      ->allow_extra_args(false)
      ->group("What the jobs ask for");
  app.add_flag("--dry-run", flags->dry_run, "Write the scripts and show them; submit nothing.");
  app.footer(
      "Example:\n"
      "  fathom plan --data images/ --arch vgg16 --out study --save\n"
      "  fathom submit study --slurm --partition short --cpus 8 --memory 16 --time 04:00:00\n"
      "Writes STUDY/slurm/{prefix,units,report}.sbatch and submit.sh, and submits them: one job\n"
      "fills the frozen prefixes, an array job runs the units, one makes the report. The same\n"
      "flags go on with a study whose jobs have ended, as does: sh STUDY/slurm/submit.sh\n"
      "See docs/slurm.md.");
  action = [flags](const Invocation&) {
    flags->fields.apply(flags->options.fields());
    return submit(flags->folder, flags->options, flags->dry_run);
  };
}

}  // namespace fathom::cli
