#include <cstddef>
#include <cstdint>

#include "codec/exposition_reader.h"

// The input twice over, the second time shifted by its first byte, so that remembered lines meet changed
// ones.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::codec;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto format = (data[0] & 1) != 0 ? ExpositionFormat::openmetrics : ExpositionFormat::text;
  ExpositionReader reader;
  Exposition out;
  std::size_t known = 0;
  for (const std::size_t cut : {std::size_t{0}, std::size_t{data[0]}, std::size_t{0}}) {
    static_cast<void>(reader.read(body.substr(cut < body.size() ? cut : 0), format, out));
    for (const FreshSeries& fresh : out.fresh)
      if (fresh.series != known++ || fresh.labels.empty()) __builtin_trap();
    for (const ExpositionValue& value : out.values)
      if (value.series >= known) __builtin_trap();
    if ((data[0] & 2) != 0) {
      reader.compact();
      known = reader.series_count();
    }
  }
  return 0;
}
