#include "api/resolving_intake.h"

#include <utility>

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
    if (resolved.needs_definition && is_first_use(resolved.id))
      batch_.samples.defined.push_back({resolved.id, kind, std::string(canonical)});
    note_host(canonical);
    return codec::ResolvedSeries{resolved.id, !resolved.needs_definition};
  };
}

/// New series have growing ids, so that the last one mostly tells.
bool ResolvedBatch::is_first_use(SeriesId id) {
  const auto& defined = batch_.samples.defined;
  if (defined_.empty() && (defined.empty() || id > defined.back().id)) return true;
  if (defined_.empty())
    for (const SeriesDefinition& one : defined) defined_.insert(std::to_underlying(one.id));
  return defined_.insert(std::to_underlying(id)).second;
}

codec::AreDefined ResolvedBatch::are_defined() const {
  return [server = server_](std::span<const SeriesId> ids) { return server->series.are_defined(ids); };
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

void ResolvedBatch::submit(Done done, ingest::Until until) && {
  if (batch_.empty()) return done(bus::Offset{0});
  const AccountId account = batch_.account;
  const Time received = batch_.received;
  server_->hosts.introduce(
      account, {hosts_.begin(), hosts_.end()}, received,
      [server = server_, batch = std::move(batch_), done = std::move(done), until]() mutable {
        server->intake.submit(std::move(batch), until, std::move(done));
      });
}

}  // namespace sentinella::api
