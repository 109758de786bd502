#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/command.h"
#include "cli/environment.h"
#include "fathom/base/memory.h"
#include "fathom/train/runtime.h"
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

/// How many processes want to run, and what to do where these are more than can.
void examine_load() {
  double load = 0;
  if (::getloadavg(&load, 1) != 1) return;
  const auto processors = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  line("load", fmt::format("{:.1f} on {} processors (mean of a minute)", load, processors));
  if (train::should_wait_passively(load, processors, std::getenv("OMP_WAIT_POLICY"))) {
    line("",
         "Others use this machine too: say 'export OMP_WAIT_POLICY=passive' before a study, so");
    line("", "that its threads sleep, not spin, while they wait for each other.");
  }
}

int examine() {
  const Json json = versions();
  line("fathom", json["fathom"]);
  line("LibTorch", json["libtorch"]);
  line("compiler", json["compiler"]);
  line("processor", json["processor"]);
  line("instruction sets", instruction_sets());
  line("threads", fmt::format("{}", train::thread_count()));
  examine_load();
  line("precision = auto", json["precision_auto"]);
  line("matrix product", fmt::format("{:.0f} GFLOP/s fp32, {:.0f} GFLOP/s bf16 (measured now)",
                                     train::matrix_product_gflops(train::Precision::fp32),
                                     train::matrix_product_gflops(train::Precision::bf16)));
  const int devices = train::cuda_device_count();
  line("GPU",
       devices > 0
           ? fmt::format("{} that LibTorch can use; device = auto trains on the first", devices)
           : "none that LibTorch can use");
  const double pages = static_cast<double>(::sysconf(_SC_PHYS_PAGES));
  const std::string all = gigabytes(pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  const std::optional<std::int64_t> free = available_memory();
  line("memory", free ? fmt::format("{} ({} free to this process)", all,
                                    gigabytes(static_cast<double>(*free)))
                      : all);
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
