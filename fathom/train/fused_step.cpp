#include "fathom/train/fused_step.h"

#include <bit>
#include <cmath>

// The compiler makes a version for each vector width; the processor's best is chosen at start.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FATHOM_VECTOR_VERSIONS \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FATHOM_VECTOR_VERSIONS
#endif

namespace fathom::train {
namespace {

inline float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Round to nearest, ties to even; a NaN stays one.
inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto rounded = static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  return value != value ? 0x7FC0 : rounded;
}

template <class Update>
inline void for_each(const StepArrays& a, std::size_t begin, std::size_t end, Update update) {
  if (a.bf16 != nullptr) {
    const auto* gradient = static_cast<const std::uint16_t*>(a.gradient);
    for (std::size_t i = begin; i < end; ++i) {
      a.bf16[i] = to_bf16(update(i, from_bf16(gradient[i])));
    }
  } else {
    const auto* gradient = static_cast<const float*>(a.gradient);
    for (std::size_t i = begin; i < end; ++i) update(i, gradient[i]);
  }
}

FATHOM_VECTOR_VERSIONS
void adam(const AdamStep& s, const StepArrays& a, std::size_t begin, std::size_t end) {
  float* __restrict master = a.master, * __restrict first = a.first, * __restrict second = a.second;
  for_each(
      a, begin, end, [=](std::size_t i, float gradient) __attribute__((always_inline)) {
        const float g = gradient + s.l2 * master[i];
        first[i] = s.beta1 * first[i] + (1 - s.beta1) * g;
        second[i] = s.beta2 * second[i] + (1 - s.beta2) * g * g;
        master[i] = s.shrink * master[i] -
                    s.rate * first[i] / (std::sqrt(second[i]) * s.root_factor + s.epsilon);
        return master[i];
      });
}

FATHOM_VECTOR_VERSIONS
void sgd(const SgdStep& s, const StepArrays& a, std::size_t begin, std::size_t end) {
  float* __restrict master = a.master, * __restrict first = a.first;
  for_each(
      a, begin, end, [=](std::size_t i, float gradient) __attribute__((always_inline)) {
        first[i] = s.momentum * first[i] + gradient + s.l2 * master[i];
        master[i] -= s.rate * first[i];
        return master[i];
      });
}

}  // namespace

void AdamStep::operator()(const StepArrays& arrays, std::size_t begin, std::size_t end) const {
  adam(*this, arrays, begin, end);
}

void SgdStep::operator()(const StepArrays& arrays, std::size_t begin, std::size_t end) const {
  sgd(*this, arrays, begin, end);
}

}  // namespace fathom::train
