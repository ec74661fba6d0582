// A function compiled a second time for processors of the last ten years (AVX2, BMI2, FMA, LZCNT), chosen
// when the program runs, so that one binary serves all.
#pragma once

#if defined(__x86_64__)
/// The function, with all that it calls inlined, may use what has_wide_cpu() asks for.
#define SENT_WIDE [[gnu::flatten, gnu::target("arch=x86-64-v3")]]
#else
#define SENT_WIDE
#endif

namespace sentinella::series {

inline bool has_wide_cpu() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("x86-64-v3");
  return has;
#else
  return false;
#endif
}

}  // namespace sentinella::series
