#include "fathom/study/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "fathom/base/atomic_file.h"
#include "fathom/base/clock.h"
#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/results/journal.h"
#include "fathom/results/predictions.h"
#include "fathom/study/prefix.h"
#include "fathom/study/probe.h"
#include "fathom/study/tasks.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/generalization.h"
#include "fathom/train/head_training.h"
#include "fathom/train/runtime.h"
#include "fathom/weights/seal.h"

namespace fathom::study {
namespace fs = std::filesystem;
namespace {

std::string history_csv(const std::vector<results::EpochRecord>& history) {
  std::string text =
      csv_line({"epoch", "learning_rate", "train_loss", "valid_loss", "valid_auc", "seconds"});
  for (const results::EpochRecord& e : history) {
    text += csv_line({std::to_string(e.epoch), fmt::format("{:.6g}", e.learning_rate),
                      fmt::format("{:.6g}", e.train_loss), fmt::format("{:.6g}", e.valid_loss),
                      fmt::format("{:.6g}", e.valid_auc), fmt::format("{:.3f}", e.seconds)});
  }
  return text;
}

/// The tasks of levels beside whose steps in all those few that a prediction times are nothing.
std::vector<train::UnitTask> worth_predicting(const std::vector<train::UnitTask>& tasks) {
  constexpr std::size_t kSteps = 300;
  std::map<std::string, std::size_t> steps;
  for (const train::UnitTask& task : tasks) {
    const std::size_t images = train::part_indices(*task.assignment, data::Split::train).size();
    steps[task.key.level.name] += static_cast<std::size_t>(task.options.epochs) * images /
                                  static_cast<std::size_t>(task.options.batch_size);
  }
  std::vector<train::UnitTask> worth;
  std::ranges::copy_if(tasks, std::back_inserter(worth), [&](const train::UnitTask& task) {
    return steps[task.key.level.name] >= kSteps;
  });
  return worth;
}

/// A task whose cost was predicted from timed steps, without the time to get its inputs.
struct TimedTask {
  const train::UnitTask* task = nullptr;
  results::Cost cost;
};

/// The cost of a task of the same level, which may have another number of training images.
results::Cost cost_of(const train::UnitTask& task, const TimedTask& timed,
                      const PrefixPlan& prefix) {
  const auto images = [](const train::UnitTask& one) {
    return static_cast<double>(train::part_indices(*one.assignment, data::Split::train).size());
  };
  results::Cost cost = timed.cost;
  cost.train_seconds *= images(task) / images(*timed.task);
  const double input = seconds_for_input(prefix, task);
  cost.prefix_seconds = input * train::reads_of(task);
  cost.total_seconds = cost.prefix_seconds + cost.train_seconds + cost.evaluate_seconds;
  cost.extra_seconds = cost.extra_seconds.value_or(0) + input * train::reads_beyond_test(task);
  return cost;
}

/// One estimate for each level and train_fraction of the tasks, which are of one architecture. The
/// steps of a level are timed once.
std::vector<LevelEstimate> estimate_levels(const std::vector<train::UnitTask>& tasks,
                                           const PrefixPlan& prefix,
                                           const std::function<void()>& keep_going) {
  train::UnitObserver observer;
  observer.after_batch = keep_going;
  std::vector<LevelEstimate> levels;
  std::map<std::string, TimedTask> timed;  // by level
  for (const train::UnitTask& task : tasks) {
    const auto known = std::ranges::find_if(levels, [&](const LevelEstimate& e) {
      return e.key.level == task.key.level && e.key.train_fraction == task.key.train_fraction;
    });
    if (known != levels.end()) {
      ++known->units;
      continue;
    }
    TimedTask& own = timed[task.key.level.name];
    if (!own.task) own = {&task, train::estimate_unit(task, observer)};
    levels.push_back({task.key, 1, cost_of(task, own, prefix)});
  }
  return levels;
}

/// Does what no unit needs: what goes wrong, too little memory for example, is a warning.
template <class Work>
void try_to(const std::string& what, const Work& work) {
  try {
    work();
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    log_warning("cannot {}: {}", what, train::reason_of(error));
  }
}

class Runner {
 public:
  Runner(const Plan& plan, const RunObserver& observer)
      : plan_(plan),
        observer_(observer),
        folder_(plan.options.out),
        journal_(folder_ / "journal.jsonl"),
        tasks_(plan, keep_going_) {
    for (const results::UnitRecord& unit : journal_.content().units) {
      if (unit.finished) finished_.insert(unit.key.id());
    }
    clean_up();
  }

  RunResult run() {
    const auto& recorded = journal_.content().study;
    if (!recorded || results::to_json(*recorded) != results::to_json(plan_.study)) {
      journal_.append(plan_.study);
    }
    if (plan_.options.probe_images > 0) probe_architectures();
    std::vector<results::UnitKey> pending;
    std::ranges::copy_if(plan_.units, std::back_inserter(pending),
                         [&](const auto& key) { return !finished_.contains(key.id()); });
    RunResult result;
    result.already_finished = plan_.units.size() - pending.size();
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if (finished_.contains(pending[i].id())) continue;  // with other heads, see together()
      const std::string refused = prepare(pending, pending[i].architecture);
      if (!refused.empty()) {
        fail(pending, pending[i].architecture, refused, result);
        continue;
      }
      const std::vector<train::UnitTask> tasks = make_tasks(together(pending, i));
      observer_.unit_started(result.finished + result.failed, pending.size(), pending[i]);
      std::vector<train::UnitOutcome> outcomes = train_together(tasks);
      for (std::size_t u = 0; u < tasks.size(); ++u) {
        keep(tasks[u], outcomes[u]);
        ++(outcomes[u].record.finished ? result.finished : result.failed);
      }
    }
    return result;
  }

 private:
  /// Those that the journal has not a probe of every fold of, over as many images.
  void probe_architectures() {
    for (const results::ArchitectureSummary& architecture : plan_.study.architectures) {
      const auto known = std::ranges::count_if(journal_.content().probes, [&](const auto& probe) {
        return probe.architecture == architecture.name &&
               probe.most_images == static_cast<std::size_t>(plan_.options.probe_images);
      });
      if (known == std::ssize(plan_.folds)) continue;
      try_to("probe " + architecture.name, [&] {
        for (const results::ProbeRecord& probe :
             probe_architecture(plan_, tasks_, architecture.name, keep_going_)) {
          journal_.append(probe);
        }
      });
    }
  }

  /// Gets ready, once, what all waiting units of an architecture share: its images, network and
  /// frozen pass. Where memory is too small for them, says so; else "".
  std::string prepare(const std::vector<results::UnitKey>& pending,
                      const std::string& architecture) try {
    fill_prefix_for(pending, architecture);
    return "";
  } catch (const train::OutOfMemory& e) {
    return e.what();
  }

  /// Records that the waiting units of an architecture cannot begin.
  void fail(const std::vector<results::UnitKey>& pending, const std::string& architecture,
            const std::string& reason, RunResult& result) {
    for (const results::UnitKey& key : pending) {
      if (key.architecture != architecture) continue;
      observer_.unit_started(result.finished + result.failed, pending.size(), key);
      results::UnitRecord unit;
      unit.key = key;
      unit.failure = reason;
      record(unit);
      ++result.failed;
    }
  }

  /// The frozen pass, once for all waiting units of an architecture.
  void fill_prefix_for(const std::vector<results::UnitKey>& pending,
                       const std::string& architecture) {
    if (!filled_.insert(architecture).second) return;
    const std::vector<train::UnitTask> tasks = tasks_.of_architecture(pending, architecture);
    const FilledPrefix filled =
        fill_prefix(tasks, tasks_.cache_bytes(),
                    {folder_ / fmt::format("prefix-{}.json", architecture),
                     {{"units", plan_.units.size()}, {"cache_gib", plan_.options.cache_gib}}},
                    keep_going_);
    journal_.append(filled.record);
    if (filled.record.interrupted) throw Interrupted();
    try_to("predict the time of " + architecture, [&] { predict_levels(tasks, filled.plan); });
  }

  /// Predicts the cost of the levels, for the report to hold against what is measured.
  void predict_levels(const std::vector<train::UnitTask>& tasks, const PrefixPlan& prefix) {
    if (prefix.costs.read.empty()) return;
    double seconds = 0;
    for (const LevelEstimate& level :
         estimate_levels(worth_predicting(tasks), prefix, keep_going_)) {
      journal_.append(results::EstimateRecord{level.key.architecture, level.key.level,
                                              level.key.train_fraction, level.cost});
      seconds += static_cast<double>(level.units) * level.cost.seconds_with_extras();
    }
    if (seconds > 0) log_info("training is predicted to take about {}", human_duration(seconds));
  }

  /// The units that run with `pending[i]`: a head-only unit takes all that share its features and
  /// parts along, any other runs alone.
  std::vector<results::UnitKey> together(const std::vector<results::UnitKey>& pending,
                                         std::size_t i) const {
    const results::UnitKey& first = pending[i];
    if (!train::is_head_only(first.level)) return {first};
    std::vector<results::UnitKey> group;
    std::ranges::copy_if(pending, std::back_inserter(group), [&](const results::UnitKey& key) {
      return key.architecture == first.architecture && key.fold == first.fold &&
             key.train_fraction == first.train_fraction && train::is_head_only(key.level);
    });
    return group;
  }

  fs::path checkpoint_of(const std::string& id) const {
    return folder_ / "units" / id / "checkpoint.safetensors";
  }

  /// What killed processes left: unfinished files, and checkpoints of units that were recorded.
  void clean_up() const {
    remove_unfinished_files(folder_);
    std::error_code none_yet;
    for (const auto& unit : fs::directory_iterator(folder_ / "units", none_yet)) {
      remove_unfinished_files(unit.path());
      const std::string id = unit.path().filename().string();
      if (finished_.contains(id)) remove_quietly(checkpoint_of(id));
    }
  }

  std::vector<train::UnitTask> make_tasks(const std::vector<results::UnitKey>& keys) {
    std::vector<train::UnitTask> tasks;
    for (const results::UnitKey& key : keys) {
      tasks.push_back(tasks_.make(key));
      tasks.back().checkpoint = checkpoint_of(key.id());
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
    } catch (const std::exception& e) {
      for (const train::UnitTask& task : tasks) {
        outcomes.emplace_back().record.key = task.key;
        outcomes.back().record.failure = train::reason_of(e);
      }
    }
    return outcomes;
  }

  /// The unit's files, and only then its record.
  void keep(const train::UnitTask& task, train::UnitOutcome& outcome) {
    if (outcome.record.finished) write_files(task, outcome);
    record(outcome.record);
    remove_quietly(checkpoint_of(task.key.id()));
  }

  void record(results::UnitRecord& unit) {
    unit.finished_at = utc_now();
    journal_.append(unit);
    finished_.insert(unit.key.id());
    observer_.unit_done(unit);
  }

  /// What cannot be written is no failure of the unit, which would only fail again: it stops the
  /// study.
  void write_files(const train::UnitTask& task, train::UnitOutcome& outcome) const try {
    const fs::path folder = folder_ / "units" / task.key.id();
    write_file_atomically(folder / "history.csv", history_csv(outcome.record.history));
    weights::write_sealed(folder / "best.safetensors", outcome.tuned, model_metadata(task));
    outcome.record.predictions_sha256 =
        results::write_predictions(folder / "predictions.csv", predictions_file(task, outcome));
    for (std::size_t i = 0; i < outcome.external.size(); ++i) {
      results::ExternalScores& scores = outcome.record.external[i];
      scores.predictions_sha256 =
          results::write_predictions(folder / results::external_file_name(scores.name),
                                     external_file(plan_.external[i], outcome.external[i]));
    }
  } catch (const Error& error) {
    throw Error(fmt::format(
        "{}. Nothing that was recorded before is lost: see that the disk has room and start the "
        "same command again",
        error.what()));
  }

  /// What best.safetensors needs to become a model again: it holds what was trained; the frozen
  /// rest is in the pretrained weights that it names by hash.
  std::map<std::string, std::string> model_metadata(const train::UnitTask& task) const {
    return {{"fathom.unit", results::to_json(task.key).dump()},
            {"fathom.card", weights::to_json(task.weights->card).dump()},
            {"fathom.classes", Json(plan_.dataset.classes).dump()},
            {"fathom.input_size", std::to_string(task.inputs->images().size())}};
  }

  results::PredictionsFile predictions_file(const train::UnitTask& task,
                                            const train::UnitOutcome& outcome) const {
    results::PredictionsFile file;
    file.classes = plan_.dataset.classes;
    file.valid = outcome.valid;
    file.test = outcome.test;
    const auto names = [&](data::Split part, std::string data::Sample::*name) {
      std::vector<std::string> of_part;
      for (const std::int64_t i : train::part_indices(*task.assignment, part)) {
        of_part.push_back(plan_.dataset.samples[static_cast<std::size_t>(i)].*name);
      }
      return of_part;
    };
    file.valid_images = names(data::Split::valid, &data::Sample::id);
    file.test_images = names(data::Split::test, &data::Sample::id);
    if (plan_.dataset.has_groups) {
      file.valid_groups = names(data::Split::valid, &data::Sample::group);
      file.test_groups = names(data::Split::test, &data::Sample::group);
    }
    return file;
  }

  results::PredictionsFile external_file(const data::ExternalSet& set,
                                         const stats::Predictions& predictions) const {
    results::PredictionsFile file;
    file.classes = set.dataset.classes;
    file.valid.classes = file.classes.size();
    file.test = predictions;
    for (const data::Sample& sample : set.dataset.samples) {
      file.test_images.push_back(sample.id);
      if (set.dataset.has_groups) file.test_groups.push_back(sample.group);
    }
    return file;
  }

  const Plan& plan_;
  const RunObserver& observer_;
  std::function<void()> keep_going_ = [this] {
    if (observer_.should_stop()) throw Interrupted();
  };
  fs::path folder_;
  results::Journal journal_;
  Tasks tasks_;
  std::set<std::string> finished_;
  std::set<std::string> filled_;  ///< architectures
};

}  // namespace

RunResult run_plan(const Plan& plan, const RunObserver& observer) {
  return Runner(plan, observer).run();
}

PlanEstimate estimate_plan(const Plan& plan) {
  const auto nothing = [] {};
  Tasks tasks(plan);
  PlanEstimate estimate;
  for (const results::ArchitectureSummary& architecture : plan.study.architectures) {
    const std::vector<train::UnitTask> own = tasks.of_architecture(plan.units, architecture.name);
    const PrefixPlan& prefix = estimate.prefixes[architecture.name] =
        plan_prefix(own, tasks.cache_bytes(), nothing);
    std::ranges::move(estimate_levels(own, prefix, nothing), std::back_inserter(estimate.levels));
  }
  return estimate;
}

}  // namespace fathom::study
