#include "fathom/train/runtime.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sched.h>
#include <strings.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <optional>
#include <regex>

#include "fathom/base/clock.h"
#include "fathom/base/download.h"

namespace fathom::train {
namespace {

/// Without the backtrace that LibTorch appends.
std::string one_line(const std::exception& e) {
  const auto* of_torch = dynamic_cast<const c10::Error*>(&e);
  std::string text = of_torch != nullptr ? of_torch->what_without_backtrace() : e.what();
  text.resize(std::min(text.size(), text.find("\nException raised from")));
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// How much memory was refused, 0 where that is not said; none where it was something else.
std::optional<std::uint64_t> refused_bytes(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr) return 0;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&e) != nullptr) return 0;  // a GPU's
  // LibTorch's words and OpenCV's.
  static const std::regex kRefused("(?:you tried|Failed) to allocate ([0-9]+) bytes");
  const std::string text = one_line(e);
  std::smatch bytes;
  if (!std::regex_search(text, bytes, kRefused)) return std::nullopt;
  return std::stoull(bytes[1]);
}

}  // namespace

void set_up_runtime() {
  at::globalContext().setFlushDenormal(true);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setAllowTF32CuDNN(false);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  ::mallopt(M_TOP_PAD, 64 << 20);
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) use_threads(CPU_COUNT(&allowed));
}

std::string libtorch_version() { return TORCH_VERSION; }

int thread_count() { return at::get_num_threads(); }

void use_threads(int count) {
  if (std::getenv("OMP_NUM_THREADS") == nullptr) at::set_num_threads(count);
}

int cuda_device_count() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

bool gpu_multiplies_bf16() {
  return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
}

void synchronize(Device device) {
  if (device == Device::cuda) torch::cuda::synchronize();
}

double matrix_product_gflops(Precision precision) {
  constexpr int kSize = 1024;
  const torch::NoGradGuard no_grad;
  const torch::Tensor a =
      torch::rand({kSize, kSize}).to(precision == Precision::bf16 ? at::kBFloat16 : at::kFloat);
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const Stopwatch watch;
    const torch::Tensor product = torch::mm(a, a);
    best = std::max(best, 2.0 * kSize * kSize * kSize / watch.seconds() / 1e9);
  }
  return best;
}

bool should_wait_passively(double load, int processors, const char* wait_policy) {
  const bool is_passive = wait_policy != nullptr && ::strcasecmp(wait_policy, "passive") == 0;
  return load > processors && !is_passive;
}

bool is_out_of_memory(const std::exception& e) { return refused_bytes(e).has_value(); }

std::string reason_of(const std::exception& e) {
  const std::optional<std::uint64_t> bytes = refused_bytes(e);
  if (!bytes) return one_line(e);
  return fmt::format("out of memory{}. Free some, or take a smaller batch_size or image_size",
                     *bytes == 0 ? "" : ": " + human_bytes(*bytes) + " more could not be had");
}

}  // namespace fathom::train
