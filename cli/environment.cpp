#include "cli/environment.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "fathom/train/runtime.h"

namespace fathom::cli {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

Json versions() {
  Json json;
  json["fathom"] = FATHOM_VERSION;
  json["libtorch"] = train::libtorch_version();
  json["compiler"] = fmt::format("GCC {}", __VERSION__);
  json["processor"] = processor();
  json["threads"] = train::thread_count();
  json["precision_auto"] =
      train::resolve_precision("auto", train::resolve_device("auto")) == train::Precision::bf16
          ? "bf16"
          : "fp32";
  return json;
}

std::string scheduler_task() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  const std::string array = variable("SLURM_ARRAY_JOB_ID"), job = variable("SLURM_JOB_ID");
  if (!array.empty()) return fmt::format("Slurm {}_{}", array, variable("SLURM_ARRAY_TASK_ID"));
  return job.empty() ? "" : "Slurm " + job;
}

}  // namespace fathom::cli
