#include "fathom/train/cost.h"

#include <fstream>
#include <string>

#include "fathom/zoo/flops.h"

namespace fathom::train {

void add_flops(results::Cost& cost, const FrozenNetwork& network, int size) {
  const std::vector<zoo::BlockFlops> blocks = zoo::count_flops(network.network(), size);
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    if (block < network.first_tuned_block()) {
      cost.prefix_flops += blocks[block].forward;
      continue;
    }
    cost.forward_flops += blocks[block].forward;
    cost.backward_flops += blocks[block].backward_weights + blocks[block].backward_input;
  }
}

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::int64_t peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

}  // namespace fathom::train
