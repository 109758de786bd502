// What must be known about a weight set before it may be used: the card travels with the weights
// through import, study, checkpoint and export, so that preprocessing cannot be mismatched
// silently.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fathom/base/json.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights {

/// How pixels become the network's input: x = ((rgb / 255) * (high - low) + low - mean) / std,
/// channel by channel after putting them into `channels` order.
struct Preprocessing {
  std::string channels = "RGB";                     ///< "RGB" or "BGR"
  double low = 0, high = 1;                         ///< value range that 0..255 is mapped to
  std::array<double, 3> mean{0.485, 0.456, 0.406};  ///< in the order of `channels`, on that range
  std::array<double, 3> std{0.229, 0.224, 0.225};
  bool operator==(const Preprocessing&) const = default;
};

struct WeightCard {
  std::string name;          ///< "vgg16-imagenet1k-v1"
  std::string architecture;  ///< zoo name
  std::string source;        ///< publisher and address
  std::string licence;
  std::string trained_on;  ///< "ImageNet-1k"
  int input_size = 224;    ///< pixels it was trained at
  Preprocessing preprocessing;
  Conventions conventions;
  std::string file;           ///< published file name
  std::string sha256_prefix;  ///< of the published file; hex digits, as many as are known
  std::string notes;
  // Of known_cards() alone, in no JSON:
  std::string md5;           ///< of the published file, where no SHA-256 of it is stated
  std::string md5_with_top;  ///< of the file that its publisher has with the classifier
  double published_mib = 0;  ///< its size, rounded as its publisher states it; 0: not stated
};

Json to_json(const Preprocessing& preprocessing);
Json to_json(const Conventions& conventions);
Json to_json(const WeightCard& card);
/// Both throw Error "WHERE: ..." on missing, unknown, ill-typed and impossible fields. A card from
/// before there were conventions has torchvision's.
Preprocessing preprocessing_from_json(const Json& json, const std::string& where);
WeightCard card_from_json(const Json& json, const std::string& where);

/// The cards that Fathom knows by itself: published weights of the zoo's architectures. A published
/// file is one whose SHA-256 begins with the card's sha256_prefix or, where that is not stated,
/// whose MD5 is one of the card's two.
const std::vector<WeightCard>& known_cards();

/// The card that a file carries, else that of the published file it is by its checksum, with its
/// SHA-256, else nothing. Throws Error when the carried card is malformed.
std::optional<WeightCard> find_card(const WeightFile& file, const std::filesystem::path& path);

/// A weight set ready for use: every tensor and its card.
struct PretrainedWeights {
  WeightCard card;
  StateDict tensors;
  /// SHA-256 of content_hash(tensors), the preprocessing and, where they are not torchvision's, the
  /// conventions.
  std::string hash;
};

/// The metadata entry that a card travels in, as JSON.
inline constexpr const char* kCardKey = "fathom.card";

/// Folder of imported weight sets: CACHE/weights/<name>.safetensors with the card in the metadata
/// and a hash of numbers and card in "fathom.content".
class WeightStore {
 public:
  explicit WeightStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The file that the set of this name is kept in, whether it is there or not.
  std::filesystem::path file_of(const std::string& name) const;

  /// The file that load() reads for a name or file. Throws Error that says what to do when there is
  /// none.
  std::filesystem::path path_of(const std::string& name_or_file) const;

  /// The cards of all imported sets, by name. A file that cannot be read is passed over with a
  /// warning in the log.
  std::vector<WeightCard> imported() const;

  /// Copies a weight file of any readable format with its card; the same again does nothing. Throws
  /// Error when the name is taken by other numbers or another card, when it cannot be a file name,
  /// and when a tensor holds NaN or infinity.
  void import(const WeightFile& file, const WeightCard& card) const;

  /// `name_or_file`: an imported name, a Fathom safetensors file that carries its card, or a
  /// published file that is recognized by its checksum. Anything else is an Error that says to
  /// import it with a card. Throws Error too when a tensor holds NaN or infinity and when an
  /// imported file is damaged.
  PretrainedWeights load(const std::string& name_or_file) const;

 private:
  std::filesystem::path folder_;
};

/// The user's cache folder: $FATHOM_CACHE, $XDG_CACHE_HOME/fathom or ~/.cache/fathom.
std::filesystem::path default_cache_folder();

}  // namespace fathom::weights
