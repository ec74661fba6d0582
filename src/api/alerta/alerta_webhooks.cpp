// Webhooks of Alertmanager and Grafana, which have one form: {"alerts":[{"status","labels","annotations",
// "startsAt","endsAt","generatorURL"}]}. Every element counts; the answer says which were no good.
#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"
#include "api/alertmanager/posted_alert.h"
#include "api/reply.h"

namespace sentinella::api::alerta {
namespace {

constexpr std::size_t kMaxHooked = 10'000;
/// A receiver of webhooks hears of an alert again after hours only; its end is told.
constexpr Duration kHookedLife = std::chrono::hours(24);

Result<Signal> read_hooked(const boost::json::value& one, const RequestContext& call) {
  SENT_TRY_ASSIGN(Signal signal,
                  alertmanager::read_posted(one, call.caller.account, call.server.clock.now()));
  const auto status = optional_string(one.get_object(), "status");
  if (status && *status == "resolved" && signal.state != Signal::State::resolved) {
    signal.state = Signal::State::resolved;
    signal.at = call.server.clock.now();
  }
  signal.extras.timeout = kHookedLife;
  return signal;
}

}  // namespace

void webhook(RequestContext& call, Answer answer) {
  auto body = read_body(call.request);
  if (!body) return answer(std::unexpected(std::move(body).error()));
  const boost::json::value* const given = body->if_contains("alerts");
  if (given == nullptr || !given->is_array())
    return answer(fail_field(Errc::kInvalid, "alerts", "a list of alerts expected"));
  if (given->get_array().size() > kMaxHooked)
    return answer(fail_field(Errc::kTooLarge, "alerts", "{} alerts, at most {}", given->get_array().size(),
                             kMaxHooked));
  Batch batch;
  batch.account = call.caller.account;
  batch.received = call.server.clock.now();
  JsonWriter refused;
  refused.array();
  std::size_t at = 0;
  for (const boost::json::value& one : given->get_array()) {
    auto signal = read_hooked(one, call);
    if (signal) {
      batch.signals.push_back(*std::move(signal));
    } else {
      refused.object().field("index", static_cast<std::uint64_t>(at));
      refused.field("message", describe(signal.error())).end();
    }
    ++at;
  }
  JsonWriter json;
  json.object().field("taken", static_cast<std::uint64_t>(batch.signals.size()));
  json.key("refused").raw(refused.end().take());
  const bool good = batch.signals.size() == at;
  Reply reply = json_reply(json.field("status", good ? "ok" : "error").end().take(), good ? 201 : 400);
  if (batch.empty()) return answer(std::move(reply));
  call.server.intake.submit(
      std::move(batch), ingest::Until::applied,
      [answer = std::move(answer), reply = std::move(reply)](const Result<bus::Offset>& kept) mutable {
        if (!kept) return answer(std::unexpected(kept.error()));
        answer(std::move(reply));
      });
}

}  // namespace sentinella::api::alerta
