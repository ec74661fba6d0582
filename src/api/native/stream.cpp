// GET /stream: the live stream as server-sent events.
#include <memory>
#include <utility>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "base/text.h"

namespace sentinella::api::native {
namespace {

/// A stream outlives the token it was opened with, so it is opened afresh now and then; the client resumes.
constexpr Duration kLongest = std::chrono::hours(1);

Result<unsigned> read_topics(const std::string& text) {
  if (text.empty()) return kAllTopics;
  static constexpr std::pair<std::string_view, unsigned> kNames[] = {
      {"alerts", kAlerts}, {"state", kState}, {"changes", kChanges}};
  unsigned topics = 0;
  for (const auto word : split(text, ',')) {
    const auto before = topics;
    for (const auto& [name, bit] : kNames)
      if (trim(word) == name) topics |= bit;
    if (topics == before)
      return fail_field(Errc::kInvalid, "topics", "\"{}\" is not alerts, state or changes, or is there twice",
                        word);
  }
  return topics;
}

/// Whether the user or key that opened a stream still exists with the same rights.
bool still_there(const catalog::Database& database, const Caller& caller) {
  if (caller.kind == Caller::Kind::user) {
    const auto user =
        read_catalog(database, [&](catalog::Transaction& tx) { return catalog::find_user(tx, caller.id); });
    return user && user->account == caller.account;
  }
  const auto keys = read_catalog(
      database, [&](catalog::Transaction& tx) { return catalog::list_keys(tx, caller.account); });
  if (!keys) return false;
  for (const auto& key : *keys)
    if (key.id == caller.id) return true;
  return false;
}

}  // namespace

Result<Reply> stream(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"topics"}));
  LiveStream::Subscription subscription;
  SENT_TRY_ASSIGN(subscription.topics, read_topics(query.text("topics")));
  subscription.account = call.caller.account;
  subscription.last_event_id = std::string(call.request.headers.get("Last-Event-ID"));
  const auto& server = call.server;
  subscription.still_allowed = [&server, caller = call.caller, ends = server.clock.now() + kLongest] {
    return server.clock.now() < ends && still_there(server.database, caller);
  };
  Reply reply;
  reply.headers.set("Content-Type", "text/event-stream");
  reply.headers.set("X-Accel-Buffering", "no");
  reply.stream = [&live = call.server.live, subscription](std::shared_ptr<net::StreamWriter> writer) {
    live.subscribe(subscription, std::move(writer));
  };
  return reply;
}

}  // namespace sentinella::api::native
