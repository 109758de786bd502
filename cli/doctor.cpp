#include <fmt/format.h>
#include <torch/torch.h>
#include <unistd.h>

#include <filesystem>

#include "cli/command.h"
#include "cli/environment.h"
#include "fathom/base/clock.h"
#include "fathom/weights/card.h"

namespace fathom::cli {
namespace {

namespace fs = std::filesystem;

void line(const std::string& name, const std::string& value) {
  fmt::print("{:<18} {}\n", name, value);
}

std::string gigabytes(double bytes) { return fmt::format("{:.1f} GiB", bytes / (1 << 30)); }

/// The nearest folder above that exists, to ask for free space before anything is made.
fs::path existing_parent(fs::path path) {
  while (!fs::exists(path) && path.has_parent_path() && path != path.parent_path()) {
    path = path.parent_path();
  }
  return path;
}

/// Measured matrix-product speed, 2 n^3 operations each, best of a few.
double gflops(at::ScalarType type) {
  constexpr int kSize = 1024;
  const torch::NoGradGuard no_grad;
  const torch::Tensor a = torch::rand({kSize, kSize}).to(type);
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const Stopwatch watch;
    const torch::Tensor product = torch::mm(a, a);
    best = std::max(best, 2.0 * kSize * kSize * kSize / watch.seconds() / 1e9);
  }
  return best;
}

std::string instruction_sets() {
  std::string sets;
  const auto add = [&](bool there, const char* name) {
    if (there) sets += (sets.empty() ? "" : " ") + std::string(name);
  };
  add(__builtin_cpu_supports("avx2"), "AVX2");
  add(__builtin_cpu_supports("avx512f"), "AVX512");
  add(__builtin_cpu_supports("avx512bf16"), "AVX512-BF16");
  return sets.empty() ? "none beyond the baseline" : sets;
}

int examine() {
  const Json json = versions();
  line("fathom", json["fathom"]);
  line("LibTorch", json["libtorch"]);
  line("compiler", json["compiler"]);
  line("processor", json["processor"]);
  line("instruction sets", instruction_sets());
  line("threads", fmt::format("{}", at::get_num_threads()));
  line("precision = auto", json["precision_auto"]);
  line("matrix product", fmt::format("{:.0f} GFLOP/s fp32, {:.0f} GFLOP/s bf16 (measured now)",
                                     gflops(at::kFloat), gflops(at::kBFloat16)));
  line("GPU", torch::cuda::is_available()
                  ? fmt::format("{} CUDA device(s); this version trains on the CPU",
                                torch::cuda::device_count())
                  : "none that LibTorch can use");
  const double pages = static_cast<double>(::sysconf(_SC_PHYS_PAGES));
  line("memory", gigabytes(pages * static_cast<double>(::sysconf(_SC_PAGESIZE))));
  const fs::path cache = weights::default_cache_folder();
  line("cache",
       fmt::format("{} ({} free)", cache.string(),
                   gigabytes(static_cast<double>(fs::space(existing_parent(cache)).available))));
  line("current folder",
       fmt::format("{} free", gigabytes(static_cast<double>(fs::space(".").available))));
  return kExitDone;
}

}  // namespace

void declare_doctor(CLI::App&, Action& action) {
  action = [](const Invocation&) { return examine(); };
}

}  // namespace fathom::cli
