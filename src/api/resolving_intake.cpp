#include "api/resolving_intake.h"

#include "api/context.h"
#include "base/bytes.h"

namespace sentinella::api {

codec::ResolveSeries BatchResolver::resolve() {
  return [this](std::string_view canonical, SeriesKind kind) -> Result<codec::ResolvedSeries> {
    SENT_TRY_ASSIGN(const auto resolved, server_.series.resolve(batch_.account, canonical, kind));
    if (resolved.needs_definition && defined_.insert(static_cast<std::uint64_t>(resolved.id)).second)
      batch_.samples.defined.push_back({resolved.id, kind, std::string(canonical)});
    note_host(canonical);
    return codec::ResolvedSeries{resolved.id, !resolved.needs_definition};
  };
}

void BatchResolver::note_host(std::string_view canonical) {
  for (ByteReader reader(canonical); reader.ok() && !reader.at_end();) {
    const auto name = reader.text();
    const auto value = reader.text();
    if (name != "host") continue;
    // Series of one host come one after the other.
    if (value != last_host_) hosts_.emplace(last_host_ = value);
    return;
  }
}

void BatchResolver::touch_hosts() {
  if (!hosts_.empty()) server_.hosts.touch(batch_.account, {hosts_.begin(), hosts_.end()}, batch_.received);
}

std::uint64_t BatchResolver::epoch(const Context& server) {
  return server.series.epoch() ^ (server.hosts.generation() << 32);
}

}  // namespace sentinella::api
