#include "cli/environment.h"

#include <fmt/format.h>

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
      train::resolve_precision("auto") == train::Precision::bf16 ? "bf16" : "fp32";
  return json;
}

}  // namespace fathom::cli
