#include "fathom/deploy/model_file.h"

#include <fmt/format.h>

#include "fathom/base/error.h"
#include "fathom/weights/seal.h"

namespace fathom::deploy {
namespace {

/// The entry by which the tuned part of one unit is told (study/runner).
constexpr const char* kUnitKey = "fathom.unit";

Error not_a_model(const weights::WeightFile& file, const std::string& where) {
  if (file.metadata.contains(kUnitKey)) {
    return Error(fmt::format(
        "{}: only the tuned part of one training. Put the whole network into one file by 'fathom "
        "export STUDY --unit {} --out MODEL.safetensors'",
        where, std::filesystem::absolute(where).parent_path().filename().string()));
  }
  return Error(
      fmt::format("{}: not a model that fathom exported: it has no card ({}). 'fathom export STUDY "
                  "--out MODEL.safetensors' makes one",
                  where, kModelKey));
}

}  // namespace

void write_model(const std::filesystem::path& path, const Model& model) {
  weights::write_sealed(path, model.tensors, {{kModelKey, to_json(model.card).dump()}});
}

Model read_model(const std::filesystem::path& path) {
  Model model{.where = path.string()};
  weights::WeightFile file = weights::read_weight_file(path);
  const auto text = file.metadata.find(kModelKey);
  if (text == file.metadata.end()) throw not_a_model(file, model.where);
  if (!file.metadata.contains(weights::kSealKey)) {
    throw Error(fmt::format("{}: damaged: it has lost its seal ({}); export the model again",
                            model.where, weights::kSealKey));
  }
  weights::sealed_content(file, model.where, "export the model again");
  weights::require_finite(file.tensors, model.where);
  const Json json = Json::parse(text->second, nullptr, /*allow_exceptions=*/false);
  model.card = model_card_from_json(json, model.where);
  model.tensors = std::move(file.tensors);
  return model;
}

}  // namespace fathom::deploy
