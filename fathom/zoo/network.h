// A network of the zoo as LibTorch modules with the published parameter names, cut into named
// blocks.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fathom/weights/state_dict.h"
#include "fathom/zoo/architecture.h"

namespace fathom::zoo {

/// The unit of freezing. `modules` are the dotted names (below the root) of the modules it owns;
/// together the blocks own every module of the backbone exactly once.
struct Block {
  std::string name;
  std::vector<std::string> modules;
  std::function<torch::Tensor(const torch::Tensor&)> forward;
};

class Network {
 public:
  /// `root` owns all parameters under their published names. `classifier` maps the last boundary to
  /// logits; empty when only the backbone was built. `architecture` must outlive the network and
  /// name the blocks as they are. The modules' training mode and the tensors' device are the
  /// caller's business, by root().
  Network(const Architecture& architecture, std::shared_ptr<torch::nn::Module> root,
          std::vector<Block> blocks, std::int64_t feature_channels,
          std::function<torch::Tensor(const torch::Tensor&)> classifier);

  const Architecture& architecture() const { return *architecture_; }
  torch::nn::Module& root() const { return *root_; }
  const std::vector<Block>& blocks() const { return blocks_; }
  std::int64_t feature_channels() const { return feature_channels_; }  ///< of the last boundary

  /// Blocks [first, last) applied to x (N x C x H x W): boundary `first` to boundary `last`.
  torch::Tensor forward_blocks(torch::Tensor x, std::size_t first, std::size_t last) const;

  /// The published classifier's logits (N x classes) from an input batch. Only if built with it.
  torch::Tensor classify(const torch::Tensor& x) const;

  /// The modules of one block as Block::modules names them, each with all below it reachable by
  /// modules().
  std::vector<std::shared_ptr<torch::nn::Module>> block_modules(std::size_t block) const;

  /// Parameters and buffers of one block, with their full published names.
  std::vector<std::pair<std::string, torch::Tensor>> block_parameters(std::size_t block) const;
  std::vector<std::pair<std::string, torch::Tensor>> block_buffers(std::size_t block) const;

 private:
  const Architecture* architecture_;
  std::shared_ptr<torch::nn::Module> root_;
  std::vector<Block> blocks_;
  std::int64_t feature_channels_;
  std::function<torch::Tensor(const torch::Tensor&)> classifier_;
};

/// Builds the network with fresh weights. `classes`: with the published classifier of that many
/// outputs (for checks against ImageNet); without: backbone only, as studies use it. Throws Error
/// when the architecture has no form with the padding of `conventions`.
Network build_network(const Architecture& architecture,
                      std::optional<std::int64_t> classes = std::nullopt,
                      const weights::Conventions& conventions = {});

/// Copies a state dict in. Every parameter and buffer of the network must be there with its shape;
/// what the file has beyond (the classifier when only the backbone is built, InceptionV3's
/// auxiliary head) must belong to the published architecture. `num_batches_tracked` may be missing.
/// Throws Error that names the first tensors that are missing, left over, wrongly shaped or not of
/// numbers with a point; then the network is as it was. `where` names the file.
void load_weights(Network& network, const weights::StateDict& tensors, const std::string& where);

/// The backbone with the weights of a state dict, as load_weights() copies them in, that computes
/// by the conventions of their card. Throws Error as build_network() does.
Network load_network(const Architecture& architecture, const weights::StateDict& tensors,
                     const std::string& where, const weights::Conventions& conventions = {});

/// All parameters and buffers as a state dict (copies).
weights::StateDict to_state_dict(const torch::nn::Module& module);

/// One tensor each way, on the CPU; both copy; the type is kept. from_tensor throws Error on a type
/// that no weight file holds (complex, quantized).
torch::Tensor to_tensor(const weights::TensorData& data);
weights::TensorData from_tensor(const torch::Tensor& tensor);

}  // namespace fathom::zoo
