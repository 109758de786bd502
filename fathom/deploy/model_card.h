// What must be known about a tuned model before it may be used: what it expects, what its outputs
// mean, where it comes from and how good it was. JSON in the model's file; no LibTorch.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/base/options.h"
#include "fathom/weights/card.h"

namespace fathom::deploy {

/// Of the card's JSON; a file with a larger one is refused.
inline constexpr int kModelVersion = 1;

/// How image::resize brings every image to the input size.
inline constexpr const char* kResize =
    "to a square: area-averaging when shrinking, bilinear when enlarging";

struct ModelCard {
  std::string fathom;              ///< version that exported it
  std::int64_t input_size = 0;     ///< pixels, height and width
  std::string resize = kResize;    ///< the one way that this version knows
  std::string stain = "none";      ///< normalization of every image (image::stain_methods)
  std::string precision = "fp32";  ///< of the convolutions in the study: fp32 or bf16
  std::vector<std::string> classes;
  std::string positive;    ///< of two classes the one that counts as positive; else ""
  double temperature = 1;  ///< that the logits are divided by (stats::fit_temperature)
  /// Of two classes: the positive one's probability before the temperature from which on an image
  /// counts as positive (results::TestFigures::threshold); NaN with several.
  double threshold = std::numeric_limits<double>::quiet_NaN();
  /// The pretrained weights': architecture (torchvision's name), preprocessing, source, licence.
  weights::WeightCard weights;
  /// results::UnitKey with "unit", "best_epoch", "trained_at" and "data_fingerprint".
  Json training = Json::object();
  /// "validation": {images, auc {value, low, high}}; "test": as report::test_scores_json has it;
  /// "test_at_threshold": {intervals: by what formula, sensitivity, specificity, ppv, npv: {value,
  /// low, high}}; empty without test images.
  Json figures = Json::object();

  std::vector<Field> fields();  ///< all up to the temperature
};

Json to_json(ModelCard card);

/// Throws Error "WHERE: ..." when the card's version is newer than this program's, and on missing,
/// unknown, ill-typed and impossible fields.
ModelCard model_card_from_json(const Json& json, const std::string& where);

}  // namespace fathom::deploy
