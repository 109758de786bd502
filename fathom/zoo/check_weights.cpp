#include "fathom/zoo/check_weights.h"

#include "fathom/zoo/network.h"

namespace fathom::zoo {

void check_weights(const Architecture& architecture, const weights::StateDict& tensors,
                   const std::string& where) {
  Network network = build_network(architecture);
  load_weights(network, tensors, where);
}

}  // namespace fathom::zoo
