// What this machine, this build and this process are: for `fathom doctor` and for the records of a
// study.
#pragma once

#include <string>

#include "fathom/base/json.h"

namespace fathom::cli {

/// fathom, LibTorch, compiler, processor, threads, best number format: what a result depends on.
Json versions();

/// The task of a scheduler that this process is, "Slurm 4711_3"; "" when it is none.
std::string scheduler_task();

}  // namespace fathom::cli
