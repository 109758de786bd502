#include "fathom/study/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "fathom/train/trainer.h"

namespace fathom::study {
namespace {

std::string job_of(const results::UnitKey& key) {
  if (!train::is_head_only(key.level)) return key.id();
  const std::string share = key.train_fraction == 1 ? "" : fmt::format("-t{}", key.train_fraction);
  return fmt::format("heads-{}{}-f{}", key.architecture, share, key.fold);
}

}  // namespace

std::vector<Job> list_jobs(const Plan& plan) {
  std::vector<Job> jobs;
  if (plan.options.probe_images > 0) {
    for (const results::ArchitectureSummary& architecture : plan.study.architectures) {
      jobs.push_back({"probe-" + architecture.name, architecture.name, {}});
    }
  }
  for (const results::UnitKey& key : plan.units) {
    const std::string id = job_of(key);
    auto known = std::ranges::find(jobs, id, &Job::id);
    if (known == jobs.end()) known = jobs.insert(jobs.end(), {id, key.architecture, {}});
    known->units.push_back(key);
  }
  return jobs;
}

}  // namespace fathom::study
