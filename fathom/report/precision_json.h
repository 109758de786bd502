// Intervals as JSON, the same for results.json and for the page.
#pragma once

#include "fathom/base/json.h"
#include "fathom/results/compare.h"
#include "fathom/results/precision.h"

namespace fathom::report {

/// {low, high}; null where it is not defined.
Json interval_json(const stats::Interval& interval);

/// {mean, over_images, over_all, variance {seeds, seeds_by_images, images}}.
Json level_figure_json(const results::LevelFigure& figure);

/// valid_auc and test.CASES.FIGURE (results::kCases, stats::kFigureKinds), each as above.
Json precision_json(const results::LevelPrecision& precision);

/// CASES: {cases, groups, formula: what the intervals under "formula" are by, FIGURE: {value,
/// formula, bootstrap}}.
Json test_scores_json(const std::map<results::Cases, results::CaseScores>& scores);

/// {difference, delong, bootstrap, p_value}.
Json images_alone_json(const results::ImagesAlone& alone);

}  // namespace fathom::report
