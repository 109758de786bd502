#include <gtest/gtest.h>

#include "fathom/train/autocast.h"
#include "fathom/zoo/convolve.h"

namespace fathom::zoo {
namespace {

struct Case {
  torch::nn::Conv2dOptions options;
  std::int64_t height, width;
};

torch::nn::Conv2dOptions options(std::int64_t kernel_height, std::int64_t kernel_width,
                                 std::int64_t stride, std::int64_t groups = 1) {
  return torch::nn::Conv2dOptions(8, 12, {kernel_height, kernel_width})
      .stride(stride)
      .padding({kernel_height / 2, kernel_width / 2})
      .groups(groups);
}

/// Kernels larger than what they look at, of one row, with steps, on planes of one pixel and more.
const Case kCases[] = {
    {options(3, 3, 1), 1, 1}, {options(5, 5, 1), 2, 3},    {options(1, 7, 1), 4, 4},
    {options(7, 1, 1), 3, 3}, {options(3, 3, 2), 5, 6},    {options(3, 3, 2), 1, 1},
    {options(1, 1, 1), 2, 2}, {options(1, 1, 2), 4, 3},    {options(3, 3, 1), 9, 9},
    {options(5, 5, 2), 2, 2}, {options(3, 3, 1, 4), 1, 1}, {options(3, 3, 1).padding(0), 4, 4}};

struct Result {
  torch::Tensor y, dx, dweight, dbias;
};

/// What `compute` makes of (x, weight, bias), and the gradients of a weighted sum of it.
template <class Compute>
Result result_of(const Case& one, torch::Dtype dtype, const Compute& compute) {
  torch::manual_seed(5);
  const auto& kernel = *one.options.kernel_size();
  const auto numbers = [](at::IntArrayRef sizes) { return torch::randn(sizes); };
  // Rounded to bf16, so that both number formats begin with the same.
  const auto leaf = [&](torch::Tensor x) {
    return x.to(torch::kBFloat16).to(dtype).set_requires_grad(true);
  };
  torch::Tensor x = leaf(numbers({3, 8, one.height, one.width}));
  torch::Tensor weight = leaf(numbers({12, 8 / one.options.groups(), kernel[0], kernel[1]})
                                  .contiguous(torch::MemoryFormat::ChannelsLast));
  torch::Tensor bias = leaf(numbers({12})).detach().to(torch::kFloat32).set_requires_grad(true);
  const torch::Tensor y = compute(x, weight, bias);
  (y.to(torch::kFloat32) * torch::randn(y.sizes())).sum().backward();
  return {y, x.grad(), weight.grad(), bias.grad()};
}

double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  const torch::Tensor f = found.to(torch::kFloat64), e = expected.to(torch::kFloat64);
  return ((f - e).norm() / e.norm()).item<double>();
}

void expect_equal(const Result& found, const Result& expected, double bound, std::size_t number) {
  SCOPED_TRACE(number);
  ASSERT_EQ(found.y.sizes(), expected.y.sizes());
  EXPECT_LT(relative_error(found.y, expected.y), bound);
  EXPECT_LT(relative_error(found.dx, expected.dx), bound);
  EXPECT_LT(relative_error(found.dweight, expected.dweight), bound);
  EXPECT_LT(relative_error(found.dbias, expected.dbias), bound);
}

/// LibTorch's own convolution, in double precision.
Result expected_of(const Case& one) {
  return result_of(one, torch::kFloat32, [&](const auto& x, const auto& weight, const auto& bias) {
    namespace functional = torch::nn::functional;
    return functional::conv2d(x.to(torch::kFloat64), weight.to(torch::kFloat64),
                              functional::Conv2dFuncOptions()
                                  .bias(bias.to(torch::kFloat64))
                                  .stride(one.options.stride())
                                  .padding(one.options.padding())
                                  .groups(one.options.groups()));
  });
}

/// In a number format as the networks of a unit are: under autocast, the bias in float32.
Result result_in(const Case& one, torch::Dtype dtype) {
  return result_of(one, dtype, [&](const auto& x, const auto& weight, const auto& bias) {
    const train::Autocast autocast(dtype == torch::kBFloat16 ? train::Precision::bf16
                                                             : train::Precision::fp32);
    return convolve(x, weight, bias, one.options);
  });
}

void expect_as_libtorch(torch::Dtype dtype, double bound) {
  std::size_t number = 0;
  for (const Case& one : kCases) {
    expect_equal(result_in(one, dtype), expected_of(one), bound, number++);
  }
}

TEST(Convolve, AgreesWithLibTorchInFloat32) { expect_as_libtorch(torch::kFloat32, 1e-6); }

TEST(Convolve, AgreesWithLibTorchInBf16UpToRounding) { expect_as_libtorch(torch::kBFloat16, 6e-3); }

TEST(Convolve, TheGradientLiesInMemoryAsTheWeightsDo) {
  for (const std::int64_t kernel : {1, 3}) {
    for (const std::int64_t size : {1, 3}) {
      const Result found = result_in({options(kernel, kernel, 1), size, size}, torch::kBFloat16);
      const torch::Tensor weight =
          torch::empty({12, 8, kernel, kernel}).contiguous(torch::MemoryFormat::ChannelsLast);
      EXPECT_EQ(found.dweight.strides(), weight.strides()) << kernel << " on " << size;
    }
  }
}

TEST(Convolve, AKernelLargerThanThePaddedPlaneIsRefused) {
  EXPECT_THROW(result_in({options(3, 3, 2).padding(0), 2, 2}, torch::kFloat32), c10::Error);
}

TEST(Convolve, TapsThatMeetNothingButPaddingHaveNoGradient) {
  const Case one{options(3, 3, 1), 1, 1};
  const Result found = result_in(one, torch::kBFloat16);
  torch::Tensor sums = found.dweight.to(torch::kFloat32).abs().sum(at::IntArrayRef{0, 1});
  EXPECT_GT(sums[1][1].item<float>(), 0);
  sums[1][1] = 0;
  EXPECT_EQ(sums.sum().item<float>(), 0);
}

}  // namespace
}  // namespace fathom::zoo
