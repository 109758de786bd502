// Everything people look at after a study, made from its journal alone: terminal table, CSV, JSON,
// one HTML page. Never includes study/, train/ or LibTorch.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/results/journal.h"
#include "fathom/results/summary.h"

namespace fathom::report {

/// A study as the report sees it. `summaries` point into `content`: not copyable.
struct Study {
  std::filesystem::path folder;
  results::JournalContent content;
  std::vector<results::LevelSummary> summaries;
  std::vector<results::Recommendation> recommendations;  ///< one per architecture, in study order

  Study() = default;
  Study(Study&&) = default;
  Study& operator=(Study&&) = default;
  Study(const Study&) = delete;
  Study& operator=(const Study&) = delete;
};

/// Reads STUDY/journal*.jsonl. Throws Error when there is none or it has no study record.
Study load_study(const std::filesystem::path& folder);

/// The table with the recommendation, for a terminal `width` columns wide.
std::string terminal_report(const Study& study, int width = 100);

/// One row per unit, finished and failed.
std::string results_csv(const Study& study);

/// Everything in the journal and everything derived from it, for programs.
Json results_json(const Study& study);

/// One self-contained page: the built web/ page with the study's data put into it.
std::string report_html(const Study& study);

/// Writes results.csv, results.json and report.html into the study's folder, each atomically.
void write_reports(const Study& study);

}  // namespace fathom::report
