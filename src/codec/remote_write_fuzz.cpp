// Remote write: no message crashes, and what was learnt from it does not change what it means.
#include <bit>
#include <cstdlib>
#include <map>
#include <string>

#include "codec/remote_write.h"
#include "codec/snappy_block.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::codec;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  snappy_decompress(text, 1 << 20);
  std::map<std::string, SeriesId, std::less<>> known;
  const ResolveSeries resolve = [&](std::string_view labels, SeriesKind) -> Result<ResolvedSeries> {
    return ResolvedSeries{
        known.try_emplace(std::string(labels), static_cast<SeriesId>(known.size())).first->second, true};
  };
  RemoteWriteCache cache;
  SampleBlock first, second;
  const auto a = decode_remote_write(text, AccountId{1}, cache, resolve, {}, first);
  const auto b = decode_remote_write(text, AccountId{1}, cache, resolve, {}, second);
  if (a.has_value() != b.has_value() || first.ids != second.ids || first.times != second.times) std::abort();
  return 0;
}
