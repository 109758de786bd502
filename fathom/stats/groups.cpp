#include "fathom/stats/groups.h"

#include <numeric>
#include <unordered_map>

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

}  // namespace fathom::stats
