#include "fathom/train/cost.h"

#include <malloc.h>

#include <fstream>
#include <string>

#include "fathom/zoo/flops.h"

namespace fathom::train {

void add_flops(results::Cost& cost, const FrozenNetwork& network, int size, std::size_t classes) {
  const std::vector<double> forward = zoo::count_forward_flops(network.network(), size);
  for (std::size_t block = 0; block < forward.size(); ++block) {
    (block < network.first_tuned_block() ? cost.prefix_flops : cost.forward_flops) +=
        forward[block];
  }
  cost.backward_flops =
      zoo::count_backward_flops(network.network(), network.first_tuned_block(), size);
  const double head =
      2 * static_cast<double>(network.network().feature_channels()) * static_cast<double>(classes);
  cost.forward_flops += head;
  cost.backward_flops += network.trained_parameters().empty() ? head : 2 * head;
}

void reset_peak_memory() {
  // The runtime keeps freed memory; without giving it back each unit would start at the highest
  // peak of those before it.
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

std::int64_t peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

}  // namespace fathom::train
