#include "api/alerta/alerta_words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto words = sentinella::api::alerta::AlertaWords::parse({reinterpret_cast<const char*>(data), size});
  if (words) words->match(sentinella::Alert());
  return 0;
}
