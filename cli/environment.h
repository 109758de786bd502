// What this machine and this build are: for `fathom doctor` and for the record of a study.
#pragma once

#include <string>

#include "fathom/base/json.h"

namespace fathom::cli {

/// fathom, LibTorch, compiler, processor, threads, best number format: what a result depends on.
Json versions();

}  // namespace fathom::cli
