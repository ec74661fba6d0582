// GET /stream: the live stream as server-sent events.
#include <memory>
#include <utility>

#include "api/native/handlers.h"
#include "api/native/stream_rights.h"
#include "api/parameters.h"
#include "base/text.h"

namespace sentinella::api::native {
namespace {

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

}  // namespace

Result<Reply> stream(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"topics"}));
  LiveStream::Subscription subscription;
  SENT_TRY_ASSIGN(subscription.topics, read_topics(query.text("topics")));
  subscription.account = call.caller.account;
  subscription.last_event_id = std::string(call.request.headers.get("Last-Event-ID"));
  subscription.still_allowed = stream_rights(call);
  Reply reply;
  reply.headers.set("Content-Type", "text/event-stream");
  reply.headers.set("X-Accel-Buffering", "no");
  reply.stream = [&live = call.server.live, subscription](std::shared_ptr<net::StreamWriter> writer) {
    live.subscribe(subscription, std::move(writer));
  };
  return reply;
}

}  // namespace sentinella::api::native
