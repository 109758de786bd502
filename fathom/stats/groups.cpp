#include "fathom/stats/groups.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "fathom/base/error.h"

namespace fathom::stats {

Groups make_groups(std::span<const std::string> names) {
  Groups groups;
  std::unordered_map<std::string, std::uint32_t> known;
  for (const std::string& name : names) {
    auto index = static_cast<std::uint32_t>(groups.count);
    if (!name.empty()) index = known.try_emplace(name, index).first->second;
    if (index == groups.count) ++groups.count;
    groups.of_image.push_back(index);
  }
  return groups;
}

Groups single_images(std::size_t images) {
  Groups groups{std::vector<std::uint32_t>(images), images};
  std::iota(groups.of_image.begin(), groups.of_image.end(), 0U);
  return groups;
}

std::map<int, std::size_t> groups_of_classes(std::span<const int> labels, const Groups& groups) {
  FATHOM_CHECK(labels.size() == groups.of_image.size());
  std::set<std::pair<int, std::uint32_t>> seen;
  std::map<int, std::size_t> counts;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (seen.insert({labels[i], groups.of_image[i]}).second) ++counts[labels[i]];
  }
  return counts;
}

bool has_too_few_groups(std::span<const int> labels, const Groups& groups) {
  return std::ranges::any_of(groups_of_classes(labels, groups),
                             [](const auto& count) { return count.second < kFewestGroups; });
}

}  // namespace fathom::stats
