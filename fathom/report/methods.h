// The paragraphs on methods: what was done with the data and the statistics, from the study's
// record. Plain text; the page and LaTeX show the same.
#pragma once

#include <string>
#include <vector>

#include "fathom/report/report.h"

namespace fathom::report {

/// Complete sentences, without markup.
struct MethodsParagraph {
  std::string title;  ///< "Data"
  std::string text;
};

/// A setting as text; "" where the study's record does not have it.
std::string setting_in_words(const results::StudyRecord& study, const char* section,
                             const char* name);

/// Data; training; figures; intervals, where there are any; comparison of depths; robustness and
/// diagnostics, where there were any; sources. They say only what the record and the evidence hold,
/// and are the one place that says how intervals are made. None of a study without architectures.
std::vector<MethodsParagraph> methods_paragraphs(const Study& study);

}  // namespace fathom::report
