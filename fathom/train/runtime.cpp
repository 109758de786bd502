#include "fathom/train/runtime.h"

#include <malloc.h>
#include <sched.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

#include "fathom/base/clock.h"

namespace fathom::train {

void set_up_runtime() {
  at::globalContext().setFlushDenormal(true);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  ::mallopt(M_TOP_PAD, 64 << 20);
  cpu_set_t allowed;
  if (std::getenv("OMP_NUM_THREADS") == nullptr &&
      ::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    at::set_num_threads(CPU_COUNT(&allowed));
  }
}

std::string libtorch_version() { return TORCH_VERSION; }

int thread_count() { return at::get_num_threads(); }

int cuda_device_count() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
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

std::string reason_of(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr) return "out of memory";
  const auto* of_torch = dynamic_cast<const c10::Error*>(&e);
  std::string reason = of_torch != nullptr ? of_torch->what_without_backtrace() : e.what();
  reason = reason.substr(0, reason.find("\nException raised from"));
  std::ranges::replace(reason, '\n', ' ');
  return reason.find("can't allocate memory") == std::string::npos ? reason
                                                                   : "out of memory: " + reason;
}

}  // namespace fathom::train
