#include "cli/environment.h"

#include <fmt/format.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <fstream>

#include "fathom/train/options.h"

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
  json["libtorch"] = TORCH_VERSION;
  json["compiler"] = fmt::format("GCC {}", __VERSION__);
  json["processor"] = processor();
  json["threads"] = at::get_num_threads();
  json["precision_auto"] =
      train::resolve_precision("auto") == train::Precision::bf16 ? "bf16" : "fp32";
  return json;
}

}  // namespace fathom::cli
