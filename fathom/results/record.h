// What is known about a study: the contract between running (study/) and reporting (report/).
// Plain data and its JSON; no LibTorch, no files.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/stats/intervals.h"
#include "fathom/stats/scores.h"

namespace fathom::results {

/// One depth of one architecture.
struct Level {
  std::string name;        ///< "head", "norm-only", the lowest tuned block ("fire9"), "all"
  int depth = 0;           ///< number of tuned blocks, counted from the top
  bool norm_only = false;  ///< only the affine parameters of normalization layers and the head
  bool operator==(const Level&) const = default;
};

/// Fewer tuned blocks; norm-only stands between head and the top block.
inline bool is_shallower(const Level& a, const Level& b) {
  const int a_depth = a.norm_only ? 0 : a.depth, b_depth = b.norm_only ? 0 : b.depth;
  return a_depth != b_depth ? a_depth < b_depth : a.norm_only < b.norm_only;
}

/// What tells one training from another. Two units with equal keys are the same unit.
struct UnitKey {
  std::string architecture;  ///< zoo name, "squeezenet1_1"
  std::string weights;       ///< SHA-256 of the pretrained tensors and their card
  std::string strategy = "plain";
  Level level;
  double train_fraction = 1;  ///< share of the training part that it was trained on
  int fold = 0;
  std::uint64_t seed = 0;
  double learning_rate = 0;
  std::string settings;  ///< SHA-256 of everything else that can change the result (data, training)

  bool operator==(const UnitKey&) const = default;

  /// "squeezenet1_1-fire9-f0-s1-1a2b3c4d", of a tenth of the training images
  /// "squeezenet1_1-fire9-t0.1-f0-s1-1a2b3c4d": readable, and unique by the hash of all fields.
  std::string id() const;
};

struct EpochRecord {
  int epoch = 0;  ///< from 1
  double learning_rate = 0;
  double train_loss = 0;
  double valid_loss = 0;
  double valid_auc = 0;
  double seconds = 0;
};

/// What a unit cost. FLOPs: one multiply-add counts as two; per image, over the whole network.
struct Cost {
  double prefix_seconds = 0;    ///< frozen blocks, forward only
  double train_seconds = 0;     ///< tuned blocks and head, forward, backward and optimizer
  double evaluate_seconds = 0;  ///< scoring validation and test
  double total_seconds = 0;     ///< wall time of the unit, up to its test scores
  double prefix_flops = 0;      ///< frozen forward, per image
  double forward_flops = 0;     ///< tuned blocks and head forward, per image
  double backward_flops = 0;    ///< per image
  std::int64_t trainable_parameters = 0;
  std::int64_t total_parameters = 0;
  std::int64_t peak_memory_bytes = 0;  ///< the process's resident peak up to the test scores
  /// Wall time of what the study scores and checks beyond: training images, external sets,
  /// corruptions, similarity, the freeze contract. None in older studies, where it is part of the
  /// other times and of the peak.
  std::optional<double> extra_seconds;

  /// All that a unit takes.
  double seconds_with_extras() const { return total_seconds + extra_seconds.value_or(0); }
};

/// A finished unit on some of the images that it was trained on, scored as validation images are:
/// in evaluation mode and without augmentation.
struct TrainScores {
  std::size_t images = 0;
  double auc = 0, log_loss = 0;  ///< as in stats::Scores
  bool operator==(const TrainScores&) const = default;
};

/// A finished unit on a data set of another origin.
struct ExternalScores {
  std::string name;
  stats::Scores scores;
  std::string predictions_sha256;  ///< of units/<id>/external-<name>.csv
};

/// A finished unit on test images under one corruption.
struct CorruptionScores {
  std::string corruption;
  int severity = 0;  ///< 1 to 5
  double auc = 0;
};

struct UnitRecord {
  UnitKey key;
  bool finished = false;  ///< false: failed, for the reason in `failure`
  std::string failure;
  int best_epoch = 0;                 ///< chosen on validation
  stats::Scores validation;           ///< at best_epoch
  std::optional<TrainScores> train;   ///< at best_epoch; none in older studies
  std::optional<stats::Scores> test;  ///< at best_epoch, scored once
  std::vector<ExternalScores> external;
  /// Of the images below, as they are; NaN when there are none.
  double uncorrupted_auc = std::numeric_limits<double>::quiet_NaN();
  std::vector<CorruptionScores> corruptions;
  std::string corrupted_sha256;  ///< of units/<id>/corrupted.safetensors; "" where none is
  /// CKA of the features after each block, bottom first, with those of the pretrained network, over
  /// some test images; 1 where frozen. NaN where it is not defined; empty when it was not measured.
  std::vector<double> similarity;
  std::vector<EpochRecord> history;
  Cost cost;
  std::string frozen_hash;         ///< of every frozen parameter and buffer, equal before and after
  std::string predictions_sha256;  ///< of units/<id>/predictions.csv
  std::string finished_at;         ///< UTC
};

/// What one unit of a level was predicted to cost, from a few timed steps before any ran.
struct EstimateRecord {
  std::string architecture;
  Level level;
  double train_fraction = 1;
  Cost cost;
};

/// A frozen pass that the units of one architecture share: what was stored, and its cost.
struct PrefixRecord {
  std::string architecture;
  std::vector<std::string> blocks;  ///< whose output was stored; without the head's features
  std::size_t images = 0;           ///< times views
  std::uint64_t bytes = 0;          ///< newly written
  double predicted_seconds = 0;
  double seconds = 0;        ///< wall time, with measuring and choosing
  bool interrupted = false;  ///< before all was stored; written where it is true
};

/// An AUC with its 95 % interval over images, or over groups of them; of a mean over folds, over
/// folds.
struct ProbedAuc {
  double auc = 0;
  stats::Interval interval;
};

/// What the frozen features at one boundary of a network tell about the classes.
struct ProbedBoundary {
  std::string below;           ///< the block whose output it is; "image" for the images themselves
  std::string level;           ///< the level whose tuning begins above it
  std::size_t features = 0;    ///< averaged over the positions
  double strength = 0;         ///< of the linear probe's L2 penalty, chosen on validation
  ProbedAuc validation, test;  ///< of the linear probe
  double logme = 0;
};

/// A linear probe and LogME at every boundary of one architecture's frozen network, in one fold.
struct ProbeRecord {
  std::string architecture;
  int fold = 0;                                ///< 0 in studies that are older than this field
  std::size_t most_images = 0;                 ///< of each part, as the settings say
  std::size_t train = 0, valid = 0, test = 0;  ///< images
  std::vector<ProbedBoundary> boundaries;      ///< bottom first
  double seconds = 0;                          ///< wall time, the frozen pass shared by all folds
};

/// A data set of another origin, whole.
struct ExternalSummary {
  std::string name, path, source;
  std::string fingerprint;  ///< as DataSummary's
  std::size_t images = 0;
  std::vector<std::pair<std::string, std::size_t>> classes;  ///< images of each of the study's
};

/// One class's share of the data in fold 0, with the largest of the study's train_fractions.
struct ClassCount {
  std::string name;
  std::size_t train = 0, valid = 0, test = 0;
};

/// What one of the study's train_fractions leaves to train on, in fold 0.
struct TrainingShare {
  double train_fraction = 1;
  std::vector<std::size_t> images;  ///< of each class
  bool operator==(const TrainingShare&) const = default;
};

/// Of the images as they are, before they are resized for a network. Pixels.
struct ImageSizes {
  int min_height = 0, max_height = 0, min_width = 0, max_width = 0;
  std::size_t not_square = 0;  ///< images
  bool operator==(const ImageSizes&) const = default;
};

struct DataSummary {
  std::string path;
  std::string source;
  std::string fingerprint;          ///< SHA-256 over every image's id, hash, label, group
  std::optional<ImageSizes> sizes;  ///< not in older studies
  std::string positive;             ///< class name
  std::size_t images = 0;
  std::size_t groups = 0;                 ///< 0: no group column
  std::optional<std::size_t> cut_groups;  ///< in two parts of some fold; not in older studies
  /// Images in sets of equal ones, and in sets that look alike; not in older studies.
  std::optional<std::size_t> equal_images, look_alike_images;
  std::vector<ClassCount> classes;
  std::vector<TrainingShare> shares;  ///< ascending; none in studies older than train_fractions
  std::vector<ExternalSummary> external;
  std::vector<std::string> warnings;
  std::vector<std::string> skipped;  ///< "file: reason", of unreadable images and other files
  /// Sample images, a few of each class: (class name, PNG bytes in base64).
  std::vector<std::pair<std::string, std::string>> samples;
};

struct ArchitectureSummary {
  std::string name;
  std::string title;                ///< "SqueezeNet 1.1"
  std::vector<std::string> blocks;  ///< bottom first
  /// Height and width in pixels of what images are resized to; 0: not known (older studies say it
  /// of their first architecture alone).
  int input_size = 0;
  std::vector<Level> levels;  ///< those studied, shallow first
  Json weights_card;          ///< source, licence, preprocessing
};

/// The first record of a journal: what was asked for, on what.
struct StudyRecord {
  std::string name;
  std::string command;     ///< exact command line
  std::string created_at;  ///< UTC
  Json settings;           ///< resolved, by section
  Json versions;           ///< fathom, LibTorch, compiler, processor, threads
  DataSummary data;
  std::vector<ArchitectureSummary> architectures;
  std::size_t units = 0;  ///< planned
};

// NaN and infinity become null, null becomes NaN. Reading throws Error with the path of a field
// that is missing or of another type ("unit.cost.total_seconds is missing"); unknown fields are
// passed over, and fields that studies of earlier versions lack may be missing. A train_fraction of
// 1, a probe's fold of 0 and an empty list of shares are not written, so that a unit of all
// training images is the same as before there were fractions.
Json to_json(const UnitKey& key);
UnitKey unit_key_from_json(const Json& json);
Json to_json(const UnitRecord& record);
UnitRecord unit_from_json(const Json& json);
Json to_json(const EstimateRecord& record);
EstimateRecord estimate_from_json(const Json& json);
Json to_json(const PrefixRecord& record);
PrefixRecord prefix_from_json(const Json& json);
Json to_json(const ProbeRecord& record);
ProbeRecord probe_from_json(const Json& json);
Json to_json(const StudyRecord& record);
StudyRecord study_from_json(const Json& json);

}  // namespace fathom::results
