// Where the oracle timm is.
#pragma once

#include <filesystem>

#include "fathom/weights/card.h"

namespace fathom::tests {

/// Where tools/fetch_weights timm puts it.
inline std::filesystem::path timm_wheel() {
  return weights::default_cache_folder() / "downloads" / "timm-0.9.16-py3-none-any.whl";
}

}  // namespace fathom::tests
