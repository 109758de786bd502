// The LaTeX table of all figures on test.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <string_view>

#include "fathom/report/coverage.h"
#include "fathom/report/latex_levels.h"
#include "fathom/report/latex_table.h"

namespace fathom::report {
namespace {

using results::Cases;
using results::LevelSummary;
using stats::Figure;

struct TestRow {
  const char* title;
  Figure figure;
};

constexpr TestRow kOfImages[] = {
    {"AUC", Figure::auc},
    {"Average precision", Figure::average_precision},
    {"Accuracy", Figure::accuracy},
    {"Balanced accuracy", Figure::balanced_accuracy},
    {"Sensitivity", Figure::sensitivity},
    {"Specificity", Figure::specificity},
    {"PPV", Figure::ppv},
    {"NPV", Figure::npv},
    {"Sensitivity at 95\\,\\% specificity", Figure::sensitivity_at_95_specificity},
    {"F1", Figure::f1},
    {"Matthews' correlation", Figure::matthews_correlation},
    {"Cohen's kappa", Figure::cohen_kappa},
    {"Log loss", Figure::log_loss},
    {"Brier score (0 to 2)", Figure::brier_score}};

constexpr TestRow kAtThreshold[] = {{"Sensitivity", Figure::sensitivity_at_threshold},
                                    {"Specificity", Figure::specificity_at_threshold},
                                    {"PPV", Figure::ppv_at_threshold},
                                    {"NPV", Figure::npv_at_threshold}};

constexpr TestRow kOfGroups[] = {{"AUC", Figure::auc},
                                 {"Accuracy", Figure::accuracy},
                                 {"Sensitivity", Figure::sensitivity},
                                 {"Specificity", Figure::specificity},
                                 {"Sensitivity at threshold", Figure::sensitivity_at_threshold},
                                 {"Specificity at threshold", Figure::specificity_at_threshold}};

struct TestSection {
  std::string_view title;  ///< "" of the first
  Cases cases;
  std::span<const TestRow> rows;
};

constexpr TestSection kSections[] = {
    {"", Cases::images, kOfImages},
    {"At the threshold chosen on validation", Cases::images, kAtThreshold},
    {"Groups, by the mean of their images", Cases::groups_by_mean, kOfGroups},
    {"Groups, by the maximum of their images", Cases::groups_by_max, kOfGroups}};

/// The level that is shown and full tuning, where that is another one.
std::vector<std::size_t> shown_levels(const Study& study, std::size_t architecture) {
  const std::size_t chosen = study.recommendations[architecture].chosen;
  std::vector<std::size_t> levels{chosen};
  const std::optional<std::size_t> all = results::full_tuning(study.summaries, chosen);
  if (all) levels.push_back(*all);
  std::erase_if(levels, [&](std::size_t index) { return study.precisions[index].test.empty(); });
  return levels;
}

/// Under the section's title, where it has one. A figure that no level has is left out.
std::vector<std::vector<std::string>> section_rows(const Study& study, const TestSection& section,
                                                   const std::vector<std::size_t>& levels) {
  std::vector<std::vector<std::string>> rows;
  for (const TestRow& row : section.rows) {
    std::vector<std::string> cells{row.title};
    bool any = false;
    for (const std::size_t index : levels) {
      const auto found = study.precisions[index].test.find(section.cases);
      const bool has_cases = found != study.precisions[index].test.end();
      const double mean = has_cases ? found->second[row.figure].mean : NAN;
      any |= !std::isnan(mean);
      cells.push_back(has_cases ? latex_figure(mean, found->second[row.figure].widest()) : "--");
    }
    if (any) rows.push_back(std::move(cells));
  }
  if (rows.empty() || section.title.empty()) return rows;
  std::vector<std::string> title(levels.size() + 1);
  title.front() = fmt::format("\\emph{{{}}}", section.title);
  rows.insert(rows.begin(), std::move(title));
  return rows;
}

/// "PPV and NPV hold where 50 % of images are tumour." "" with several classes.
std::string prevalence_sentence(const results::DataSummary& data) {
  if (data.classes.size() != 2) return "";
  double images = 0, positives = 0;
  for (const results::ClassCount& one : data.classes) {
    images += static_cast<double>(one.test);
    if (one.name == data.positive) positives += static_cast<double>(one.test);
  }
  return fmt::format(" PPV and NPV hold where {:.3g} % of images are {}, as in the test part.",
                     100 * positives / images, data.positive);
}

}  // namespace

std::string test_table(const Study& study, std::size_t architecture) {
  const std::vector<std::size_t> levels = shown_levels(study, architecture);
  if (levels.empty()) return "";
  std::vector<std::string> titles{"Test figure"};
  for (const std::size_t index : levels) titles.push_back(level_cell(study, architecture, index));
  std::vector<std::vector<std::string>> rows;
  for (const TestSection& section : kSections) {
    std::ranges::move(section_rows(study, section, levels), std::back_inserter(rows));
  }
  const results::ArchitectureSummary& studied = study.content.study->architectures[architecture];
  const std::string over =
      mean_in_words(coverage_of(study.summaries, study.precisions, studied.name));
  const bool told =
      study.recommendations[architecture].kind == results::Recommendation::Kind::depth;
  return latex_table(
      escaped(fmt::format("Figures on test of {}, {}, at the {}{}.{}", studied.title, over,
                          told ? "recommended level" : "level with the highest validation AUC",
                          levels.size() > 1 ? " and with all blocks tuned" : "",
                          prevalence_sentence(study.content.study->data))),
      titles, rows);
}

}  // namespace fathom::report
