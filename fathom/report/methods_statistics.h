// The paragraphs on figures, intervals and the comparison of depths: what results/ and stats/ did
// with the predictions of this study. The other paragraphs: methods.cpp.
#pragma once

#include <string>

#include "fathom/report/report.h"

namespace fathom::report {

/// How figures are defined where that is not plain: thresholds, classes, groups as cases.
std::string figures_sentences(const Study& study);

/// What the intervals of levels and of single trainings cover, and how they are made.
std::string intervals_sentences(const Study& study);

/// How differences are made, and the rule.
std::string comparison_sentences(const Study& study);

/// "images", or "groups of images" where the predictions name groups.
const char* cases_in_words(const Study& study);

}  // namespace fathom::report
