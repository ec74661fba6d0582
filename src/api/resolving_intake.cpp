#include "api/resolving_intake.h"

#include "api/context.h"
#include "base/bytes.h"

namespace sentinella::api {

ResolvedBatch::ResolvedBatch(Context& server, AccountId account) : server_(&server) {
  batch_.account = account;
  batch_.received = server.clock.now();
}

codec::ResolveSeries ResolvedBatch::resolver() {
  return [this](std::string_view canonical, SeriesKind kind) -> Result<codec::ResolvedSeries> {
    SENT_TRY_ASSIGN(const auto resolved, server_->series.resolve(batch_.account, canonical, kind));
    if (resolved.needs_definition && defined_.insert(static_cast<std::uint64_t>(resolved.id)).second)
      batch_.samples.defined.push_back({resolved.id, kind, std::string(canonical)});
    note_host(canonical);
    return codec::ResolvedSeries{resolved.id, !resolved.needs_definition};
  };
}

void ResolvedBatch::note_host(std::string_view canonical) {
  for (ByteReader reader(canonical); reader.ok() && !reader.at_end();) {
    const auto name = reader.text();
    const auto value = reader.text();
    if (name != "host") continue;
    // Series of one host come one after the other.
    if (value != last_host_) hosts_.emplace(last_host_ = value);
    return;
  }
}

std::uint64_t ResolvedBatch::epoch() const {
  return server_->series.epoch() ^ (server_->hosts.generation() << 32);
}

void ResolvedBatch::submit(Done done) && {
  if (batch_.empty()) return done(bus::Offset{0});
  const AccountId account = batch_.account;
  const Time received = batch_.received;
  server_->hosts.introduce(account, {hosts_.begin(), hosts_.end()}, received,
                           [server = server_, batch = std::move(batch_), done = std::move(done)]() mutable {
                             server->intake.submit(std::move(batch), ingest::Until::durable, std::move(done));
                           });
}

}  // namespace sentinella::api
