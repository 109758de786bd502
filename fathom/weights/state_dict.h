// Named tensors from files that are not trusted: bytes, shapes, dtypes. No LibTorch here, so that
// the readers stay small enough to be fuzzed; zoo/ turns them into tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fathom::weights {

enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };
std::size_t dtype_size(DType dtype);  ///< bytes
std::string dtype_name(DType dtype);  ///< as in safetensors: "F32"

/// One tensor: row-major, contiguous, little-endian bytes, aligned to nothing (copy, do not cast).
/// `owner` keeps them alive (a memory map or a buffer).
struct TensorData {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;

  std::int64_t elements() const;
};

/// Tensors by name, in the order of the names.
using StateDict = std::map<std::string, TensorData>;

/// Where the network that weights were trained in computes otherwise than torchvision's network of
/// the same name.
struct Conventions {
  /// "torchvision", or "tensorflow": convolutions that keep the size divided by the stride pad the
  /// odd pixel right and below, average pooling leaves the padding out of its means, and pooling
  /// without padding drops what does not fill a window.
  std::string padding = "torchvision";
  double norm_epsilon = 0;  ///< added to variances by every normalization; 0: as torchvision does
  bool operator==(const Conventions&) const = default;
};

/// What a file holds.
struct WeightFile {
  /// "safetensors", "torch zip", "torch legacy", "npz", "Keras HDF5", "Keras archive",
  /// "TensorFlow.js"
  std::string format;
  StateDict tensors;
  /// safetensors' __metadata__; "keras", "timm": which of their networks it is and what was left
  /// out; "left out": what could not be read of a Keras file of another network.
  std::map<std::string, std::string> metadata;
  /// The zoo's name of the network, "" where the format does not tell; and how it computes. A card
  /// goes before both.
  std::string architecture;
  Conventions conventions;
  /// How it may compute as well, where nothing in the file tells which of the two: then somebody
  /// must say it. Of timm's networks that have a twin named "tf_...".
  std::optional<Conventions> other_conventions = std::nullopt;
};

/// Reads any known format, told by its content and not by its name; of a TensorFlow.js layers-model
/// `path` is the description. Nothing in the file is executed. For tensors at most 8 times the
/// file's size and 64 MiB are allocated (safetensors and .pth are mapped and need nothing), for the
/// names and shapes of a .pth or a description some 100 MiB at the worst.
/// Plain state dicts and the wrappers {"state_dict": ...}, {"model": ...} are understood, whatever
/// else stands beside the tensors; a common "module." prefix is dropped. Networks of
/// keras.applications (Keras HDF5 and .keras, TensorFlow.js, npz) and of timm get torchvision's
/// names and layouts, and lose their head and what else is in the file: an optimizer, seeds. Throws
/// Error naming the file and what is wrong with it.
WeightFile read_weight_file(const std::filesystem::path& path);

/// Throws Error "WHERE: ..." naming the first tensor that holds a NaN or an infinity.
void require_finite(const StateDict& tensors, const std::string& where);

/// Writes safetensors, atomically. Tensors of wider dtypes first, as the reference writer does, so
/// that each is aligned; then in the order of their names.
void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata = {});

/// SHA-256 over names, dtypes, shapes and bytes: the identity of the numbers, whatever the format.
std::string content_hash(const StateDict& tensors);

}  // namespace fathom::weights
