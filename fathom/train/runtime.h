// LibTorch as the rest of the program sees it: version, threads, speed, errors. No LibTorch
// headers.
#pragma once

#include <exception>
#include <string>

#include "fathom/train/options.h"

namespace fathom::train {

/// To be called once, before any thread is started: tiny gradients make denormal numbers, which
/// processors handle in slow microcode; they become zero instead.
void set_up_runtime();

std::string libtorch_version();
int thread_count();
int cuda_device_count();

/// Measured matrix-product speed (1024 x 1024, 2 n^3 operations), the best of five: GFLOP/s.
double matrix_product_gflops(Precision precision);

/// What an exception says, without the backtrace that LibTorch appends, as one line; "out of
/// memory" where that is what it means.
std::string reason_of(const std::exception& e);

}  // namespace fathom::train
