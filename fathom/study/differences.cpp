#include "fathom/study/differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace fathom::study {
namespace {

/// "2 changed (the first: a.png)"
std::string count_images(const char* what, const std::vector<std::string>& ids) {
  return fmt::format("{} {} (the first: {})", ids.size(), what, ids.front());
}

}  // namespace

std::vector<std::string> differences_of(const Json& before, const Json& now) {
  std::vector<std::string> differences;
  for (const auto& [section, table] : now.items()) {
    for (const auto& [key, value] : table.items()) {
      const Json old = before.at(section).value(key, Json());
      if (old != value) {
        differences.push_back(fmt::format("{} was {}, is {}", key, old.dump(), value.dump()));
      }
    }
  }
  return differences;
}

std::string difference_of_images(const data::Dataset& before, const data::Dataset& now) {
  std::map<std::string, std::string> hashes;
  for (const data::Sample& sample : before.samples) hashes[sample.id] = sample.hash;
  std::vector<std::string> changed, added, gone, parts;
  for (const data::Sample& sample : now.samples) {
    const auto old = hashes.extract(sample.id);
    if (old.empty()) {
      added.push_back(sample.id);
    } else if (old.mapped() != sample.hash) {
      changed.push_back(sample.id);
    }
  }
  for (const auto& [id, hash] : hashes) gone.push_back(id);
  if (!changed.empty()) parts.push_back(count_images("changed", changed));
  if (!gone.empty()) parts.push_back(count_images("gone", gone));
  if (!added.empty()) parts.push_back(count_images("new", added));
  return parts.empty() ? "the labels or groups of images differ"
                       : fmt::format("of the images are {}", fmt::join(parts, ", "));
}

}  // namespace fathom::study
