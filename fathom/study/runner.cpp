#include "fathom/study/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "fathom/base/atomic_file.h"
#include "fathom/base/clock.h"
#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/results/journal.h"
#include "fathom/results/predictions.h"
#include "fathom/study/data_summary.h"
#include "fathom/train/runtime.h"
#include "fathom/train/trainer.h"

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

/// Makes the tasks of a plan's units: holds the weights and the decoded images that they share.
class Tasks {
 public:
  explicit Tasks(const Plan& plan) : plan_(plan), weights_(load_weights(plan.options)) {
    for (const data::Sample& sample : plan.dataset.samples) labels_.push_back(sample.label);
  }

  train::UnitTask make(const results::UnitKey& key) {
    train::UnitTask task;
    task.key = key;
    task.architecture = &zoo::find_architecture(key.architecture);
    task.weights = &weights_.at(key.architecture);
    task.images = &images(plan_.input_size.at(key.architecture));
    task.labels = labels_;
    task.classes = plan_.dataset.classes.size();
    task.positive = positive_class(plan_.dataset, plan_.options.data);
    task.assignment = plan_.folds.at(static_cast<std::size_t>(key.fold));
    task.options = plan_.options.train;
    if (task.weights->hash != key.weights) {
      throw Error(fmt::format("the weights of {} are not those that the study was planned with",
                              key.architecture));
    }
    return task;
  }

 private:
  /// Decoded once per input size.
  const train::ImageStore& images(int size) {
    const auto found = stores_.find(size);
    if (found != stores_.end()) return found->second;
    return stores_.emplace(size, train::ImageStore(plan_.dataset, size)).first->second;
  }

  const Plan& plan_;
  std::map<std::string, weights::PretrainedWeights> weights_;
  std::map<int, train::ImageStore> stores_;
  std::vector<int> labels_;
};

class Runner {
 public:
  Runner(const Plan& plan, const RunObserver& observer)
      : plan_(plan),
        observer_(observer),
        folder_(plan.options.out),
        journal_(folder_ / "journal.jsonl"),
        tasks_(plan) {
    for (const results::UnitRecord& unit : journal_.content().units) {
      if (unit.finished) finished_.insert(unit.key.id());
    }
  }

  RunResult run() {
    const auto& recorded = journal_.content().study;
    if (!recorded || results::to_json(*recorded) != results::to_json(plan_.study)) {
      journal_.append(plan_.study);
    }
    std::vector<results::UnitKey> pending;
    std::ranges::copy_if(plan_.units, std::back_inserter(pending),
                         [&](const auto& key) { return !finished_.contains(key.id()); });
    RunResult result;
    result.already_finished = plan_.units.size() - pending.size();
    for (std::size_t i = 0; i < pending.size(); ++i) {
      observer_.unit_started(i, pending.size(), pending[i]);
      const results::UnitRecord record = run_unit(pending[i]);
      journal_.append(record);
      observer_.unit_done(record);
      ++(record.finished ? result.finished : result.failed);
    }
    return result;
  }

 private:
  results::UnitRecord run_unit(const results::UnitKey& key) {
    const train::UnitTask task = tasks_.make(key);
    results::UnitRecord record;
    try {
      record = train_and_write(task);
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& e) {
      record = {};
      record.key = key;
      record.failure = train::reason_of(e);
    }
    record.finished_at = utc_now();
    return record;
  }

  results::UnitRecord train_and_write(const train::UnitTask& task) {
    train::UnitObserver unit_observer;
    unit_observer.after_batch = [&] {
      if (observer_.should_stop()) throw Interrupted();
    };
    unit_observer.after_epoch = observer_.epoch_done;
    train::UnitOutcome outcome = train::train_unit(task, unit_observer);
    const fs::path folder = folder_ / "units" / task.key.id();
    write_file_atomically(folder / "history.csv", history_csv(outcome.record.history));
    weights::write_safetensors(folder / "best.safetensors", outcome.tuned, model_metadata(task));
    outcome.record.predictions_sha256 =
        results::write_predictions(folder / "predictions.csv", predictions_file(task, outcome));
    return outcome.record;
  }

  /// What best.safetensors needs to become a model again: it holds what was trained; the frozen
  /// rest is in the pretrained weights that it names by hash.
  std::map<std::string, std::string> model_metadata(const train::UnitTask& task) const {
    return {{"fathom.unit", results::to_json(task.key).dump()},
            {"fathom.card", weights::to_json(task.weights->card).dump()},
            {"fathom.classes", Json(plan_.dataset.classes).dump()},
            {"fathom.input_size", std::to_string(task.images->size())}};
  }

  results::PredictionsFile predictions_file(const train::UnitTask& task,
                                            const train::UnitOutcome& outcome) const {
    results::PredictionsFile file;
    file.classes = plan_.dataset.classes;
    file.valid = outcome.valid;
    file.test = outcome.test;
    const auto names = [&](data::Split part, std::string data::Sample::*name) {
      std::vector<std::string> of_part;
      for (const std::int64_t i : train::part_indices(task.assignment, part)) {
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

  const Plan& plan_;
  const RunObserver& observer_;
  fs::path folder_;
  results::Journal journal_;
  Tasks tasks_;
  std::set<std::string> finished_;
};

}  // namespace

RunResult run_plan(const Plan& plan, const RunObserver& observer) {
  return Runner(plan, observer).run();
}

std::vector<LevelEstimate> estimate_plan(const Plan& plan) {
  Tasks tasks(plan);
  std::vector<LevelEstimate> estimates;
  for (const results::UnitKey& key : plan.units) {
    const auto same_level = std::ranges::find_if(estimates, [&](const LevelEstimate& e) {
      return e.key.architecture == key.architecture && e.key.level == key.level;
    });
    if (same_level != estimates.end()) {
      ++same_level->units;
      continue;
    }
    estimates.push_back({key, 1, train::estimate_unit(tasks.make(key))});
  }
  return estimates;
}

}  // namespace fathom::study
