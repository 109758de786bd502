#include "fathom/zoo/convolve.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "fathom/base/error.h"

namespace fathom::zoo {
namespace {

constexpr std::int64_t kSmallPlane = 25;  // output positions of an image

using Sides = std::array<std::int64_t, 2>;  // of rows, of columns

/// The part of a kernel that is computed with, and the padding that goes with it.
struct Taps {
  Sides first, count, padding;
};

Sides sides(const torch::ExpandingArray<2>& values) { return {(*values)[0], (*values)[1]}; }

std::int64_t outputs(std::int64_t size, std::int64_t kernel, std::int64_t stride,
                     std::int64_t padding) {
  const std::int64_t room = size + 2 * padding - kernel;
  return room < 0 ? 0 : room / stride + 1;
}

/// The taps that meet a pixel at some output position; all, where leaving out the others would need
/// another padding on one side than on the other.
Taps seen_taps(const torch::Tensor& x, const torch::Tensor& weight, const Sides& stride,
               const Sides& padding) {
  Taps taps{{0, 0}, {weight.size(2), weight.size(3)}, padding};
  for (std::size_t d = 0; d < 2; ++d) {
    const std::int64_t size = x.size(2 + static_cast<std::int64_t>(d)), kernel = taps.count[d];
    const std::int64_t wanted = outputs(size, kernel, stride[d], padding[d]);
    const std::int64_t first = std::max<std::int64_t>(0, padding[d] - (wanted - 1) * stride[d]);
    const std::int64_t last = std::min(kernel - 1, size - 1 + padding[d]);
    const std::int64_t count = last - first + 1, rest = padding[d] - first;
    if (wanted < 1 || count < 1 || rest < 0) continue;
    if (outputs(size, count, stride[d], rest) != wanted) continue;
    taps.first[d] = first;
    taps.count[d] = count;
    taps.padding[d] = rest;
  }
  return taps;
}

torch::Tensor only(const Taps& taps, const torch::Tensor& weight) {
  if (weight.size(2) == taps.count[0] && weight.size(3) == taps.count[1]) return weight;
  return weight.narrow(2, taps.first[0], taps.count[0]).narrow(3, taps.first[1], taps.count[1]);
}

/// dy: N x K x H' x W', x: N x C x H x W, both channels-last. Row p of `gathered` holds what the
/// taps meet at position p, in the order of a channels-last kernel: the gradient of the taps is the
/// transposed dy times it.
torch::Tensor taps_gradient(const torch::Tensor& dy, const torch::Tensor& x, const Taps& taps,
                            const Sides& stride) {
  const std::int64_t channels = x.size(1);
  const auto [height, width] = taps.count;
  const auto [above, left] = taps.padding;
  torch::Tensor pixels = x.permute({0, 2, 3, 1});
  if (above > 0 || left > 0) {
    pixels = torch::constant_pad_nd(pixels, {0, 0, left, left, above, above});
  }
  const auto step = pixels.strides();
  const torch::Tensor gathered =
      pixels
          .as_strided({x.size(0), dy.size(2), dy.size(3), height, width, channels},
                      {step[0], step[1] * stride[0], step[2] * stride[1], step[1], step[2], 1})
          .reshape({-1, height * width * channels});
  const torch::Tensor rows = dy.permute({0, 2, 3, 1}).reshape({-1, dy.size(1)});
  const torch::Tensor product = torch::mm(rows.t(), gathered);
  // Of one tap the strides are those that weights in either layout have.
  if (height * width == 1) return product.view({dy.size(1), channels, 1, 1});
  return product.view({dy.size(1), height, width, channels}).permute({0, 3, 1, 2});
}

std::vector<std::int64_t> saved(const Sides& values) { return {values[0], values[1]}; }

Sides restored(const c10::IValue& value) {
  const std::vector<std::int64_t> values = value.toIntVector();
  return {values[0], values[1]};
}

class SmallPlaneConvolution : public torch::autograd::Function<SmallPlaneConvolution> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& weight, const Taps& taps, const Sides& stride) {
    const torch::Tensor dense = x.contiguous(torch::MemoryFormat::ChannelsLast);
    context->save_for_backward({dense, weight});
    context->saved_data["first"] = saved(taps.first);
    context->saved_data["count"] = saved(taps.count);
    context->saved_data["padding"] = saved(taps.padding);
    context->saved_data["stride"] = saved(stride);
    return torch::conv2d(dense, only(taps, weight), {}, stride, taps.padding, {1, 1});
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto tensors = context->get_saved_variables();
    const torch::Tensor &x = tensors[0], &weight = tensors[1];
    auto& data = context->saved_data;
    const Taps taps{restored(data["first"]), restored(data["count"]), restored(data["padding"])};
    const Sides stride = restored(data["stride"]);
    const torch::Tensor dy = gradients[0].contiguous(torch::MemoryFormat::ChannelsLast);

    torch::Tensor dx, dweight;
    if (context->needs_input_grad(0)) {
      dx = std::get<0>(torch::convolution_backward(dy, x, only(taps, weight), c10::nullopt, stride,
                                                   taps.padding, {1, 1}, false, {0, 0}, 1,
                                                   {true, false, false}));
    }
    const torch::Tensor of_taps = taps_gradient(dy, x, taps, stride);
    if (of_taps.sizes() == weight.sizes()) {
      dweight = of_taps;
    } else {
      dweight = torch::zeros_like(weight);
      only(taps, dweight).copy_(of_taps);
    }
    return {dx, dweight, {}, {}};
  }
};

}  // namespace

torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias, const torch::nn::Conv2dOptions& options) {
  FATHOM_CHECK(sides(options.dilation()) == (Sides{1, 1}));
  const Sides stride = sides(options.stride());
  const Sides padding = sides(get<torch::ExpandingArray<2>>(options.padding()));
  if (x.is_cuda()) {
    return torch::conv2d(x, weight, bias, stride, padding, /*dilation=*/{1, 1}, options.groups());
  }
  const Taps taps = seen_taps(x, weight, stride, padding);
  const std::int64_t positions = outputs(x.size(2), weight.size(2), stride[0], padding[0]) *
                                 outputs(x.size(3), weight.size(3), stride[1], padding[1]);
  if (torch::GradMode::is_enabled() && weight.requires_grad() && options.groups() == 1 &&
      weight.scalar_type() == torch::kBFloat16 && positions <= kSmallPlane) {
    const torch::Tensor y =
        SmallPlaneConvolution::apply(x.to(torch::kBFloat16), weight, taps, stride);
    return bias.defined() ? y + bias.to(torch::kBFloat16).view({1, -1, 1, 1}) : y;
  }
  return torch::conv2d(x, only(taps, weight), bias, stride, taps.padding, /*dilation=*/{1, 1},
                       options.groups());
}

}  // namespace fathom::zoo
