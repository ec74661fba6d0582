// statsd: no datagram crashes, and each line is either taken or refused.
#include "codec/statsd_aggregator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sentinella::codec::StatsdAggregator aggregator;
  aggregator.take({reinterpret_cast<const char*>(data), size}, sentinella::Time{1});
  aggregator.flush(sentinella::Time{2});
  return 0;
}
