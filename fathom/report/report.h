// Everything people look at after a study, made from its journal and the predictions that it
// vouches for: terminal table, CSV, JSON, LaTeX, one HTML page. Never includes study/, train/ or
// LibTorch.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/results/generalization.h"
#include "fathom/results/journal.h"
#include "fathom/results/learning_curve.h"
#include "fathom/results/precision.h"
#include "fathom/results/probes.h"
#include "fathom/results/recommend.h"

namespace fathom::report {

/// A study as the report sees it. `summaries` point into `content`: not copyable.
struct Study {
  std::filesystem::path folder;
  results::JournalContent content;
  std::vector<results::LevelSummary> summaries;
  results::Evidence evidence;
  std::vector<results::LevelPrecision> precisions;            ///< of each summary
  std::vector<results::LevelGeneralization> generalizations;  ///< the same
  /// Of each summary, minus the level that tunes everything: results::against_full_tuning().
  std::vector<std::optional<results::LevelGeneralization>> against_all;
  /// Of every train_fraction; the last is that of `summaries`.
  std::vector<results::CurvePoint> curve;
  std::size_t folds = 1;                      ///< that any record is of
  std::vector<results::ProbeSummary> probes;  ///< of the architectures that were probed
  // One per architecture, in study order.
  std::vector<results::Comparison> comparisons;
  std::vector<results::Recommendation> recommendations;

  Study() = default;
  Study(Study&&) = default;
  Study& operator=(Study&&) = default;
  Study(const Study&) = delete;
  Study& operator=(const Study&) = delete;
};

/// Reads STUDY/journal*.jsonl and the predictions files that it vouches for. Throws Error when
/// there is no journal or it has no study record.
Study load_study(const std::filesystem::path& folder);

/// The same from a journal that has been read: summaries, comparisons and recommendations are made
/// here.
/// Throws Error when it has no study record.
Study make_study(const std::filesystem::path& folder, results::JournalContent content);

/// Per architecture a table of levels, the recommended one marked, the recommendation with its
/// reasons and the transfer diagnostics; then the warnings. UTF-8, no colours; no line longer than
/// `width` columns (at least 60), for which less important columns are left out.
std::string terminal_report(const Study& study, int width = 100);

/// One row per unit, finished and failed, in the journal's order. An empty cell is a figure that is
/// not defined or was not measured. Columns:
///   unit, architecture, strategy, level, depth, norm_only, train_fraction, fold (from 0, as in
///                    unit), seed, learning_rate
///   status           finished | failed; failure: the reason
///   in_summary       yes: counted in its level's means (finished, at the learning rate that was
///                    chosen for the level with this train_fraction)
///   best_epoch, epochs
///   valid_*, test_*  auc, accuracy, balanced_accuracy, sensitivity, specificity, f1, log_loss;
///                    auc_<class>, sensitivity_<class>, specificity_<class>, f1_<class>
///   test_*           results::TestFigures, empty for units outside the summary: average_precision,
///                    ppv, npv, matthews_correlation, cohen_kappa, brier_score,
///                    sensitivity_at_95_specificity; threshold (Youden's on validation);
///                    temperature (fitted on validation), calibration_error, calibrated_error,
///                    calibrated_log_loss
///   test_*           FIGURE_low, _high (DeLong's for auc, stats::kWilsonByGroups for accuracy,
///                    sensitivity, specificity, ppv, npv), FIGURE_bootstrap_low, _high (clustered
///                    on groups, percentile; alone for sensitivity_at_95_specificity); with the
///                    value sensitivity, specificity, ppv and npv _at_threshold; and with the value
///                    the same for groups as cases, by the mean and the maximum of their images, at
///                    a threshold of their own, Youden's on validation groups: test_group_mean_*,
///                    test_group_max_*
///   train_*, external_*, uncorrupted_auc, corrupted_*   results::figures_beyond_test()
///   cka_<block>      UnitRecord::similarity, a column for each block name of any architecture
///   and the fields of results::Cost (total_seconds: results::kTimeInWords), frozen_hash,
///   predictions_sha256, finished_at
std::string results_csv(const Study& study);

/// Everything in the journal and everything derived from it, for programs:
///   study            the study record, progress {finished, failed, damaged_lines} and
///                    no_group_scores: why groups are not scored as cases, or ""
///   recommendations  one per architecture: kind depth | cannot_tell, level, strategy, best_level,
///                    rule, headline, reasons, chosen, best: indices into levels, and
///                    against_all: results::LevelGeneralization, the chosen level minus all, or
///                    null
///   comparisons      one per architecture, results::Comparison: the margin, and every compared
///                    level (an index into levels) against the best on validation and on test,
///                    with the corrected p-value of "another level is better by the margin or
///                    more", and test_images_alone, with the trainings as they are
///                    (results::ImagesAlone), null with several folds
///   levels           results::LevelSummary, units by id, means over units as {mean,
///                    standard_error, low, high, count}; precision has intervals over images too;
///                    generalization and calibration as in results/; against_all: as
///                    generalization, minus the level that tunes everything, or null
///   learning_curves  one per architecture, of a study with several train_fractions: in words, and
///                    points: its levels at each train_fraction as in levels, with the images that
///                    they were trained on in fold 0
///   estimates        results::EstimateRecord, what units were predicted to cost before they ran
///   prefixes         results::PrefixRecord, one for each run and architecture
///   probes           one per architecture that was probed, results::ProbeSummary: the fields of
///                    results::ProbeRecord, folds, scope (in words), agreement
///                    (results::ProbeAgreement) and by_fold, the records
///   units            results::UnitRecord (key.train_fraction is missing where it is 1), with id;
///                    where predictions were read, test_figures and test_intervals
/// What is not defined is null.
Json results_json(const Study& study);

/// For a paper (the plain tabular environment, no packages): per architecture tables of its levels
/// and their differences, of all test figures of the recommended level and of full tuning, of
/// generalization, robustness and calibration, of the probe of the frozen network and of where
/// tuning changed it, as far as these were measured, and the recommendation with its reasons; then
/// paragraphs that state what was done.
std::string latex_report(const Study& study);

/// One self-contained page: the built web/ page with the study's data put into it.
std::string report_html(const Study& study);

/// Writes results.csv, results.json and report.html into the study's folder, each atomically.
void write_reports(const Study& study);

}  // namespace fathom::report
