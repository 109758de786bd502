#include "fathom/study/job_board.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "fathom/results/claims.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

std::string worker_of(const fs::path& folder, const results::Claim& claim) {
  const std::string worker = results::claimant(folder, claim.job, claim.number);
  // A name for each claim that cannot be read (yet): the patience with each begins with it.
  return worker.empty() ? fmt::format("the unknown worker of {}.{}", claim.job, claim.number)
                        : worker;
}

}  // namespace

JobBoard::JobBoard(const Plan& plan, results::Pace pace)
    : plan_(plan), jobs_(list_jobs(plan)), watch_(plan.options.out, pace) {
  look();
  to_retry_ = failed_;
  sort_jobs();
}

void JobBoard::look() {
  const fs::path folder = plan_.options.out;
  claims_ = results::last_claims(folder);
  claimants_.clear();
  for (const Job& job : jobs_) {
    const auto claim = claims_.find(job.id);
    if (claim == claims_.end() || !is_wanted(job)) continue;
    const std::string worker = worker_of(folder, {job.id, claim->second, ""});
    claimants_[job.id] = worker;
    known_workers_.insert(worker);
  }
  read_all_journals();
  sort_jobs();
}

void JobBoard::read_all_journals() {
  const fs::path folder = plan_.options.out;
  std::vector<fs::path> paths = results::list_journals(folder);
  // A network file system may list a folder as it was a while ago; names that are asked for are
  // found. Without this a job that another worker has just finished might be run again.
  for (const std::string& worker : known_workers_) {
    const fs::path path = results::worker_journal(folder, worker);
    std::error_code unknown;
    if (std::ranges::find(paths, path) == paths.end() && fs::exists(path, unknown)) {
      paths.push_back(path);
    }
  }
  journals_ = results::read_journals(paths);
  finished_.clear();
  failed_.clear();
  for (const results::UnitRecord& unit : journals_.units) {
    if (unit.finished) {
      finished_.insert(unit.key.id());
    } else {
      failed_[unit.key.id()] = unit.finished_at;
    }
  }
}

void JobBoard::sort_jobs() {
  openings_.clear();
  occupations_.clear();
  for (const Job& job : jobs_) {
    if (!is_wanted(job)) continue;
    const auto claim = claims_.find(job.id);
    if (claim == claims_.end()) {
      openings_.push_back({.job = &job});
      continue;
    }
    const std::string& worker = claimants_[job.id];
    const results::Life life = watch_.look(worker);
    const results::WorkerNote& note = watch_.note(worker);
    const bool has_gone_on = !note.started_at.empty() && note.doing != job.id;
    if (life == results::Life::dead || has_gone_on) {
      openings_.push_back({&job, claim->second + 1, !has_gone_on && !note.ended});
    } else {
      occupations_.push_back({&job, note, life});
    }
  }
  std::ranges::stable_sort(openings_, {}, [](const Opening& opening) {
    return opening.worker_died ? opening.claim : 0;
  });
}

bool JobBoard::is_probed(const std::string& architecture) const {
  const auto known = std::ranges::count_if(journals_.probes, [&](const auto& probe) {
    return probe.architecture == architecture &&
           probe.most_images == static_cast<std::size_t>(plan_.options.probe_images);
  });
  return known == std::ssize(plan_.folds);
}

bool JobBoard::is_wanted(const results::UnitKey& key) const {
  const std::string id = key.id();
  if (finished_.contains(id)) return false;
  const auto failed = failed_.find(id);
  if (failed == failed_.end()) return true;
  // Another record: another worker has tried it again meanwhile.
  const auto before = to_retry_.find(id);
  return before != to_retry_.end() && before->second == failed->second;
}

std::vector<results::UnitKey> JobBoard::wanted(const Job& job) const {
  std::vector<results::UnitKey> units;
  std::ranges::copy_if(job.units, std::back_inserter(units),
                       [&](const results::UnitKey& key) { return is_wanted(key); });
  return units;
}

bool JobBoard::is_wanted(const Job& job) const {
  if (!job.is_probe()) return !wanted(job).empty();
  return !is_probed(job.architecture) && !tried_probes_.contains(job.architecture);
}

void JobBoard::mark_tried(const Job& job) {
  if (job.is_probe()) tried_probes_.insert(job.architecture);
  for (const results::UnitKey& key : job.units) to_retry_.erase(key.id());
}

std::vector<results::UnitKey> JobBoard::unfinished() const {
  std::vector<results::UnitKey> units;
  std::ranges::copy_if(plan_.units, std::back_inserter(units),
                       [&](const results::UnitKey& key) { return !is_finished(key); });
  return units;
}

std::size_t JobBoard::count_failed() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      plan_.units, [&](const results::UnitKey& key) { return has_failed(key); }));
}

std::size_t JobBoard::count_wanted() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      plan_.units, [&](const results::UnitKey& key) { return is_wanted(key); }));
}

}  // namespace fathom::study
