// Any bytes: what is masked once stays as it is, and only masks are put in.
#include <algorithm>

#include "codec/secret_mask.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const std::string before(reinterpret_cast<const char*>(data), size);
  std::string once = before;
  if (codec::mask_secrets(once) != (once != before)) __builtin_trap();
  if (std::ranges::count(once, '\n') != std::ranges::count(before, '\n')) __builtin_trap();
  std::string twice = once;
  codec::mask_secrets(twice);
  if (twice != once) __builtin_trap();
  return 0;
}
