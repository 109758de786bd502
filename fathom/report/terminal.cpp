#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fathom/base/clock.h"
#include "fathom/report/coverage.h"
#include "fathom/report/report.h"
#include "fathom/report/text.h"
#include "fathom/report/transfer.h"
#include "fathom/results/input_sizes.h"
#include "fathom/results/words.h"

namespace fathom::report {
namespace {

using results::ArchitectureSummary;
using results::LevelSummary;
using results::Recommendation;

constexpr std::size_t kLongestList = 10;  // files or units that are named; the rest is counted

/// Builds the columns of one architecture's table row by row.
class LevelTable {
 public:
  LevelTable(const ArchitectureSummary& architecture, double seconds_of_all)
      : blocks_(architecture.blocks.size()), seconds_of_all_(seconds_of_all) {}

  /// `loss`: the difference to the best level, in words.
  void add(const LevelSummary& summary, const results::LevelPrecision& precision, const char* mark,
           std::string loss) {
    const bool pending = summary.units.empty();
    const auto or_dash = [&](std::string text) { return pending ? "-" : std::move(text); };
    const results::Level& level = summary.level;
    std::vector<std::string> cells{
        mark,
        level_name(summary),
        level.norm_only ? "norm" : fmt::format("{}/{}", level.depth, blocks_),
        or_dash(results::human_count(static_cast<double>(summary.trainable_parameters))),
        units_cell(summary),
        mean_and_error(summary.valid_auc, 3),
        std::move(loss),
        test_auc_in_words(summary, precision, 3),
        results::fixed(summary.test_accuracy.mean, 3),
        results::fixed(summary.test_balanced_accuracy.mean, 3),
        or_dash(human_duration(summary.seconds.mean)),
        results::percent(summary.seconds.mean / seconds_of_all_)};
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].cells.push_back(cells[i]);
  }

  std::string text(std::size_t width) const { return text_table(columns_, width); }

 private:
  static std::string units_cell(const LevelSummary& summary) {
    const std::string finished = std::to_string(summary.units.size());
    return summary.failed == 0 ? finished : fmt::format("{} ({} failed)", finished, summary.failed);
  }

  std::size_t blocks_;
  double seconds_of_all_;
  std::vector<TextColumn> columns_{{"", false, 100},
                                   {"level", false, 110},
                                   {"blocks", true, 60},
                                   {"trained", true, 40},
                                   {"units", true, 50},
                                   {"validation AUC", true, 100},
                                   {"to the best [95 %]", true, 60},
                                   {"test AUC [95 %]", true, 90},
                                   {"accuracy", true, 30},
                                   {"bal. acc.", true, 20},
                                   {"time", true, 70},
                                   {"of all", true, 80}};
};

/// Wall time per unit of full tuning, NaN when it was not studied.
double seconds_of_all(const Study& study, const std::string& architecture) {
  for (const LevelSummary& summary : study.summaries) {
    if (summary.architecture == architecture && summary.level.name == "all") {
      return summary.seconds.mean;
    }
  }
  return NAN;
}

std::string heading(const Study& study, std::size_t width) {
  const results::StudyRecord& record = *study.content.study;
  const results::DataSummary& data = record.data;
  std::string classes;
  for (const results::ClassCount& one : data.classes) {
    classes += (classes.empty() ? "" : ", ") + one.name;
  }
  const bool binary = data.classes.size() == 2;
  std::size_t finished = 0;
  for (const results::UnitRecord& unit : study.content.units) finished += unit.finished ? 1 : 0;
  const std::size_t done = study.content.units.size();
  std::string progress = fmt::format("{} of {} units finished", finished, record.units);
  if (done > finished) progress += fmt::format(", {} failed", done - finished);
  if (record.units > done) {
    progress +=
        fmt::format(", {} still to run: what is recommended may change", record.units - done);
  }
  return wrapped(fmt::format("{}: {} images of {} classes ({}{}), from {}", record.name,
                             data.images, data.classes.size(), classes,
                             binary ? "; positive: " + data.positive : "", data.path),
                 width, "", "  ") +
         wrapped(progress + ".", width, "", "  ");
}

std::string advice(const Recommendation& recommendation, std::size_t width) {
  const bool told = recommendation.kind == Recommendation::Kind::depth;
  std::string text = wrapped(recommendation.headline, width, told ? "▸ " : "? ", "  ");
  for (const std::string& reason : recommendation.reasons) {
    text += wrapped(reason, width, "  • ", "    ");
  }
  return text;
}

/// Validation AUC of a level minus that of the best.
std::string loss_of(const results::Comparison& comparison, std::size_t summary) {
  const auto position = comparison.position_of(summary);
  if (!position) return "-";
  if (*position == comparison.best) return "best";
  return results::difference_in_words(comparison.valid.at(*position, comparison.best), 3);
}

/// What the units of an architecture shared, over all runs of the study.
std::string frozen_pass(const Study& study, const std::string& architecture) {
  double seconds = 0;
  std::uint64_t bytes = 0;
  for (const results::PrefixRecord& prefix : study.content.prefixes) {
    if (prefix.architecture != architecture) continue;
    seconds += prefix.seconds;
    bytes += prefix.bytes;
  }
  if (seconds == 0) return "";
  return fmt::format(", beside one frozen pass for all units, {} and {:.1f} GiB of cache",
                     human_duration(seconds), static_cast<double>(bytes) / (1 << 30));
}

/// Test AUC of an architecture's levels by the number of training images; "" with one number.
std::string learning_curve(const Study& study, const std::string& architecture, std::size_t width) {
  if (study.curve.size() < 2) return "";
  std::vector<TextColumn> columns{{"level", false, 110}};
  for (const results::CurvePoint& point : study.curve) {
    const int importance = static_cast<int>(columns.size());  // the most images matter most
    columns.push_back({fmt::format("{} images", point.images), true, importance});
    const LevelSummary* best = best_level(point, architecture);
    for (const LevelSummary& level : point.summaries) {
      if (level.architecture != architecture) continue;
      if (columns.size() == 2) columns[0].cells.push_back(level_name(level));
      columns.back().cells.push_back((&level == best ? "* " : "") +
                                     mean_and_error(level.test_auc, 3));
    }
  }
  const std::string words = results::curve_in_words(study.curve, architecture);
  return "\n" + text_table(std::move(columns), width) +
         wrapped(fmt::format(
                     "test AUC by training images: mean ± standard error over {}; *: the highest "
                     "validation AUC; 95 % intervals: on the page and in results.json",
                     trainings_in_words(study.folds)),
                 width, "", "") +
         (words.empty() ? "" : wrapped(words, width, "  • ", "    "));
}

std::string section(const Study& study, std::size_t index, std::size_t width) {
  const ArchitectureSummary& architecture = study.content.study->architectures[index];
  const Recommendation& recommendation = study.recommendations[index];
  LevelTable table(architecture, seconds_of_all(study, architecture.name));
  for (std::size_t i = 0; i < study.summaries.size(); ++i) {
    if (study.summaries[i].architecture != architecture.name) continue;
    const bool recommended =
        recommendation.kind == Recommendation::Kind::depth && recommendation.chosen == i;
    table.add(study.summaries[i], study.precisions[i], recommended ? "▸" : "",
              loss_of(study.comparisons[index], i));
  }
  const std::string input = results::inputs_in_words({architecture});
  return wrapped(fmt::format("{} ({}), {} blocks{}", architecture.title, architecture.name,
                             architecture.blocks.size(),
                             input.empty() ? "" : fmt::format(", input {}", input)),
                 width, "", "  ") +
         "\n" + table.text(width) +
         wrapped(
             fmt::format(
                 "validation: mean ± standard error over {}; to the best: difference over the same "
                 "trainings and images; test: {}; time: per unit (of heads a share of their joint "
                 "run){}",
                 trainings_in_words(study.folds),
                 mean_in_words(coverage_of(study.summaries, study.precisions, architecture.name)),
                 frozen_pass(study, architecture.name)),
             width, "", "") +
         "\n" + advice(recommendation, width) + learning_curve(study, architecture.name, width) +
         transfer_text(study, index, width);
}

/// The recommended levels of several architectures next to each other.
std::string comparison(const Study& study, std::size_t width) {
  std::vector<const LevelSummary*> chosen;
  for (const Recommendation& recommendation : study.recommendations) {
    if (recommendation.kind == Recommendation::Kind::depth) {
      chosen.push_back(&study.summaries[recommendation.chosen]);
    }
  }
  if (chosen.size() < 2) return "";
  std::stable_sort(chosen.begin(), chosen.end(), [](const auto* a, const auto* b) {
    return a->valid_auc.mean > b->valid_auc.mean;
  });
  std::string text = "Between architectures, validation AUC at the recommended level: ";
  for (const LevelSummary* one : chosen) {
    text += fmt::format("{}{} at {} {} ({} per unit)", one == chosen.front() ? "" : "; ",
                        one->architecture, level_name(*one), mean_and_error(one->valid_auc, 3),
                        human_duration(one->seconds.mean));
  }
  return "\n" + wrapped(text + ".", width, "", "  ");
}

/// The first lines of a long list, and how many more there are.
std::string listed(const std::vector<std::string>& lines, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), kLongestList); ++i) {
    text += wrapped(lines[i], width, "    ", "      ");
  }
  if (lines.size() > kLongestList) {
    text += fmt::format("    and {} more, in results.json\n", lines.size() - kLongestList);
  }
  return text;
}

std::string plural(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string warnings(const Study& study, std::size_t width) {
  const results::DataSummary& data = study.content.study->data;
  std::string text;
  const auto add = [&](const std::string& line) { text += wrapped(line, width, "  • ", "    "); };
  for (const std::string& warning : data.warnings) add(warning);
  if (!data.skipped.empty()) {
    add(plural(data.skipped.size(), "file") + " left out:");
    text += listed(data.skipped, width);
  }
  std::vector<std::string> failed;
  for (const results::UnitRecord& unit : study.content.units) {
    if (!unit.finished) failed.push_back(unit.key.id() + ": " + unit.failure);
  }
  if (!failed.empty()) {
    add(plural(failed.size(), "unit") + " failed:");
    text += listed(failed, width);
  }
  if (study.content.damaged_lines > 0) {
    add(plural(study.content.damaged_lines, "line") +
        " of the journal damaged and left out; start the study again to repeat those units");
  }
  return text.empty() ? "" : "\nWarnings\n" + text;
}

}  // namespace

std::string terminal_report(const Study& study, int width) {
  const auto columns = static_cast<std::size_t>(std::max(width, 60));
  std::string text = heading(study, columns);
  for (std::size_t i = 0; i < study.recommendations.size(); ++i) {
    text += "\n" + section(study, i, columns);
  }
  return text + comparison(study, columns) + warnings(study, columns);
}

}  // namespace fathom::report
