// What families put their networks together from: layers under their published names, and ways to
// join them. A block is nothing but a layer with a name.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace fathom::zoo {

class ConvolutionImpl;

using Forward = std::function<torch::Tensor(const torch::Tensor&)>;

/// A function of one tensor with the modules whose tensors it uses. It must not change its input.
struct Layer {
  std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>> modules;  ///< by name
  Forward forward;
  std::shared_ptr<ConvolutionImpl> ends_in;          ///< what gives the output, if a convolution
  std::shared_ptr<torch::nn::BatchNorm2dImpl> norm;  ///< the layer is nothing but this
};

/// One module; `name` may be dotted ("features.0").
template <class Module>
Layer layer(const std::string& name, const std::shared_ptr<Module>& module) {
  Layer made{{{name, module}}, [module](const torch::Tensor& x) { return module->forward(x); }};
  if constexpr (std::is_same_v<Module, ConvolutionImpl>) made.ends_in = module;
  if constexpr (std::is_same_v<Module, torch::nn::BatchNorm2dImpl>) made.norm = module;
  return made;
}
template <class Impl>
Layer layer(const std::string& name, const torch::nn::ModuleHolder<Impl>& module) {
  return layer(name, module.ptr());
}

/// Something without tensors of its own.
Layer operation(Forward forward);

/// One after another. A convolution right before a batch normalization learns of it: fold().
Layer chain(std::vector<Layer> layers);

/// Side by side on one input, channels concatenated.
Layer concatenation(std::vector<Layer> branches);

/// shortcut(x) + body(x); without a shortcut x + body(x).
Layer residual(Layer body, Layer shortcut = {});

/// The same with `prefix` and a dot before every name.
Layer under(const std::string& prefix, Layer layer);

/// Where TensorFlow pads otherwise than torchvision, and leaves padding out of means.
enum class Padding { torchvision, tensorflow };

/// TensorFlow's padding "same" of a convolution or pooling that itself pads nothing:
/// ceil(size / stride) outputs; of an odd number of pixels the last is right and below.
Layer same_padding(int kernel, int stride, double value = 0);

enum class Activation { none, relu, relu6, silu, hardswish, sigmoid, hardsigmoid };

/// In place: what comes before must have made a fresh tensor (a convolution, a normalization, a
/// sum). Works in bf16, for which LibTorch 1.13 has no backward of hardtanh on the CPU.
Layer activation(Activation kind);
Layer relu();

Layer max_pool(int kernel, int stride, int padding = 0, bool ceil_mode = false);

/// Mean over all positions: N x C x H x W to N x C.
Layer global_average();

/// LibTorch's convolution without its fresh weights: those of a network that is about to be loaded
/// would take longer to draw than to load. Holds no numbers before initialize_convolutions() or
/// load_weights().
class ConvolutionImpl : public torch::nn::Module {
 public:
  explicit ConvolutionImpl(const torch::nn::Conv2dOptions& options);

  torch::Tensor forward(const torch::Tensor& x) const;

  /// For chain(): the normalization that alone reads what this convolution gives.
  void set_norm(torch::nn::BatchNorm2d norm) { norm_ = std::move(norm); }
  const torch::nn::BatchNorm2d& norm() const { return norm_; }

  /// Takes the normalization, as it is in evaluation mode, into weight and bias; it is left out
  /// from then on.
  void fold_norm();
  bool has_folded_norm() const { return has_folded_norm_; }

  torch::Tensor weight, bias;  ///< bias: undefined where the options have none

 private:
  torch::nn::Conv2dOptions options_;
  torch::nn::BatchNorm2d norm_{nullptr};
  bool has_folded_norm_ = false;
};
TORCH_MODULE(Convolution);

/// Folds every normalization that directly follows a convolution below `root` into it: the same
/// numbers up to rounding in fewer passes over memory. Only for networks that stay in evaluation
/// mode.
void fold_norms(torch::nn::Module& root);

/// Square kernel, padding that keeps the size at stride 1, no bias.
torch::nn::Conv2dOptions conv_options(std::int64_t in, std::int64_t out, int kernel, int stride = 1,
                                      std::int64_t groups = 1);

struct NormSettings {
  double eps = 1e-5, momentum = 0.1;  ///< PyTorch's defaults
};
Layer batch_norm(const std::string& name, std::int64_t channels, const NormSettings& settings = {});

/// torchvision's Conv2dNormActivation: convolution NAME.0, normalization NAME.1, activation.
Layer conv_norm(const std::string& name, const torch::nn::Conv2dOptions& options,
                Activation kind = Activation::relu, const NormSettings& settings = {});

/// The same with TensorFlow's padding, which is another only where it halves the size.
Layer conv_norm(const std::string& name, torch::nn::Conv2dOptions options, Padding padding,
                Activation kind, const NormSettings& settings = {});

/// torchvision's BasicConv2d, of its Inception networks: NAME.conv without bias, NAME.bn, ReLU.
Layer basic_conv(const std::string& name, torch::nn::Conv2dOptions options);

/// x times a factor for each channel, computed from the means of all channels by two convolutions
/// fc1 (to `squeezed` channels, then `inner`) and fc2 (back, then `gate`): Hu et al. 2018,
/// arXiv:1709.01507, figure 1, with torchvision's names.
Layer squeeze_excitation(std::int64_t channels, std::int64_t squeezed, Activation inner,
                         Activation gate);

/// The classifier of the networks that end in one linear layer.
Layer linear_classifier(const std::string& name, std::int64_t in, std::int64_t classes,
                        double dropout = 0);

/// Fresh weights for every convolution below `root`: normal with variance 2 / fan-in, biases zero
/// (He et al. 2015, arXiv:1502.01852). LibTorch's default would shrink VGG's signal at every layer.
void initialize_convolutions(torch::nn::Module& root);

}  // namespace fathom::zoo
