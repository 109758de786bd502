// One file with all that a tuned model needs: safetensors with the network's tensors and the card.
// Not the network itself: tuned_model.h. No LibTorch.
#pragma once

#include <filesystem>
#include <string>

#include "fathom/deploy/model_card.h"
#include "fathom/weights/state_dict.h"

namespace fathom::deploy {

/// The metadata entry that holds the card.
inline constexpr const char* kModelKey = "fathom.model";

inline constexpr const char* kHeadWeight = "head.weight";  ///< classes x channels
inline constexpr const char* kHeadBias = "head.bias";

struct Model {
  ModelCard card;
  /// Those of the backbone by their published names, and the head's.
  weights::StateDict tensors;
  std::string where;  ///< its file, for errors
};

/// Writes the file atomically, with a seal.
void write_model(const std::filesystem::path& path, const Model& model);

/// Throws Error naming the file: no safetensors or a truncated one, not a model that was exported
/// (with what to do when it is a unit's part of one), damaged, of a newer version, or with a card
/// that does not hold together.
Model read_model(const std::filesystem::path& path);

}  // namespace fathom::deploy
