#include <algorithm>
#include <charconv>
#include <optional>

#include "fathom/base/error.h"
#include "fathom/zoo/architecture.h"

namespace fathom::zoo {
namespace {

using results::Level;

Level level_at(const Architecture& architecture, int depth) {
  const int blocks = static_cast<int>(architecture.blocks.size());
  if (depth == 0) return {"head", 0, false};
  if (depth == blocks) return {"all", depth, false};
  return {architecture.blocks[static_cast<std::size_t>(blocks - depth)], depth, false};
}

/// A whole number, or nothing.
std::optional<int> parse_number(const std::string& text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::vector<std::string> allowed_names(const Architecture& architecture) {
  std::vector<std::string> allowed{"head"};
  if (architecture.has_norm) allowed.emplace_back("norm-only");
  allowed.insert(allowed.end(), architecture.blocks.rbegin(), architecture.blocks.rend());
  allowed.emplace_back("all");
  return allowed;
}

Level parse_level(const Architecture& architecture, const std::string& text) {
  const int blocks = static_cast<int>(architecture.blocks.size());
  if (text == "head") return level_at(architecture, 0);
  if (text == "all") return level_at(architecture, blocks);
  if (text == "norm-only") {
    if (architecture.has_norm) return {"norm-only", 0, true};
    throw Error("depth 'norm-only': " + architecture.title +
                " has no normalization layers; leave it out for this architecture");
  }
  if (const std::optional<int> depth = parse_number(text)) {
    if (*depth >= 0 && *depth <= blocks) return level_at(architecture, *depth);
    throw Error("depth " + text + ": " + architecture.title + " has " + std::to_string(blocks) +
                " blocks, so a depth is 0 (head) to " + std::to_string(blocks) + " (all)");
  }
  const auto block = std::ranges::find_if(architecture.blocks, [&](const std::string& name) {
    return name == text || coarse_block(name) == text;
  });
  if (block == architecture.blocks.end()) {
    if (std::ranges::find(architecture.fine_blocks, text) != architecture.fine_blocks.end()) {
      throw Error("depth '" + text + "': a fine block; it is a depth of " + architecture.name +
                  "-fine, which '--blocks fine' studies in the place of " + architecture.name);
    }
    throw unknown_name("depth for " + architecture.title, text, allowed_names(architecture));
  }
  return level_at(architecture, static_cast<int>(architecture.blocks.end() - block));
}

/// "all" means every depth when no other depth but norm-only stands beside it.
bool is_every_depth(const std::vector<std::string>& depths) {
  return std::ranges::count(depths, "all") == 1 &&
         std::ranges::all_of(depths, [](const std::string& depth) {
           return depth == "all" || depth == "norm-only";
         });
}

}  // namespace

std::vector<Level> all_levels(const Architecture& architecture) {
  std::vector<Level> levels;
  for (int depth = 0; depth <= static_cast<int>(architecture.blocks.size()); ++depth) {
    levels.push_back(level_at(architecture, depth));
  }
  return levels;
}

std::vector<Level> parse_levels(const Architecture& architecture,
                                const std::vector<std::string>& depths) {
  if (depths.empty()) {
    throw Error("no depths given for " + architecture.title +
                "; 'all' alone stands for every depth from head to all");
  }
  std::vector<std::string> named = depths;
  std::vector<Level> levels;
  if (is_every_depth(named)) {
    levels = all_levels(architecture);
    std::erase(named, "all");
  }
  for (const std::string& depth : named) {
    const Level level = parse_level(architecture, depth);
    if (std::ranges::find(levels, level) == levels.end()) levels.push_back(level);
  }
  std::ranges::sort(levels, {},
                    [](const Level& level) { return std::pair(level.depth, level.norm_only); });
  return levels;
}

}  // namespace fathom::zoo
