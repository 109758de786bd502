// What clang-tidy 14 reads before LibTorch 1.13: with libstdc++ 12 in C++20 mode, clang
// instantiates the constexpr std::vector<c10::IValue> where IValue is still incomplete (GCC waits).
// For linting alone, std::vector is therefore declared as it was before C++20. Never compiled into
// anything.
#pragma once

// Both include parts of the library that must stay constexpr.
#include <memory>
#include <string>
// An overload that the constexpr declaration above it would contradict.
#define __fill_a1 __fill_a1_of_bits
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#include <vector>
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR constexpr
#undef __fill_a1

#include <torch/torch.h>
