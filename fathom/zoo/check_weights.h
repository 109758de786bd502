// Whether tensors are the weights of an architecture, for callers without LibTorch.
#pragma once

#include <string>

#include "fathom/weights/state_dict.h"
#include "fathom/zoo/architecture.h"

namespace fathom::zoo {

/// Loads the tensors into a new network by the rules of build_network and load_weights (network.h).
/// Throws Error "WHERE: ..." that names what is missing, left over or wrongly shaped.
void check_weights(const Architecture& architecture, const weights::StateDict& tensors,
                   const std::string& where, const weights::Conventions& conventions = {});

}  // namespace fathom::zoo
