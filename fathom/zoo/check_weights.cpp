#include "fathom/zoo/check_weights.h"

#include "fathom/zoo/network.h"

namespace fathom::zoo {

void check_weights(const Architecture& architecture, const weights::StateDict& tensors,
                   const std::string& where, const weights::Conventions& conventions) {
  load_network(architecture, tensors, where, conventions);
}

}  // namespace fathom::zoo
