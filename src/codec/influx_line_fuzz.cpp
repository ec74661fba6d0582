// Line protocol: no input crashes, and what was learnt from a text does not change what the text means.
#include <cstdlib>
#include <map>
#include <string>

#include "codec/influx_line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::codec;
  std::map<std::string, SeriesId, std::less<>> known;
  const ResolveSeries resolve = [&](std::string_view labels, SeriesKind) -> Result<ResolvedSeries> {
    return ResolvedSeries{
        known.try_emplace(std::string(labels), static_cast<SeriesId>(known.size())).first->second, true};
  };
  LineSeriesCache cache;
  SampleBlock first, second;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto a = decode_lines(text, {}, cache, resolve, {}, first);
  const auto b = decode_lines(text, {}, cache, resolve, {}, second);
  if (a.bad != b.bad || a.lines != b.lines || first.ids != second.ids || first.values != second.values ||
      first.times != second.times)
    std::abort();
  return 0;
}
