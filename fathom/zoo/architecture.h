// The registry of architectures: what each is called and how its blocks are named. No LibTorch;
// network.h builds them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fathom/results/record.h"

namespace fathom::zoo {

struct Architecture {
  std::string name;                 ///< torchvision's: "vgg16", "inception_v3"; or NAME-fine
  std::string title;                ///< "VGG16"
  std::string paper;                ///< citation
  std::vector<std::string> blocks;  ///< bottom first
  /// The finest blocks: what stands as NAME in `blocks` is NAME itself or NAME.0, NAME.1, ...
  std::vector<std::string> fine_blocks;
  int min_input = 32;       ///< pixels; below, a layer would have nothing to look at
  int default_input = 224;  ///< pixels
  bool has_norm = false;    ///< normalization layers, so that norm-only is a level
  /// Modules with tensors that the published network has above the backbone (classifier, auxiliary
  /// head): weight files may hold them although studies do not use them.
  std::vector<std::string> published_head;
  std::string weights_name;  ///< what cards call it: `name` without "-fine"
};

/// Every registered architecture.
const std::vector<Architecture>& architectures();

/// The registered architecture NAME, or by "NAME-fine" the same network cut into its finest blocks,
/// where it has finer ones. Throws Error with the nearest name.
const Architecture& find_architecture(const std::string& name);

/// The same network cut into its finest blocks: NAME-fine, or itself where it has none finer.
const Architecture& in_fine_blocks(const Architecture& architecture);

/// The name of the block that a finest block belongs to: "layer4" of "layer4.1".
std::string coarse_block(const std::string& fine_block);

/// All depths, shallow first: head, the top block, ..., all. Without norm-only.
std::vector<results::Level> all_levels(const Architecture& architecture);

/// Levels from what a user writes: "all" alone or beside "norm-only" = every depth; otherwise level
/// names, block names (of fine blocks "layer4" too: the lowest of them), numbers and "norm-only",
/// in any order, doubles dropped; sorted shallow first, norm-only (depth 0) after head. Throws
/// Error with the nearest name.
std::vector<results::Level> parse_levels(const Architecture& architecture,
                                         const std::vector<std::string>& depths);

}  // namespace fathom::zoo
