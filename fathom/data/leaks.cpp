#include "fathom/data/leaks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>

#include "fathom/base/error.h"

namespace fathom::data {
namespace {

std::string example_of(const Dataset& dataset, const std::vector<std::size_t>& equal) {
  return dataset.samples[equal[0]].id + ", " + dataset.samples[equal[1]].id +
         (equal.size() > 2 ? fmt::format(" and {} more", equal.size() - 2) : "");
}

void count_set(std::size_t& count, std::string& example, const std::string& found) {
  if (count++ == 0) example = found;
}

void warn_of_cut_groups(const Dataset& dataset, const Assignment& assignment,
                        std::vector<std::string>& warnings) {
  const std::vector<std::string> cut = cut_groups(dataset, assignment);
  if (cut.empty()) return;
  warnings.push_back(fmt::format(
      "Groups in more than one of train, validation and test: {} (the first: '{}'). The parts were "
      "given so, by the data set or a split file; scores are too good where images of one group "
      "are alike.",
      cut.size(), cut[0]));
}

void warn_of_duplicates(const Dataset& dataset, const Assignment& assignment,
                        std::vector<std::string>& warnings) {
  const DuplicateSummary found = summarize_duplicates(dataset, assignment);
  if (found.across_parts > 0) {
    warnings.push_back(fmt::format(
        "Sets of identical images in more than one of train, validation and test: {} (the first: "
        "{}). What was learnt by heart then counts as a success.",
        found.across_parts, found.across_parts_example));
  }
  if (found.across_labels > 0) {
    warnings.push_back(fmt::format(
        "Sets of identical images with different labels: {} (the first: {}). At least one label "
        "of each set is wrong.",
        found.across_labels, found.across_labels_example));
  }
}

void warn_of_look_alikes(const Dataset& dataset, const Assignment& assignment,
                         std::vector<std::string>& warnings) {
  const DuplicateSummary found = summarize_look_alikes(dataset, assignment);
  if (found.across_parts > 0) {
    warnings.push_back(fmt::format(
        "Sets of images that look alike (turned, mirrored or saved again) in more than one of "
        "train, validation and test: {} (the first: {}). Where they come from one picture, scores "
        "are too good: give them one group.",
        found.across_parts, found.across_parts_example));
  }
  if (found.across_labels > 0) {
    warnings.push_back(fmt::format(
        "Sets of images that look alike with different labels: {} (the first: {}). Where they come "
        "from one picture, at least one label is wrong.",
        found.across_labels, found.across_labels_example));
  }
}

std::vector<std::string> leaks_of_fold(const Dataset& dataset, const Assignment& assignment) {
  std::vector<std::string> leaks;
  warn_of_cut_groups(dataset, assignment, leaks);
  warn_of_duplicates(dataset, assignment, leaks);
  warn_of_look_alikes(dataset, assignment, leaks);
  return leaks;
}

/// The parts of the images that are in the data set.
std::set<Split> parts_of(const std::vector<std::string>& ids,
                         const std::map<std::string_view, Split>& part_of) {
  std::set<Split> parts;
  for (const std::string& id : ids) {
    const auto found = part_of.find(id);
    if (found != part_of.end() && found->second != Split::none) parts.insert(found->second);
  }
  return parts;
}

/// Whether images that may be of one patient are in two parts, or no parts are known.
bool may_be_cut(const Dataset& dataset, const GroupDoubt& doubt, const Assignment& assignment) {
  if (assignment.empty()) return true;
  std::map<std::string_view, Split> part_of;
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    part_of[dataset.samples[i].id] = assignment[i];
  }
  return std::ranges::any_of(doubt.suspects, [&](const GroupDoubt::Suspects& suspects) {
    const std::set<Split> parts = parts_of(suspects.images, part_of);
    std::set<Split> all = parts_of(suspects.others, part_of);
    all.insert(parts.begin(), parts.end());
    return !parts.empty() && all.size() > 1;
  });
}

/// Whether any fold may cut what the doubt is about.
bool may_be_cut(const Dataset& dataset, const GroupDoubt& doubt,
                const std::vector<Assignment>& folds) {
  return std::ranges::any_of(
      folds, [&](const Assignment& fold) { return may_be_cut(dataset, doubt, fold); });
}

DuplicateSummary summarize_sets(const Dataset& dataset,
                                const std::vector<std::vector<std::size_t>>& sets,
                                const Assignment& assignment) {
  DuplicateSummary summary;
  for (const std::vector<std::size_t>& alike : sets) {
    std::set<int> labels;
    std::set<Split> parts;
    for (const std::size_t i : alike) {
      labels.insert(dataset.samples[i].label);
      if (!assignment.empty() && assignment[i] != Split::none) parts.insert(assignment[i]);
    }
    const std::string example = example_of(dataset, alike);
    count_set(summary.sets, summary.example, example);
    summary.images += alike.size();
    if (parts.size() > 1) count_set(summary.across_parts, summary.across_parts_example, example);
    if (labels.size() > 1) count_set(summary.across_labels, summary.across_labels_example, example);
  }
  return summary;
}

}  // namespace

DuplicateSummary summarize_duplicates(const Dataset& dataset, const Assignment& assignment) {
  return summarize_sets(dataset, exact_duplicates(dataset), assignment);
}

DuplicateSummary summarize_look_alikes(const Dataset& dataset, const Assignment& assignment) {
  return summarize_sets(dataset, dataset.look_alikes, assignment);
}

std::vector<std::string> cut_groups(const Dataset& dataset, const Assignment& assignment) {
  std::map<std::string, std::set<Split>> parts;
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    const std::string& group = dataset.samples[i].group;
    if (!group.empty() && assignment[i] != Split::none) parts[group].insert(assignment[i]);
  }
  std::vector<std::string> cut;
  for (const auto& [group, splits] : parts) {
    if (splits.size() > 1) cut.push_back(group);
  }
  return cut;
}

std::vector<std::string> split_warnings(const Dataset& dataset,
                                        const std::vector<Assignment>& folds) {
  std::vector<std::string> warnings = dataset.cautions;
  if (!dataset.has_groups) {
    warnings.emplace_back(
        "No groups are known (no group column): images of one patient or slide may be both in "
        "training and in test, which makes the scores too good.");
  }
  const auto alone = std::ranges::count(dataset.samples, "", &Sample::group);
  if (dataset.has_groups && alone > 0) {
    warnings.push_back(fmt::format(
        "Images without a group: {} of {}. Each counts as a group of its own, so images "
        "of one patient or slide may be both in training and in test.",
        alone, dataset.samples.size()));
  }
  for (const GroupDoubt& doubt : dataset.group_doubts) {
    if (may_be_cut(dataset, doubt, folds)) continue;  // a leak
    warnings.push_back(
        doubt.text +
        " No part cuts what may be one patient's, but intervals over groups may take "
        "one patient for several.");
  }
  std::ranges::move(find_leaks(dataset, folds), std::back_inserter(warnings));
  return warnings;
}

std::vector<std::string> find_leaks(const Dataset& dataset, const std::vector<Assignment>& folds) {
  const std::vector<std::string> of_first = leaks_of_fold(dataset, folds.front());
  std::vector<std::string> all = dataset.leaks;
  for (const GroupDoubt& doubt : dataset.group_doubts) {
    if (!may_be_cut(dataset, doubt, folds)) continue;
    all.push_back(doubt.text + " A split may put one patient into training and test.");
  }
  all.insert(all.end(), of_first.begin(), of_first.end());
  for (std::size_t fold = 1; fold < folds.size(); ++fold) {
    for (const std::string& leak : leaks_of_fold(dataset, folds[fold])) {
      if (std::ranges::find(of_first, leak) != of_first.end()) continue;
      all.push_back(fmt::format("Fold {} of {}: {}", fold + 1, folds.size(), leak));
    }
  }
  return all;
}

void refuse_leaks(const std::vector<std::string>& leaks) {
  if (leaks.empty()) return;
  throw Error(fmt::format(
      "strict: this split has leaks. Correct them (one group for what belongs together; "
      "cleared_look_alikes for what only looks so), or leave out --strict to go on with warnings\n"
      "  {}",
      fmt::join(leaks, "\n  ")));
}

}  // namespace fathom::data
