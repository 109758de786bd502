#include "fathom/data/counts.h"

#include <algorithm>
#include <functional>
#include <set>

namespace fathom::data {
namespace {

/// Among the samples that `counts`.
std::size_t count_groups_of(const Dataset& dataset,
                            const std::function<bool(const Sample&)>& counts) {
  if (!dataset.has_groups) return 0;
  std::set<std::string> named;
  std::size_t alone = 0;
  for (const Sample& sample : dataset.samples) {
    if (!counts(sample)) continue;
    if (sample.group.empty()) {
      ++alone;
    } else {
      named.insert(sample.group);
    }
  }
  return named.size() + alone;
}

Extent extent_of(std::vector<int> lengths) {
  std::ranges::sort(lengths);
  return {lengths.front(), lengths[lengths.size() / 2], lengths.back()};
}

}  // namespace

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::vector<CountedClass> count_classes(const Dataset& dataset, const Assignment& assignment) {
  std::vector<CountedClass> classes;
  for (const std::string& name : dataset.classes) classes.push_back({name});
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    CountedClass& one = classes[static_cast<std::size_t>(dataset.samples[i].label)];
    ++one.images;
    const Split split = assignment.empty() ? Split::none : assignment[i];
    one.train += split == Split::train ? 1 : 0;
    one.valid += split == Split::valid ? 1 : 0;
    one.test += split == Split::test ? 1 : 0;
  }
  for (std::size_t label = 0; label < classes.size(); ++label) {
    classes[label].groups = count_groups_of(
        dataset, [label](const Sample& sample) { return sample.label == static_cast<int>(label); });
  }
  return classes;
}

std::size_t count_groups(const Dataset& dataset) {
  return count_groups_of(dataset, [](const Sample&) { return true; });
}

ImageExtents measure_images(const Dataset& dataset) {
  std::vector<int> heights, widths;
  ImageExtents made;
  for (const Sample& sample : dataset.samples) {
    heights.push_back(sample.height);
    widths.push_back(sample.width);
    made.not_square += sample.height == sample.width ? 0 : 1;
  }
  made.height = extent_of(std::move(heights));
  made.width = extent_of(std::move(widths));
  return made;
}

}  // namespace fathom::data
