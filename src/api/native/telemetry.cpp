// The notification agent: how it stands, and the messages that it could not take.
#include "telemetry/notification_agent.h"

#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"
#include "telemetry/dead_letters.h"
#include "telemetry/polling/poller.h"
#include "telemetry/publish/publisher_queue.h"

namespace sentinella::api::native {
namespace {

/// The bus is the server's, its messages are of one account: others have none.
Result<void> check_owner(const RequestContext& call) {
  const TelemetryAccess& access = call.server.telemetry;
  if (access.agent == nullptr || access.account != call.caller.account)
    return fail(Errc::kNotFound, "no message broker is configured for this account ([telemetry] brokers)");
  return {};
}

void write_broker(JsonWriter& json, const telemetry::BrokerStatus& broker) {
  json.object()
      .field("name", broker.name)
      .field("connected", broker.connected)
      .field("since", broker.since)
      .field("last_error", broker.last_error)
      .field("received", broker.received)
      .field("acknowledged", broker.acknowledged)
      .end();
}

void write_publisher(JsonWriter& json, const telemetry::PublisherStatus& publisher) {
  json.object()
      .field("name", publisher.name)
      .field("policy", telemetry::to_string(publisher.policy))
      .field("delivered", publisher.delivered)
      .field("dropped", publisher.dropped)
      .field("overflowed", publisher.overflowed)
      .field("failures", publisher.failures)
      .field("queued", publisher.queued)
      .field("max_queued", publisher.max_queued)
      .field("last_error", publisher.last_error)
      .end();
}

void write_pollster(JsonWriter& json, const telemetry::PollsterStatus& pollster) {
  json.object().field("name", pollster.name).key("last");
  if (pollster.last == Time{})
    json.null();
  else
    json.value(pollster.last);
  json.field("samples", pollster.samples).field("last_error", pollster.last_error).end();
}

void write_letter(JsonWriter& json, const telemetry::DeadLetter& letter) {
  json.object()
      .field("id", letter.id)
      .field("at", letter.at)
      .field("broker", letter.broker)
      .field("exchange", letter.exchange)
      .field("routing_key", letter.routing_key)
      .field("reason", letter.reason)
      .field("size", letter.size)
      .field("whole", letter.whole())
      .field("body", telemetry::readable_body(letter))
      .end();
}

Result<telemetry::DeadLetter> find_letter(const RequestContext& call) {
  SENT_TRY(check_owner(call));
  const auto id = parse_uint(call.path_value("id"));
  if (!id) return fail(Errc::kNotFound, "there is no dead letter {}", call.path_value("id"));
  SENT_TRY_ASSIGN(auto letter, call.server.telemetry.dead_letters->get(*id));
  if (!letter) return fail(Errc::kNotFound, "there is no dead letter {}", *id);
  return *std::move(letter);
}

}  // namespace

Result<Reply> telemetry_status(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY(check_owner(call));
  const auto status = call.server.telemetry.agent->status();
  JsonWriter json;
  json.object().key("brokers").array();
  for (const auto& broker : status.brokers) write_broker(json, broker);
  json.end().key("publishers").array();
  for (const auto& publisher : call.server.telemetry.publishers->status()) write_publisher(json, publisher);
  json.end().key("pollsters").array();
  if (call.server.telemetry.poller != nullptr)
    for (const auto& pollster : call.server.telemetry.poller->status()) write_pollster(json, pollster);
  json.end()
      .field("notifications", status.counts.notifications)
      .field("duplicates", status.counts.duplicates)
      .field("refused", status.counts.refused)
      .field("samples", status.counts.samples)
      .field("events", status.counts.events)
      .field("skipped_samples", status.counts.skipped)
      .field("last_skipped", status.counts.last_skipped)
      .field("dead_letters", status.dead_letters)
      .field("dead_letters_dropped", status.dead_letters_dropped)
      .field("deliver_failures", status.deliver_failures)
      .field("last_failure", status.last_failure);
  json.key("newest");
  if (status.newest == Time{})
    json.null();
  else
    json.value(status.newest);
  json.end();
  return json_reply(json.take());
}

Result<Reply> list_dead_letters(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"limit", "cursor"}));
  SENT_TRY(check_owner(call));
  SENT_TRY_ASSIGN(const std::size_t limit, query.number("limit", 50, 1, 500));
  SENT_TRY_ASSIGN(const std::size_t before, query.number("cursor", 0, 0, SIZE_MAX));
  SENT_TRY_ASSIGN(const auto page, call.server.telemetry.dead_letters->list(before, limit));
  JsonWriter json;
  json.object().key("items").array();
  for (const auto& letter : page.letters) write_letter(json, letter);
  json.end();
  write_next_cursor(json, page.next == 0 ? "" : std::to_string(page.next));
  json.end();
  return json_reply(json.take());
}

Result<Reply> get_dead_letter(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto letter, find_letter(call));
  JsonWriter json;
  write_letter(json, letter);
  return json_reply(json.take());
}

Result<Reply> replay_dead_letter(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto letter, find_letter(call));
  SENT_TRY(call.server.telemetry.agent->replay(letter));
  return no_content();
}

Result<Reply> delete_dead_letter(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto letter, find_letter(call));
  SENT_TRY(call.server.telemetry.dead_letters->erase(letter.id));
  return no_content();
}

}  // namespace sentinella::api::native
