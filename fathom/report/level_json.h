// Levels, their comparison and their intervals as JSON, the same for results.json and for the page.
#pragma once

#include "fathom/base/json.h"
#include "fathom/report/report.h"

namespace fathom::report {

/// {low, high}; null where it is not defined.
Json interval_json(const stats::Interval& interval);

/// {mean, over_images, over_all, variance {seeds, seeds_by_images, images}}.
Json level_figure_json(const results::LevelFigure& figure);

/// strategy, depth, norm_only, learning_rate, failed, the means over units of LevelSummary
/// (valid_auc to test_log_loss, seconds), precision, generalization, calibration, similarity,
/// on_pareto_front.
Json level_json(const Study& study, const results::LevelSummary& level,
                const results::LevelPrecision& precision,
                const results::LevelGeneralization& generalization);

/// The level `summary` minus the one that tunes everything, as results::to_json(); null where there
/// is none.
Json against_all_json(const Study& study, std::size_t summary);

/// Every compared level against the best: {level, good_enough, p_value, valid, test,
/// test_images_alone}; level counts from the summary `first`. Differences are {difference,
/// standard_error, freedom, low, high}; test_images_alone {difference, delong, bootstrap, p_value},
/// null with several folds.
Json compared_levels_json(const results::Comparison& comparison, std::size_t first);

/// {kind: depth | cannot_tell, headline, reasons, rule}.
Json answer_json(const results::Recommendation& recommendation);

/// CASES: {cases, groups, threshold, formula: what the intervals under "formula" are by, FIGURE:
/// {value, formula, bootstrap}}.
Json test_scores_json(const std::map<results::Cases, results::CaseScores>& scores);

}  // namespace fathom::report
