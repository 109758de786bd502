#include "fathom/data/split.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <string_view>

#include "fathom/base/error.h"
#include "fathom/base/random.h"
#include "fathom/data/counts.h"
#include "fathom/data/families.h"
#include "fathom/data/leaks.h"
#include "fathom/data/partition.h"
#include "fathom/data/split_file.h"

namespace fathom::data {
namespace {

using Indices = std::vector<std::size_t>;

Indices all_of(const Dataset& dataset) {
  Indices samples(dataset.samples.size());
  std::iota(samples.begin(), samples.end(), std::size_t{0});
  return samples;
}

/// Samples that must stay together: those of one group, and those with the same pixels (also when
/// their groups differ: then these groups stay together). Without either a sample stands alone.
std::vector<Indices> collect_groups(const Dataset& dataset, const Indices& samples) {
  internal::Families families(samples.size());
  std::map<std::string_view, std::size_t> groups, pixels;
  const auto join = [&](std::map<std::string_view, std::size_t>& known, std::string_view name,
                        std::size_t member) {
    if (name.empty()) return;
    const auto [first, is_new] = known.emplace(name, member);
    if (!is_new) families.link(first->second, member);
  };
  for (std::size_t member = 0; member < samples.size(); ++member) {
    join(groups, dataset.samples[samples[member]].group, member);
    join(pixels, dataset.samples[samples[member]].hash, member);
  }
  std::vector<Indices> together = families.list();
  for (Indices& family : together) {
    for (std::size_t& member : family) member = samples[member];
  }
  return together;
}

internal::ClassCounts count_classes(const Dataset& dataset, const Indices& samples) {
  internal::ClassCounts counts(dataset.classes.size(), 0);
  for (const std::size_t i : samples) ++counts[static_cast<std::size_t>(dataset.samples[i].label)];
  return counts;
}

/// The number of groups that hold each class.
internal::ClassCounts count_holders(const Dataset& dataset, const Indices& samples) {
  internal::ClassCounts holders(dataset.classes.size(), 0);
  for (const Indices& group : collect_groups(dataset, samples)) {
    const internal::ClassCounts counts = count_classes(dataset, group);
    for (std::size_t c = 0; c < counts.size(); ++c) holders[c] += counts[c] > 0 ? 1 : 0;
  }
  return holders;
}

/// For a class of one image, which, and the class that its name may be a slip for.
std::string slip_of(const Dataset& dataset, std::size_t label) {
  if (count_classes(dataset, all_of(dataset))[label] != 1) return "";
  const auto only = std::ranges::find(dataset.samples, static_cast<int>(label), &Sample::label);
  std::vector<std::string> others = dataset.classes;
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(label));
  const std::string near = nearest_name(dataset.classes[label], others);
  return fmt::format(" ('{}'{})", only->id,
                     near.empty() ? "" : fmt::format("; is its label a slip for '{}'?", near));
}

/// What is to be known of the groups where they are why a cut is impossible.
std::string about_groups(const Dataset& dataset) {
  return dataset.about_groups.empty() ? "" : ". " + dataset.about_groups;
}

/// Throws unless every class is in at least `parts` groups of `samples`.
void check_enough(const Dataset& dataset, const Indices& samples, std::size_t parts,
                  const std::string& purpose) {
  if (samples.empty()) {
    throw Error(fmt::format(
        "no image is in the train part, which is needed for {}: the data set's own parts put all "
        "images elsewhere. Correct them, or remove them so that all parts are cut",
        purpose));
  }
  const internal::ClassCounts images = count_classes(dataset, samples);
  const internal::ClassCounts holders = count_holders(dataset, samples);
  for (std::size_t c = 0; c < images.size(); ++c) {
    if (holders[c] >= parts) continue;
    const bool alone = images[c] == holders[c] && !dataset.has_groups;
    const std::string found =
        alone ? counted(images[c], "image")
              : counted(images[c], "image") + " in " + counted(holders[c], "group") +
                    (dataset.has_groups ? "" : " (equal images are one group)");
    throw Error(fmt::format(
        "class '{}' has {}{}, too few for {}: at least {} {} needed. Add images, leave the class "
        "out, or ask for fewer folds{}",
        dataset.classes[c], found, slip_of(dataset, c), purpose, parts,
        alone ? "are" : "groups with it are", images[c] < parts ? "" : about_groups(dataset)));
  }
}

std::vector<internal::ClassCounts> count_each(const Dataset& dataset,
                                              const std::vector<Indices>& groups) {
  std::vector<internal::ClassCounts> counts;
  for (const Indices& group : groups) counts.push_back(count_classes(dataset, group));
  return counts;
}

/// Samples into parts of the given fractions, groups whole.
std::vector<Indices> cut(const Dataset& dataset, const Indices& samples,
                         const std::vector<double>& fractions, std::uint64_t seed) {
  const std::vector<Indices> groups = collect_groups(dataset, samples);
  const std::vector<std::size_t> part_of =
      internal::partition(count_each(dataset, groups), fractions, seed);
  std::vector<Indices> parts(fractions.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Indices& part = parts[part_of[g]];
    part.insert(part.end(), groups[g].begin(), groups[g].end());
  }
  return parts;
}

void assign(Assignment& assignment, const Indices& samples, Split split) {
  for (const std::size_t i : samples) assignment[i] = split;
}

Indices part_of(const Assignment& assignment, Split split) {
  Indices part;
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    if (assignment[i] == split) part.push_back(i);
  }
  return part;
}

/// What to do about a part without one of the classes.
std::string part_advice(const Dataset& dataset, const DataOptions& options) {
  if (!options.split_file.empty()) return "Correct the split file";
  if (dataset.has_splits) {
    return "Correct the data set's own parts, or remove them so that they are cut anew";
  }
  return "Whole groups do not allow it with this split_seed: try another, or fewer folds" +
         about_groups(dataset);
}

/// Throws when a part of a fold lacks a class.
void check_parts(const Dataset& dataset, const DataOptions& options, const Assignment& assignment) {
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    const internal::ClassCounts counts = count_classes(dataset, part_of(assignment, split));
    for (std::size_t label = 0; label < counts.size(); ++label) {
      if (counts[label] > 0) continue;
      throw Error(fmt::format("class '{}' has no image in the {} part. {}", dataset.classes[label],
                              split_name(split), part_advice(dataset, options)));
    }
  }
}

Indices samples_of(const Dataset& dataset, std::initializer_list<Split> splits) {
  Indices samples;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Split split = dataset.samples[i].split;
    if (std::find(splits.begin(), splits.end(), split) != splits.end()) samples.push_back(i);
  }
  return samples;
}

/// The random cuts of one data set.
class Splitter {
 public:
  Splitter(const Dataset& dataset, const DataOptions& options, std::uint64_t seed)
      : dataset_(dataset), options_(options), seed_(seed) {
    const double kept = 1 - options.valid_fraction - options.test_fraction;
    if (kept < 0.01) {
      throw Error(fmt::format(
          "valid_fraction = {} and test_fraction = {} leave nothing to train on; their sum may be "
          "at most 0.99",
          options.valid_fraction, options.test_fraction));
    }
  }

  std::vector<Assignment> single() const {
    Assignment assignment(dataset_.samples.size(), Split::none);
    for (std::size_t i = 0; i < assignment.size(); ++i) assignment[i] = dataset_.samples[i].split;
    const bool has_valid = !samples_of(dataset_, {Split::valid}).empty();
    const bool has_test = !samples_of(dataset_, {Split::test}).empty();
    if (dataset_.has_splits && has_valid && has_test) return {assignment};
    const Indices pool =
        dataset_.has_splits ? samples_of(dataset_, {Split::train}) : all_of(dataset_);
    std::vector<double> fractions = {1};
    std::vector<Split> splits = {Split::train};
    const auto add = [&](Split split, double fraction) {
      splits.push_back(split);
      fractions.push_back(fraction);
      fractions[0] -= fraction;
    };
    if (!has_valid) add(Split::valid, options_.valid_fraction);
    if (!has_test) add(Split::test, options_.test_fraction);
    check_enough(dataset_, pool, splits.size(),
                 splits.size() == 3 ? "training, validation and test" : "the parts to be cut");
    const std::vector<Indices> parts = cut(dataset_, pool, fractions, seed("single"));
    for (std::size_t p = 0; p < parts.size(); ++p) assign(assignment, parts[p], splits[p]);
    return {assignment};
  }

  std::vector<Assignment> folds() const {
    const Indices fixed_test = samples_of(dataset_, {Split::test});
    return fixed_test.empty() ? rotate_test() : rotate_validation(fixed_test);
  }

 private:
  std::size_t fold_count() const { return static_cast<std::size_t>(options_.folds); }

  std::uint64_t seed(std::string_view purpose, std::size_t fold = 0) const {
    return derive_seed(seed_, purpose, fold);
  }

  std::vector<Indices> cut_folds(const Indices& samples, std::size_t least) const {
    check_enough(dataset_, samples, std::max(fold_count(), least),
                 fmt::format("{} folds", fold_count()));
    const std::vector<double> equal(fold_count(), 1.0 / static_cast<double>(fold_count()));
    return cut(dataset_, samples, equal, seed("folds"));
  }

  std::vector<Assignment> rotate_test() const {
    const std::vector<Indices> tests = cut_folds(all_of(dataset_), 3);
    std::vector<Assignment> result;
    for (std::size_t fold = 0; fold < tests.size(); ++fold) {
      Assignment assignment(dataset_.samples.size(), Split::train);
      assign(assignment, tests[fold], Split::test);
      const Indices rest = part_of(assignment, Split::train);
      const double valid =
          std::min(0.9, options_.valid_fraction * static_cast<double>(dataset_.samples.size()) /
                            static_cast<double>(rest.size()));
      const auto parts = cut(dataset_, rest, {1 - valid, valid}, seed("validation", fold));
      assign(assignment, parts[1], Split::valid);
      result.push_back(std::move(assignment));
    }
    return result;
  }

  std::vector<Assignment> rotate_validation(const Indices& fixed_test) const {
    const Indices rest = samples_of(dataset_, {Split::train, Split::valid});
    std::vector<Assignment> result;
    for (const Indices& valid : cut_folds(rest, 2)) {
      Assignment assignment(dataset_.samples.size(), Split::train);
      assign(assignment, valid, Split::valid);
      assign(assignment, fixed_test, Split::test);
      result.push_back(std::move(assignment));
    }
    return result;
  }

  const Dataset& dataset_;
  const DataOptions& options_;
  std::uint64_t seed_;
};

bool names_all_parts(const Dataset& dataset) {
  return !samples_of(dataset, {Split::valid}).empty() &&
         !samples_of(dataset, {Split::test}).empty();
}

std::vector<Assignment> cut_repeatedly(const Dataset& dataset, const DataOptions& options) {
  if (options.repeats > 1 && options.folds == 1 && names_all_parts(dataset)) {
    throw Error(fmt::format(
        "repeats = {}: the data set names its own train, valid and test parts, so that nothing is "
        "cut anew; ask for folds too, or leave repeats at 1",
        options.repeats));
  }
  const auto first = static_cast<std::uint64_t>(options.split_seed);
  std::vector<Assignment> all;
  for (std::int64_t repeat = 0; repeat < options.repeats; ++repeat) {
    const auto number = static_cast<std::uint64_t>(repeat);
    const Splitter splitter(dataset, options,
                            repeat == 0 ? first : derive_seed(first, "repeat", number));
    std::ranges::move(options.folds > 1 ? splitter.folds() : splitter.single(),
                      std::back_inserter(all));
  }
  return all;
}

/// The parts of the split file. What else is asked for must not be passed over in silence.
std::vector<Assignment> read_given(const Dataset& dataset, const DataOptions& options) {
  std::vector<Assignment> given = read_split_table(dataset, options.split_file);
  const auto asked = static_cast<std::size_t>(options.folds * options.repeats);
  if (asked == 1 || asked == given.size()) return given;
  throw Error(fmt::format(
      "folds = {} and repeats = {} ask for {} splits, but {} has {} and nothing is cut beside it; "
      "leave folds and repeats at 1",
      options.folds, options.repeats, asked, options.split_file, given.size()));
}

/// Leaves `fraction` of the training part in it. The seed is the fold's, so that every fold keeps
/// what its own cut says.
void thin(const Dataset& dataset, double fraction, std::uint64_t seed, Assignment& assignment) {
  const Indices train = part_of(assignment, Split::train);
  check_enough(dataset, train, 2, fmt::format("a train_fraction of {}", fraction));
  const std::vector<Indices> groups = collect_groups(dataset, train);
  const std::vector<bool> kept =
      internal::nested_share(count_each(dataset, groups), fraction, seed);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (!kept[g]) assign(assignment, groups[g], Split::none);
  }
}

}  // namespace

std::vector<Assignment> make_splits(const Dataset& dataset, const DataOptions& options) {
  std::vector<Assignment> assignments =
      options.split_file.empty() ? cut_repeatedly(dataset, options) : read_given(dataset, options);
  for (const Assignment& assignment : assignments) check_parts(dataset, options, assignment);
  if (options.strict) refuse_leaks(find_leaks(dataset, assignments));
  return assignments;
}

std::map<double, std::vector<Assignment>> thin_training(const Dataset& dataset,
                                                        const DataOptions& options,
                                                        const std::vector<Assignment>& folds) {
  if (options.train_fractions.empty()) {
    throw Error("no train_fraction: say --train-fractions 1 for all training images");
  }
  std::map<double, std::vector<Assignment>> by_fraction;
  for (const double fraction : options.train_fractions) {
    const auto [thinned, is_new] = by_fraction.emplace(fraction, folds);
    if (!is_new) throw Error(fmt::format("train_fractions: {} stands twice", fraction));
    for (std::size_t fold = 0; fraction < 1 && fold < folds.size(); ++fold) {
      thin(dataset, fraction,
           derive_seed(static_cast<std::uint64_t>(options.split_seed), "thin", fold),
           thinned->second[fold]);
    }
  }
  const auto same = std::ranges::adjacent_find(
      by_fraction, [](const auto& a, const auto& b) { return a.second == b.second; });
  if (same != by_fraction.end()) {
    throw Error(fmt::format(
        "train_fractions: {} and {} leave the same training images, whole groups allow no finer "
        "steps; leave one of them out",
        same->first, std::next(same)->first));
  }
  return by_fraction;
}

std::vector<std::size_t> count_training(const Dataset& dataset, const Assignment& assignment) {
  return count_classes(dataset, part_of(assignment, Split::train));
}

std::vector<std::string> describe_fractions(
    const Dataset& dataset, const std::map<double, std::vector<Assignment>>& by_fraction) {
  std::vector<std::string> lines;
  if (by_fraction.begin()->first == 1) return lines;
  for (const auto& [fraction, folds] : by_fraction) {
    const std::vector<std::size_t> images = count_training(dataset, folds.front());
    std::vector<std::string> classes;
    for (std::size_t c = 0; c < images.size(); ++c) {
      classes.push_back(fmt::format("{} {}", dataset.classes[c], images[c]));
    }
    lines.push_back(fmt::format("train_fraction {}: {} training images ({})", fraction,
                                std::accumulate(images.begin(), images.end(), std::size_t{0}),
                                fmt::join(classes, ", ")));
  }
  return lines;
}

}  // namespace fathom::data
