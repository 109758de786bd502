#include "fathom/data/inspect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/external.h"
#include "fathom/data/split_file.h"

namespace fathom::data {
namespace {

std::string look_alike_table(const Dataset& dataset) {
  std::string text = csv_line({"path", "family"});
  for (std::size_t number = 0; number < dataset.look_alikes.size(); ++number) {
    for (const std::size_t i : dataset.look_alikes[number]) {
      text += csv_line({dataset.samples[i].id, std::to_string(number + 1)});
    }
  }
  return text;
}

std::string extent_text(const Extent& extent) {
  if (extent.min == extent.max) return fmt::format("{}", extent.min);
  return fmt::format("{} to {} (median {})", extent.min, extent.max, extent.median);
}

/// The number of letters on a terminal: bytes of UTF-8 that start a letter.
std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

void describe_facts(const Inspection& inspection, std::vector<std::string>& lines) {
  for (const auto& [name, values] : inspection.facts) {
    std::vector<std::string> counted;
    for (const auto& [value, count] : values)
      counted.push_back(fmt::format("{} ({})", value, count));
    lines.push_back(fmt::format("{}: {}", name, fmt::join(counted, ", ")));
  }
}

void describe_classes(const Inspection& inspection, std::vector<std::string>& lines) {
  std::size_t width = 5;
  for (const CountedClass& entry : inspection.classes) {
    width = std::max(width, letters(entry.name));
  }
  const auto row = [&](const std::string& name, const auto&... cells) {
    std::string line = "  " + name + std::string(width - letters(name), ' ');
    ((line += fmt::format("{:>9}", cells)), ...);
    lines.push_back(line);
  };
  row("class", "images", "groups", "train", "valid", "test");
  for (const CountedClass& entry : inspection.classes) {
    row(entry.name, entry.images, inspection.groups == 0 ? "-" : std::to_string(entry.groups),
        entry.train, entry.valid, entry.test);
  }
}

void describe_sets(const std::string& what, const DuplicateSummary& found,
                   std::vector<std::string>& lines) {
  if (found.sets == 0) {
    lines.push_back(what + ": none");
    return;
  }
  lines.push_back(fmt::format("{}: {} in {}, such as {}", what, counted(found.images, "image"),
                              counted(found.sets, "set"), found.example));
  lines.push_back(fmt::format("  across train, valid and test: {}", found.across_parts));
  lines.push_back(fmt::format("  with different labels: {}", found.across_labels));
}

void describe_skipped(const std::vector<SkippedImage>& skipped, std::vector<std::string>& lines) {
  if (skipped.empty()) return;
  constexpr std::size_t kShown = 10;
  lines.push_back("left out: " + counted(skipped.size(), "file"));
  for (std::size_t i = 0; i < std::min(kShown, skipped.size()); ++i) {
    lines.push_back(fmt::format("  {}: {}", skipped[i].id, skipped[i].reason));
  }
  if (skipped.size() > kShown)
    lines.push_back(fmt::format("  and {} more", skipped.size() - kShown));
}

/// What is said of the parts in the table of classes.
std::string parts_title(const Inspection& inspection) {
  if (!inspection.split_table.empty()) {
    return fmt::format(
        "train, valid and test as {}{}:", inspection.parts_from,
        inspection.folds > 1 ? fmt::format(" (fold 1 of {})", inspection.folds) : "");
  }
  const bool given = std::ranges::any_of(inspection.classes, [](const CountedClass& entry) {
    return entry.train + entry.valid + entry.test > 0;
  });
  if (!given) return "train, valid and test cannot be cut:";
  return fmt::format("train, valid and test cannot be used as {}:", inspection.parts_from);
}

/// The parts as they were given, whatever is wrong with them; one fold of no known parts where none
/// were.
std::vector<Assignment> given_parts(const Dataset& dataset, const DataOptions& options) {
  if (options.split_file.empty() && !dataset.has_splits) return {Assignment()};
  Assignment given;
  for (const Sample& sample : dataset.samples) given.push_back(sample.split);
  if (options.split_file.empty()) return {given};
  try {
    return read_split_table(dataset, options.split_file);
  } catch (const Error&) {
    return {given};  // this is why there are no splits
  }
}

}  // namespace

Inspection inspect(const DataOptions& options) {
  Dataset dataset = open_dataset(options);
  const std::vector<image::Fingerprint> prints = scan(dataset, options.skip_bad);
  Inspection inspection;
  std::vector<Assignment> folds(1);  // no parts are known
  DataOptions lenient = options;
  lenient.strict = false;
  try {
    folds = make_splits(dataset, lenient);
    inspection.split_table = split_table(dataset, folds);
    inspection.folds = folds.size();
    inspection.fractions = describe_fractions(dataset, thin_training(dataset, options, folds));
  } catch (const Error& error) {
    inspection.split_problem = error.what();
    folds = given_parts(dataset, options);
  }
  const Assignment& assignment = folds.front();
  inspection.path = options.data;
  inspection.source = dataset.source;
  inspection.recognized = dataset.recognized;
  inspection.facts = dataset.facts;
  inspection.images = dataset.samples.size();
  inspection.groups = count_groups(dataset);
  inspection.classes = count_classes(dataset, assignment);
  inspection.sizes = measure_images(dataset);
  inspection.duplicates = summarize_duplicates(dataset, assignment);
  inspection.look_alike_table = look_alike_table(dataset);
  inspection.look_alikes = summarize_look_alikes(dataset, assignment);
  inspection.leaks = find_leaks(dataset, folds);
  inspection.skipped = dataset.skipped;
  inspection.parts_from = !options.split_file.empty() ? "the split file says"
                          : dataset.has_splits        ? "the data set says"
                                                      : "they would be cut";
  inspection.warnings = split_warnings(dataset, folds);
  for (const ExternalSet& set : open_external(lenient, dataset, prints)) {
    std::ranges::copy(set.warnings, std::back_inserter(inspection.warnings));
    std::ranges::copy(set.leaks, std::back_inserter(inspection.leaks));
  }
  inspection.dataset = std::move(dataset);
  return inspection;
}

std::vector<std::string> describe(const Inspection& inspection) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format(
      "{} ({}): {}, {} classes{}", inspection.path, inspection.source,
      counted(inspection.images, "image"), inspection.classes.size(),
      inspection.groups == 0 ? ", no groups" : ", " + counted(inspection.groups, "group")));
  lines.push_back(fmt::format("read as '{}' because {}", inspection.source, inspection.recognized));
  describe_facts(inspection, lines);
  lines.push_back(fmt::format("height {}, width {} pixels", extent_text(inspection.sizes.height),
                              extent_text(inspection.sizes.width)));
  lines.push_back(parts_title(inspection));
  describe_classes(inspection, lines);
  lines.insert(lines.end(), inspection.fractions.begin(), inspection.fractions.end());
  describe_sets("exact duplicates", inspection.duplicates, lines);
  describe_sets("images that look alike", inspection.look_alikes, lines);
  describe_skipped(inspection.skipped, lines);
  for (const std::string& warning : inspection.warnings) lines.emplace_back("warning: " + warning);
  return lines;
}

}  // namespace fathom::data
