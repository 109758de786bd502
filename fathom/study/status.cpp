#include "fathom/study/status.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <tuple>

#include "fathom/base/clock.h"
#include "fathom/base/log.h"
#include "fathom/results/journal.h"
#include "fathom/study/job_board.h"
#include "fathom/study/plan.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

using results::Life;

/// Of each worker that there has been; those of which nothing is known are watched for so long.
std::vector<WorkerStatus> watch_workers(const fs::path& folder, results::Pace pace, double seconds,
                                        const std::function<void()>& keep_going) {
  results::WorkerWatch watch(folder, pace);
  std::vector<WorkerStatus> workers;
  for (const std::string& id : results::list_workers(folder)) {
    const Life life = watch.look(id);
    workers.push_back({watch.note(id), life, std::nullopt});
  }
  const auto is_unknown = [](const WorkerStatus& worker) { return worker.life == Life::unknown; };
  if (const auto unknown = std::ranges::count_if(workers, is_unknown); unknown > 0 && seconds > 0) {
    log_info("looking whether {} worker(s) on other machines live", unknown);
  }
  const Stopwatch since;
  while (std::ranges::any_of(workers, is_unknown) && since.seconds() < seconds) {
    keep_going();
    std::this_thread::sleep_for(std::chrono::duration<double>(pace.look_seconds() / 4));
    for (WorkerStatus& worker : workers) {
      if (!is_unknown(worker)) continue;
      worker.life = watch.look(worker.note.id);
      worker.note = watch.note(worker.note.id);
    }
  }
  return workers;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// What units take, from those that are finished and from predictions.
class UnitTimes {
 public:
  explicit UnitTimes(const results::JournalContent& content) : content_(content) {
    for (const results::UnitRecord& unit : content.units) {
      if (!unit.finished) continue;
      const double seconds = unit.cost.seconds_with_extras();
      of_level_[name(unit.key.architecture, unit.key.level, unit.key.train_fraction)].push_back(
          seconds);
      of_all_.push_back(seconds);
    }
  }

  std::optional<double> seconds(const results::UnitKey& key) const {
    const auto same = of_level_.find(name(key.architecture, key.level, key.train_fraction));
    if (same != of_level_.end()) return median(same->second);
    for (const results::EstimateRecord& estimate : content_.estimates) {
      if (name(estimate.architecture, estimate.level, estimate.train_fraction) ==
          name(key.architecture, key.level, key.train_fraction)) {
        return estimate.cost.seconds_with_extras();
      }
    }
    if (of_all_.empty()) return std::nullopt;
    return median(of_all_);
  }

 private:
  using Name = std::tuple<std::string, std::string, double>;
  static Name name(const std::string& architecture, const results::Level& level, double fraction) {
    return {architecture, level.name, fraction};
  }

  const results::JournalContent& content_;
  std::map<Name, std::vector<double>> of_level_;
  std::vector<double> of_all_;
};

/// How long each unit that a worker runs has been running.
std::map<std::string, double> running_units(const JobBoard& board) {
  std::map<std::string, double> running;
  for (const JobBoard::Occupation& occupation : board.occupations()) {
    for (const results::UnitKey& key : board.wanted(*occupation.job)) {
      running[key.id()] = occupation.worker.doing_seconds;
    }
  }
  return running;
}

/// Counts the units and adds up the time that is left.
void count_units(const Plan& plan, const JobBoard& board, StudyStatus& status) {
  const std::map<std::string, double> running = running_units(board);
  const UnitTimes times(board.journals());
  double left = 0;
  bool is_known = true;
  for (const results::UnitKey& key : plan.units) {
    const auto runs = running.find(key.id());
    if (board.is_finished(key)) {
      ++status.finished;
    } else if (board.has_failed(key) && runs == running.end()) {
      ++status.failed;
    } else {
      ++(runs == running.end() ? status.waiting : status.running);
      const auto seconds = times.seconds(key);
      is_known &= seconds.has_value();
      const double done = runs == running.end() ? 0 : runs->second;
      left += std::max(seconds.value_or(0) - done, 0.0);
    }
  }
  status.units = plan.units.size();
  if (is_known) {
    status.seconds_left = left / static_cast<double>(std::max<std::size_t>(status.live_workers, 1));
  }
}

const char* life_in_words(Life life) {
  switch (life) {
    case Life::alive:
      return "alive";
    case Life::dead:
      return "ended";
    case Life::unknown:
      break;
  }
  return "silent";
}

}  // namespace

StudyStatus read_status(const fs::path& study_folder, results::Pace pace,
                        const std::function<void()>& keep_going) {
  const Plan plan = read_plan(study_folder);
  JobBoard board(plan, pace);
  StudyStatus status;
  status.name = plan.study.name;
  const bool is_over = board.occupations().empty() &&
                       board.count_finished() + board.count_failed() == plan.units.size();
  status.workers =
      watch_workers(study_folder, pace, is_over ? 0 : 1.5 * pace.beat_seconds, keep_going);
  board.look();
  const auto recorded = [](const WorkerStatus& worker) {
    return worker.note.finished + worker.note.failed;
  };
  const auto has_job = [&](const WorkerStatus& worker) {
    return std::ranges::any_of(board.occupations(), [&](const JobBoard::Occupation& occupation) {
      return occupation.worker.id == worker.note.id;
    });
  };
  std::erase_if(status.workers, [&](const WorkerStatus& worker) {
    return worker.life != Life::alive && recorded(worker) == 0 && !has_job(worker);
  });
  std::ranges::stable_partition(
      status.workers, [](const WorkerStatus& worker) { return worker.life != Life::dead; });
  for (WorkerStatus& worker : status.workers) {
    if (worker.life == Life::alive) ++status.live_workers;
    if (recorded(worker) > 0 && worker.note.seconds > 0) {
      worker.units_an_hour = static_cast<double>(recorded(worker)) / worker.note.seconds * 3600;
    }
  }
  count_units(plan, board, status);
  return status;
}

Json to_json(const StudyStatus& status) {
  Json json{{"name", status.name},
            {"units", status.units},
            {"finished", status.finished},
            {"failed", status.failed},
            {"running", status.running},
            {"waiting", status.waiting},
            {"live_workers", status.live_workers}};
  json["seconds_left"] = status.seconds_left ? Json(*status.seconds_left) : Json(nullptr);
  json["workers"] = Json::array();
  for (const WorkerStatus& worker : status.workers) {
    Json row{{"life", life_in_words(worker.life)}};
    row.update(results::to_json(worker.note));
    row["units_an_hour"] = worker.units_an_hour ? Json(*worker.units_an_hour) : Json(nullptr);
    json["workers"].push_back(std::move(row));
  }
  return json;
}

}  // namespace fathom::study
