// What the registry calls: one builder a family. Not for other rooms: they use build_network.
#pragma once

#include <cstdint>
#include <optional>

#include "fathom/zoo/network.h"

namespace fathom::zoo {

/// Number of outputs of the published classifier; none: backbone only.
using Classes = std::optional<std::int64_t>;

Network build_vgg16(const Architecture& architecture, Classes classes);
Network build_vgg19(const Architecture& architecture, Classes classes);
Network build_inception_v3(const Architecture& architecture, Classes classes);
Network build_squeezenet1_1(const Architecture& architecture, Classes classes);
Network build_mobilenet_v2(const Architecture& architecture, Classes classes);
Network build_efficientnet_lite0(const Architecture& architecture, Classes classes);

}  // namespace fathom::zoo
