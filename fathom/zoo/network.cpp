#include "fathom/zoo/network.h"

#include "fathom/base/error.h"

namespace fathom::zoo {
namespace {

/// Tensors of a module and all below it, with `prefix` before their names.
std::vector<std::pair<std::string, torch::Tensor>> with_prefix(
    const std::string& prefix, const torch::OrderedDict<std::string, torch::Tensor>& tensors) {
  std::vector<std::pair<std::string, torch::Tensor>> named;
  for (const auto& item : tensors) named.emplace_back(prefix + "." + item.key(), item.value());
  return named;
}

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Network::Network(const Architecture& architecture, std::shared_ptr<torch::nn::Module> root,
                 std::vector<Block> blocks, std::int64_t feature_channels,
                 std::function<torch::Tensor(const torch::Tensor&)> classifier)
    : architecture_(&architecture),
      root_(std::move(root)),
      blocks_(std::move(blocks)),
      feature_channels_(feature_channels),
      classifier_(std::move(classifier)) {
  FATHOM_CHECK(blocks_.size() == architecture.blocks.size());
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    FATHOM_CHECK(blocks_[i].name == architecture.blocks[i]);
  }
}

torch::Tensor Network::forward_blocks(torch::Tensor x, std::size_t first, std::size_t last) const {
  FATHOM_CHECK(first <= last && last <= blocks_.size());
  for (std::size_t i = first; i < last; ++i) x = blocks_[i].forward(x);
  return x;
}

torch::Tensor Network::classify(const torch::Tensor& x) const {
  FATHOM_CHECK(classifier_ != nullptr);
  return classifier_(forward_blocks(x, 0, blocks_.size()));
}

std::vector<std::shared_ptr<torch::nn::Module>> Network::block_modules(std::size_t block) const {
  const auto all = root_->named_modules("", /*include_self=*/false);
  std::vector<std::shared_ptr<torch::nn::Module>> modules;
  for (const std::string& name : blocks_.at(block).modules) modules.push_back(all[name]);
  return modules;
}

std::vector<std::pair<std::string, torch::Tensor>> Network::block_parameters(
    std::size_t block) const {
  const auto modules = block_modules(block);
  std::vector<std::pair<std::string, torch::Tensor>> parameters;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    append(parameters, with_prefix(blocks_[block].modules[i], modules[i]->named_parameters()));
  }
  return parameters;
}

std::vector<std::pair<std::string, torch::Tensor>> Network::block_buffers(std::size_t block) const {
  const auto modules = block_modules(block);
  std::vector<std::pair<std::string, torch::Tensor>> buffers;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    append(buffers, with_prefix(blocks_[block].modules[i], modules[i]->named_buffers()));
  }
  return buffers;
}

}  // namespace fathom::zoo
