// Weight files whose arrays may be named as Keras names them: numpy's .npz, Keras's HDF5 and
// .keras, TensorFlow.js layers-models. Internal to weights/.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "fathom/containers/file_bytes.h"
#include "fathom/weights/allocation_budget.h"
#include "fathom/weights/memory_map.h"
#include "fathom/weights/state_dict.h"

namespace fathom::weights {

// Each throws Error naming the file and what is wrong with it, and gives the weights as weights_of
// (keras.h) does.

/// A zip of named arrays (numpy.savez), under torchvision's names or Keras's.
WeightFile read_npz(const std::filesystem::path& path);

/// What model.save() and model.save_weights() of Keras 1 and 2 write. Keras's vocabulary is the
/// attributes layer_names and weight_names, in the root or, of a whole model, in "model_weights".
WeightFile read_keras_hdf5(const std::filesystem::path& path);

/// What model.save() of Keras 3 writes, a zip with the .weights.h5 and the configuration in it.
WeightFile read_keras_archive(const std::shared_ptr<const MemoryMap>& file,
                              const std::string& where);
inline constexpr const char* kKerasWeights = "model.weights.h5";  ///< the member that tells it

/// The two members that count of it: the .weights.h5 and config.json.
WeightFile read_keras_3(const std::shared_ptr<const containers::FileBytes>& weights,
                        std::string_view config, AllocationBudget& budget,
                        const std::string& where);

/// A layers-model: the description model.json, or a JavaScript module that exports it, and its
/// shards beside it, which the description names; of a module they are modules that export base64.
/// Nothing outside the description's folder is opened. Numbers may be quantized: by
/// min + scale * n from 8 or 16 bits each. Format: tfjs-core, src/io/types.ts (WeightsManifest).
WeightFile read_tensorflow_js(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace fathom::weights
