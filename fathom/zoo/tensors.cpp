// LibTorch tensors to and from the bytes of weight files.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "fathom/base/error.h"
#include "fathom/zoo/network.h"

namespace fathom::zoo {
namespace {

using weights::DType;

using TypePair = std::pair<DType, torch::ScalarType>;
constexpr std::array<TypePair, 10> kTypes{{{DType::f64, torch::kFloat64},
                                           {DType::f32, torch::kFloat32},
                                           {DType::f16, torch::kFloat16},
                                           {DType::bf16, torch::kBFloat16},
                                           {DType::i64, torch::kInt64},
                                           {DType::i32, torch::kInt32},
                                           {DType::i16, torch::kInt16},
                                           {DType::i8, torch::kInt8},
                                           {DType::u8, torch::kUInt8},
                                           {DType::boolean, torch::kBool}}};

torch::ScalarType scalar_type(DType dtype) {
  const auto* found = std::ranges::find(kTypes, dtype, &TypePair::first);
  FATHOM_CHECK(found != kTypes.end());
  return found->second;
}

DType file_type(torch::ScalarType type) {
  const auto* found = std::ranges::find(kTypes, type, &TypePair::second);
  if (found != kTypes.end()) return found->first;
  throw Error(std::string("a tensor of type ") + torch::toString(type) +
              " cannot be written to a weight file; convert it to a float or whole-number type");
}

}  // namespace

torch::Tensor to_tensor(const weights::TensorData& data) {
  // Copied byte by byte: a memory-mapped file does not promise alignment.
  torch::Tensor tensor = torch::empty(data.shape, scalar_type(data.dtype));
  FATHOM_CHECK(tensor.nbytes() == data.bytes.size());
  if (!data.bytes.empty()) std::memcpy(tensor.data_ptr(), data.bytes.data(), data.bytes.size());
  return tensor;
}

weights::TensorData from_tensor(const torch::Tensor& tensor) {
  weights::TensorData data;
  data.dtype = file_type(tensor.scalar_type());
  data.shape = tensor.sizes().vec();
  const auto copy = std::make_shared<torch::Tensor>(
      tensor.detach()
          .to(torch::kCPU, tensor.scalar_type(), /*non_blocking=*/false, /*copy=*/true)
          .contiguous());
  data.bytes = {static_cast<const std::byte*>(copy->data_ptr()), copy->nbytes()};
  data.owner = copy;
  return data;
}

weights::StateDict to_state_dict(const torch::nn::Module& module) {
  weights::StateDict tensors;
  for (const auto& item : module.named_parameters()) {
    tensors.emplace(item.key(), from_tensor(item.value()));
  }
  for (const auto& item : module.named_buffers()) {
    tensors.emplace(item.key(), from_tensor(item.value()));
  }
  return tensors;
}

}  // namespace fathom::zoo
