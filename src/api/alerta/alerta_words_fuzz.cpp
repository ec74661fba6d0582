#include "api/alerta/alerta_words.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::api::alerta;
  const auto words = AlertaWords::parse({reinterpret_cast<const char*>(data), size},
                                        AlarmTerms::of(sentinella::alerts::AlarmModel::Name::alerta));
  if (words) words->match(sentinella::Alert());
  return 0;
}
