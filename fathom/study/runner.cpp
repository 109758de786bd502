#include "fathom/study/runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "fathom/base/atomic_file.h"
#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/results/journal.h"
#include "fathom/results/worker.h"
#include "fathom/study/estimate.h"
#include "fathom/study/job_board.h"
#include "fathom/study/prefix.h"
#include "fathom/study/probe.h"
#include "fathom/study/tasks.h"
#include "fathom/study/unit_files.h"
#include "fathom/train/head_training.h"
#include "fathom/train/runtime.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

/// Does what no unit needs: what goes wrong, too little memory for example, is a warning.
template <class Work>
void try_to(const std::string& what, const Work& work) {
  try {
    work();
  } catch (const Interrupted&) {
    throw;
  } catch (const results::JobLost&) {
    throw;
  } catch (const std::exception& error) {
    log_warning("cannot {}: {}", what, train::reason_of(error));
  }
}

class Runner {
 public:
  Runner(const Plan& plan, const RunObserver& observer, const RunOptions& options)
      : plan_(plan),
        observer_(observer),
        options_(options),
        folder_(plan.options.out),
        lock_(options.leads ? results::lock_study(folder_) : nullptr),
        worker_(folder_, options.task, options.pace),
        board_(plan, options.pace),
        tasks_(plan, keep_going_) {
    clean_up();
    to_run_ = board_.count_wanted();
    result_.already_finished = board_.count_finished();
    if (options_.leads) open_journal();
  }

  RunResult run() {
    while (const Job* job = take_job()) do_job(*job);
    if (options_.prefix_only) fill_prefixes();
    conclude();
    if (!options_.leads && !refused_.empty() && result_.waiting > 0) {
      throw Error(fmt::format("{} units wait for workers with more memory: {}", result_.waiting,
                              refused_.begin()->second));
    }
    return result_;
  }

 private:
  /// The next job, claimed; null when none is left that this worker may take.
  const Job* take_job() {
    for (;; wait()) {
      board_.look();
      const auto openings = concerned(board_.openings());
      for (const JobBoard::Opening& opening : openings) {
        if (take(opening)) return opening.job;
      }
      if (openings.empty() && !must_wait()) return nullptr;
    }
  }

  bool take(const JobBoard::Opening& opening) {
    const Job& job = *opening.job;
    if (!job.is_probe()) prepare(job.architecture);  // no claim is held meanwhile
    if (is_left_to_others(job)) return false;
    open_journal();
    std::vector<std::string> units;
    for (const results::UnitKey& key : board_.wanted(job)) units.push_back(key.id());
    if (!worker_.take(job.id, opening.claim, std::move(units))) return false;
    board_.look();  // its former worker may have recorded it since
    if (board_.is_wanted(job)) return true;
    worker_.drop();
    return false;
  }

  void do_job(const Job& job) {
    try {
      job.is_probe() ? probe(job) : train(job);
    } catch (const results::JobLost& lost) {
      log_warning("{}", lost.what());
    } catch (const train::OutOfMemory& e) {
      if (options_.leads) throw;
      refuse(job.id, e);
    }
    board_.mark_tried(job);
    worker_.drop();
  }

  /// Those of some openings or occupations that this run is about.
  template <class Place>
  std::vector<Place> concerned(std::vector<Place> places) const {
    std::erase_if(places, [&](const Place& place) { return !concerns(*place.job); });
    return places;
  }

  bool concerns(const Job& job) const {
    if (is_left_to_others(job)) return false;
    if (options_.prefix_only) return job.is_probe();
    if (!options_.unit) return true;
    return std::ranges::find(job.units, plan_.units.at(*options_.unit)) != job.units.end();
  }

  /// The memory of this worker is too small for it, and that of others may not be.
  bool is_left_to_others(const Job& job) const {
    return !options_.leads && (refused_.contains(job.architecture) || refused_.contains(job.id));
  }

  bool must_wait() const {
    const auto others = concerned(board_.occupations());
    return std::ranges::any_of(others, [&](const JobBoard::Occupation& other) {
      return options_.leads || options_.unit || other.life == results::Life::unknown;
    });
  }

  /// Until it is time to look again what the others do.
  void wait() {
    std::set<std::string> whom;
    for (const JobBoard::Occupation& other : concerned(board_.occupations())) {
      whom.insert(fmt::format("{} by {}", other.job->id, results::in_words(other.worker)));
    }
    if (whom != waits_for_ && !whom.empty()) log_info("waiting for {}", fmt::join(whom, ", "));
    waits_for_ = whom;
    const Stopwatch watch;
    while (watch.seconds() < options_.pace.look_seconds()) {
      keep_going_();
      constexpr double kSlice = 0.1;
      std::this_thread::sleep_for(
          std::chrono::duration<double>(std::min(kSlice, options_.pace.look_seconds())));
    }
  }

  /// Its own journal, before its first claim. It says what the study is about where its planner,
  /// of an older version, has not.
  void open_journal() {
    if (journal_) return;
    journal_ = std::make_unique<results::Journal>(
        options_.leads ? folder_ / results::kMainJournal
                       : results::worker_journal(folder_, worker_.id()));
    if (!board_.journals().study) journal_->append(plan_.study);
  }

  void probe(const Job& job) {
    try_to("probe " + job.architecture, [&] {
      const std::vector<results::ProbeRecord> probes =
          probe_architecture(plan_, tasks_, job.architecture, keep_going_);
      worker_.confirm();
      for (const results::ProbeRecord& probe : probes) journal_->append(probe);
    });
  }

  /// Of all architectures for which memory suffices here.
  void fill_prefixes() {
    for (const results::ArchitectureSummary& architecture : plan_.study.architectures) {
      try {
        fill_prefix_for(architecture.name);
      } catch (const train::OutOfMemory& error) {
        log_warning("no frozen pass of {}: {}", architecture.name, error.what());
      }
    }
  }

  /// Gets ready, once, what all units of an architecture share: its images, network and frozen
  /// pass. Where memory is too small for them, its units fail for that, or are left to others.
  void prepare(const std::string& architecture) try {
    fill_prefix_for(architecture);
  } catch (const train::OutOfMemory& e) {
    refuse(architecture, e);
  }

  void refuse(const std::string& architecture_or_job, const train::OutOfMemory& e) {
    refused_[architecture_or_job] = e.what();
    if (!options_.leads) log_warning("{}. It is left to other workers", e.what());
  }

  /// The frozen pass, once for all units of an architecture that are to run.
  void fill_prefix_for(const std::string& architecture) {
    if (!filled_.insert(architecture).second) return;
    const std::vector<train::UnitTask> tasks =
        tasks_.of_architecture(board_.unfinished(), architecture);
    if (tasks.empty()) return;
    open_journal();
    worker_.tell("frozen pass of " + architecture);
    const FilledPrefix filled =
        fill_prefix(tasks, tasks_.cache_bytes(), first_choice(plan_, architecture, options_.leads),
                    keep_going_);
    // Of several workers those that found all stored have nothing to tell.
    if (options_.leads || filled.record.bytes > 0) journal_->append(filled.record);
    result_.prefixes.push_back(filled.record);
    if (filled.record.interrupted) throw Interrupted();
    if (!options_.leads && is_predicted(architecture)) return;
    try_to("predict the time of " + architecture, [&] { predict(tasks, filled.plan); });
  }

  bool is_predicted(const std::string& architecture) const {
    const auto& estimates = board_.journals().estimates;
    return std::ranges::find(estimates, architecture, &results::EstimateRecord::architecture) !=
           estimates.end();
  }

  /// Predicts the cost of the levels, for the report to hold against what is measured.
  void predict(const std::vector<train::UnitTask>& tasks, const PrefixPlan& prefix) {
    double seconds = 0;
    for (const LevelEstimate& level : predict_levels(tasks, prefix, keep_going_)) {
      journal_->append(results::EstimateRecord{level.key.architecture, level.key.level,
                                               level.key.train_fraction, level.cost});
      seconds += static_cast<double>(level.units) * level.cost.seconds_with_extras();
    }
    if (seconds > 0) log_info("training is predicted to take about {}", human_duration(seconds));
  }

  void train(const Job& job) {
    const std::vector<results::UnitKey> units = board_.wanted(job);
    observer_.unit_started(to_run_ - board_.count_wanted(), to_run_, units.front());
    const auto refused = refused_.find(job.architecture);
    if (refused != refused_.end()) return fail(units, refused->second);
    const std::vector<train::UnitTask> tasks = make_tasks(units);
    std::vector<train::UnitOutcome> outcomes = train_together(tasks);
    worker_.confirm();
    for (std::size_t u = 0; u < tasks.size(); ++u) keep(tasks[u], outcomes[u]);
  }

  /// Records units that cannot begin.
  void fail(const std::vector<results::UnitKey>& units, const std::string& reason) {
    worker_.confirm();
    for (const results::UnitKey& key : units) {
      results::UnitRecord unit;
      unit.key = key;
      unit.failure = reason;
      record(unit);
    }
  }

  std::vector<train::UnitTask> make_tasks(const std::vector<results::UnitKey>& keys) {
    std::vector<train::UnitTask> tasks;
    for (const results::UnitKey& key : keys) {
      remove_all_unfinished_files(unit_folder(plan_, key.id()));  // of former workers
      tasks.push_back(tasks_.make(key));
      tasks.back().checkpoint = checkpoint_file(plan_, key.id());
      tasks.back().checkpoint_seconds = plan_.options.checkpoint_seconds;
    }
    return tasks;
  }

  /// One outcome for each task. What goes wrong is their failure.
  std::vector<train::UnitOutcome> train_together(const std::vector<train::UnitTask>& tasks) {
    train::UnitObserver unit_observer;
    unit_observer.after_batch = keep_going_;
    unit_observer.after_epoch = observer_.epoch_done;
    std::vector<train::UnitOutcome> outcomes;
    try {
      if (train::is_head_only(tasks.front().key.level)) {
        return train::train_heads(tasks, unit_observer);
      }
      outcomes.push_back(train::train_unit(tasks.front(), unit_observer));
    } catch (const Interrupted&) {
      throw;
    } catch (const results::JobLost&) {
      throw;
    } catch (const std::exception& e) {
      if (!options_.leads && train::is_out_of_memory(e)) {
        throw train::OutOfMemory(
            fmt::format("cannot train {}: {}", tasks.front().key.id(), train::reason_of(e)));
      }
      for (const train::UnitTask& task : tasks) {
        outcomes.emplace_back().record.key = task.key;
        outcomes.back().record.failure = train::reason_of(e);
      }
    }
    return outcomes;
  }

  /// The unit's files, and only then its record.
  void keep(const train::UnitTask& task, train::UnitOutcome& outcome) {
    worker_.check();
    if (outcome.record.finished) write_unit_files(plan_, task, outcome);
    record(outcome.record);
    remove_quietly(task.checkpoint);
  }

  void record(results::UnitRecord& unit) {
    unit.finished_at = utc_now();
    worker_.check();
    journal_->append(unit);
    worker_.count(unit.finished);
    ++(unit.finished ? result_.finished : result_.failed);
    observer_.unit_done(unit);
  }

  /// What killed processes left: unfinished files, and checkpoints of units that were recorded.
  void clean_up() const {
    for (const char* below : {"", "claims", "workers"}) remove_unfinished_files(folder_ / below);
    for (const results::UnitKey& key : plan_.units) {
      const fs::path folder = unit_folder(plan_, key.id());
      if (board_.is_finished(key)) {
        remove_all_unfinished_files(folder);
        remove_quietly(checkpoint_file(plan_, key.id()));
      } else {
        remove_unfinished_files(folder);
      }
    }
  }

  void conclude() {
    board_.look();
    clean_up();
    result_.finished_in_all = board_.count_finished();
    result_.failed_in_all = board_.count_failed();
    for (const JobBoard::Occupation& other : board_.occupations()) {
      result_.running += board_.wanted(*other.job).size();
    }
    result_.waiting = board_.count_wanted() - result_.running;
  }

  const Plan& plan_;
  const RunObserver& observer_;
  const RunOptions& options_;
  std::function<void()> keep_going_ = [this] {
    if (observer_.should_stop()) throw Interrupted();
    if (worker_.has_lost()) worker_.check();
  };
  fs::path folder_;
  std::unique_ptr<FileLock> lock_;  ///< of who leads
  std::unique_ptr<results::Journal> journal_;
  results::Worker worker_;
  JobBoard board_;
  Tasks tasks_;
  std::map<std::string, std::string> refused_;  ///< by architecture or job: memory is too small
  std::set<std::string> filled_;                ///< architectures
  std::set<std::string> waits_for_;             ///< jobs and workers, as last told
  std::size_t to_run_ = 0;                      ///< units, when this began
  RunResult result_;
};

}  // namespace

RunResult run_plan(const Plan& plan, const RunObserver& observer, const RunOptions& options) {
  return Runner(plan, observer, options).run();
}

}  // namespace fathom::study
