// LibTorch as the rest of the program sees it: version, threads, speed, errors. No LibTorch
// headers.
#pragma once

#include <exception>
#include <string>

#include "fathom/base/error.h"
#include "fathom/train/options.h"

namespace fathom::train {

/// To be called once, before any thread is started.
/// - Denormal numbers, which tiny gradients make and processors handle in slow microcode, become 0.
/// - Memory of freed tensors stays with the process: giving every activation back to the kernel
///   and faulting its pages in again costs a large share of a step.
/// - GPUs compute the same bits whenever they are asked the same, and fp32 in full.
/// - LibTorch gets as many threads as the process may use processors (it counts wrongly on some
///   virtual machines), unless OMP_NUM_THREADS says otherwise.
void set_up_runtime();

std::string libtorch_version();
int thread_count();
/// Computes with so many threads, among which sums are split, from now on; unless OMP_NUM_THREADS
/// says otherwise.
void use_threads(int count);
/// GPUs that LibTorch can use.
int cuda_device_count();
/// Whether the GPU has bf16 in hardware. Only where there is one.
bool gpu_multiplies_bf16();
/// Waits until the device has done what it was told: before a clock is read.
void synchronize(Device device);

/// Measured matrix-product speed (1024 x 1024, 2 n^3 operations), the best of five: GFLOP/s.
double matrix_product_gflops(Precision precision);

/// Whether threads had better sleep (OMP_WAIT_POLICY=passive) than spin while they wait for each
/// other, for others want the processors too. `load`: the machine's load average; `processors`: the
/// machine's; `wait_policy`: what OMP_WAIT_POLICY says, or null.
bool should_wait_passively(double load, int processors, const char* wait_policy);

/// Whether an exception means that memory was refused: to C++, LibTorch or OpenCV.
bool is_out_of_memory(const std::exception& e);

/// What an exception says, without the backtrace that LibTorch appends, as one line; where it means
/// that memory was refused, "out of memory" with what to do.
std::string reason_of(const std::exception& e);

/// Says for what memory was refused.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

/// What `work` returns; throws OutOfMemory "cannot WHAT: ..." where memory is refused to it.
template <class Work>
decltype(auto) with_memory_to(const std::string& what, const Work& work) {
  try {
    return work();
  } catch (const std::exception& e) {
    if (!is_out_of_memory(e)) throw;
    throw OutOfMemory("cannot " + what + ": " + reason_of(e));
  }
}

}  // namespace fathom::train
