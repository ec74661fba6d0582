#include "api/alertmanager/alertmanager_door.h"

#include <algorithm>
#include <map>

#include "api/alertmanager/posted_alert.h"
#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/hash.h"
#include "base/ids.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api::alertmanager {
namespace {

constexpr std::size_t kMaxBody = 16 << 20;
constexpr std::size_t kMaxAlerts = 20'000;
constexpr std::string_view kReceiver = "sentinella";

/// What a listed alert's status says.
struct Suppression {
  std::vector<std::string> silenced_by, inhibited_by;
  bool any() const { return !silenced_by.empty() || !inhibited_by.empty(); }
};

/// What mutes the account's alerts at this moment.
struct Muting {
  std::vector<notify::Mute> mutes;
  std::map<std::string, std::vector<std::string>> held;  ///< by alert id: by what

  Suppression of(const Alert& alert) const {
    Suppression out;
    for (const notify::Mute& mute : mutes)
      if (mute.matchers.match(alert)) out.silenced_by.push_back(mute.id);
    if (const auto found = held.find(alert.id); found != held.end()) out.inhibited_by = found->second;
    return out;
  }
};

Result<Muting> load_muting(RequestContext& call) {
  Muting out;
  const Time now = call.server.clock.now();
  SENT_TRY(call.server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto items, catalog::list_policy(tx, call.caller.account, ""));
    SENT_TRY_ASSIGN(const auto held, catalog::held_alerts(tx, call.caller.account));
    out.mutes = notify::read_policy(items).mutes;
    std::erase_if(out.mutes, [&](const notify::Mute& mute) { return !mute.window(now); });
    for (const auto& [id, by] : held) out.held[id].push_back(by);
    return {};
  }));
  return out;
}

void write_labels(JsonWriter& json, std::string_view name, const Labels& labels) {
  json.key(name).object();
  for (const Label& label : labels)
    if (label.name != "generatorURL") json.field(label.name, label.value);
  json.end();
}

void write_words(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
  json.key(name).array();
  for (const std::string& word : words) json.value(word);
  json.end();
}

/// Of an alert that no sender has labelled.
Labels annotations_of_ours(const Alert& alert) {
  Labels annotations = alert.extras.annotations;
  if (annotations.get("summary").empty()) annotations.set("summary", alert.text);
  return annotations;
}

void write_alert(JsonWriter& json, const Alert& alert, const Suppression& suppressed, Time now) {
  const Labels labels = notify::labels_of(alert);
  const Duration timeout = alert.extras.timeout > Duration{} ? alert.extras.timeout : kResolveTimeout;
  const Time last = alert.extras.timeout > Duration{} ? alert.last_receive_time : now;
  json.object();
  if (notify::labelled_by_sender(alert)) {
    write_labels(json, "annotations", alert.extras.annotations);
  } else {
    write_labels(json, "annotations", annotations_of_ours(alert));
  }
  json.field("endsAt", last + timeout)
      .field("fingerprint", fmt::format("{:016x}", hash64(labels.canonical())));
  json.key("receivers").array().object().field("name", kReceiver).end().end();
  json.field("startsAt", alert.create_time).key("status").object();
  write_words(json, "inhibitedBy", suppressed.inhibited_by);
  write_words(json, "mutedBy", {});
  write_words(json, "silencedBy", suppressed.silenced_by);
  json.field("state", suppressed.any() ? "suppressed" : "active").end();
  json.field("updatedAt", alert.last_receive_time);
  json.field("generatorURL", alert.extras.annotations.get("generatorURL"));
  write_labels(json, "labels", labels);
  json.end();
}

/// The parameters that /alerts and /alerts/groups share.
struct Wanted {
  notify::Matchers matchers;
  bool active = true, silenced = true, inhibited = true;

  static Result<Wanted> read(const net::Request& request) {
    SENT_TRY_ASSIGN(
        const auto query,
        Query::read(request, {"active", "silenced", "inhibited", "unprocessed", "receiver", "muted"},
                    {"filter"}));
    Wanted out;
    SENT_TRY_ASSIGN(out.matchers, notify::Matchers::from_text(query.all("filter"), "filter"));
    for (auto& [name, flag] : {std::pair{"active", &out.active}, std::pair{"silenced", &out.silenced},
                               std::pair{"inhibited", &out.inhibited}}) {
      if (query.text(name).empty()) continue;
      SENT_TRY_ASSIGN(*flag, query.flag(name));
    }
    return out;
  }
  bool match(const Alert& alert, const Suppression& by) const {
    if (!by.any() && !active) return false;
    if (!by.silenced_by.empty() && !silenced) return false;
    if (!by.inhibited_by.empty() && !inhibited) return false;
    return matchers.match(alert);
  }
};

std::string_view state_of(const catalog::PolicyItem& item, Time now) {
  if (now < item.starts) return "pending";
  return now < item.ends ? "active" : "expired";
}

void write_silence(JsonWriter& json, const catalog::PolicyItem& item, const notify::Mute& mute, Time now) {
  json.object().field("id", item.id).key("status").object().field("state", state_of(item, now)).end();
  json.field("updatedAt", item.created).field("comment", mute.reason).field("createdBy", item.created_by);
  json.field("endsAt", item.ends).field("startsAt", item.starts).key("matchers");
  mute.matchers.write(json);
  json.end();
}

Result<catalog::PolicyItem> find_silence(RequestContext& call, const std::string& id) {
  return native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_policy(tx, call.caller.account, "silence", id);
  });
}

Result<void> store(RequestContext& call, const catalog::PolicyItem& item) {
  SENT_TRY(notify::check_policy(item));
  SENT_TRY(
      call.server.database.write([&](catalog::Transaction& tx) { return catalog::put_policy(tx, item); }));
  return call.server.policy_changed ? call.server.policy_changed() : Result<void>();
}

/// Comment and end may change and leave a silence what it is.
bool same_matchers(const std::string& stored, const boost::json::object& posted) {
  const auto old = parse_json_object(stored);
  if (!old || !old->contains("matchers")) return false;
  const auto before = notify::Matchers::from_json(old->at("matchers"), "matchers");
  const auto after = notify::Matchers::from_json(posted.at("matchers"), "matchers");
  if (!before || !after) return false;
  JsonWriter x, y;
  before->write(x);
  after->write(y);
  return x.str() == y.str();
}

/// A silence that has not begun yet has been over for a moment, then.
void end_now(catalog::PolicyItem& item, Time now) {
  item.starts = std::min(item.starts, now - Duration(1));
  item.ends = now;
}

struct Posted {
  Batch batch;
  std::optional<Error> refused;  ///< the first that is no good
};

/// One bad alert must not hide the others: the good ones count, the answer names the first bad one.
Result<Posted> read_body(RequestContext& call) {
  if (call.request.body.size() > kMaxBody)
    return fail(Errc::kTooLarge, "the body has {} bytes, at most {}", call.request.body.size(), kMaxBody);
  SENT_TRY_ASSIGN(const auto body, parse_json(call.request.body));
  if (!body.is_array()) return fail(Errc::kInvalid, "a list of alerts expected");
  if (body.get_array().size() > kMaxAlerts)
    return fail(Errc::kTooLarge, "{} alerts, at most {}", body.get_array().size(), kMaxAlerts);
  Posted out;
  out.batch.account = call.caller.account;
  out.batch.received = call.server.clock.now();
  out.batch.signals.reserve(body.get_array().size());
  for (const boost::json::value& posted : body.get_array()) {
    auto signal = read_posted(posted, call.caller.account, out.batch.received);
    if (signal) {
      out.batch.signals.push_back(*std::move(signal));
    } else if (!out.refused) {
      out.refused = signal.error();
    }
  }
  return out;
}

Reply text_reply(std::string text) {
  Reply reply{200, {}, std::move(text), {}};
  reply.headers.set("Content-Type", "text/plain; charset=utf-8");
  return reply;
}

}  // namespace

void post_alerts(RequestContext& call, Answer answer) {
  auto posted = read_body(call);
  if (!posted) return answer(std::unexpected(std::move(posted).error()));
  auto reply = [answer = std::move(answer),
                refused = std::move(posted->refused)](const Result<bus::Offset>& kept) mutable {
    if (!kept) return answer(std::unexpected(kept.error()));
    if (refused) return answer(std::unexpected(*std::move(refused)));
    answer(Reply{200, {}, "", {}});
  };
  if (posted->batch.empty()) return reply(bus::Offset{0});
  // Who posts may list at once what became of it.
  call.server.intake.submit(std::move(posted->batch), ingest::Until::applied, std::move(reply));
}

Result<Reply> list_alerts(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto wanted, Wanted::read(call.request));
  SENT_TRY_ASSIGN(const auto muting, load_muting(call));
  const Time now = call.server.clock.now();
  JsonWriter json;
  json.array();
  call.server.alerts.for_each_live(call.caller.account, [&](const Alert& alert) {
    if (const Suppression by = muting.of(alert); wanted.match(alert, by)) write_alert(json, alert, by, now);
  });
  return json_reply(json.end().take());
}

Result<Reply> list_groups(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto wanted, Wanted::read(call.request));
  SENT_TRY_ASSIGN(const auto muting, load_muting(call));
  const auto alerts = call.server.alerts.live_in_short(call.caller.account);
  const Time now = call.server.clock.now();
  std::map<std::pair<std::string, std::string>, std::vector<const Alert*>> groups;
  for (const Alert& alert : alerts)
    if (wanted.match(alert, muting.of(alert))) groups[{alert.environment, alert.event}].push_back(&alert);
  JsonWriter json;
  json.array();
  for (const auto& [labels, members] : groups) {
    json.object()
        .key("labels")
        .object()
        .field("environment", labels.first)
        .field("alertname", labels.second)
        .end();
    json.key("receiver").object().field("name", kReceiver).end().key("alerts").array();
    for (const Alert* alert : members) write_alert(json, *alert, muting.of(*alert), now);
    json.end().end();
  }
  return json_reply(json.end().take());
}

Result<Reply> list_silences(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {}, {"filter"}));
  SENT_TRY_ASSIGN(const auto items, native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, "silence");
                  }));
  const auto filters = query.all("filter");
  const Time now = call.server.clock.now();
  JsonWriter json;
  json.array();
  for (const catalog::PolicyItem& item : items) {
    const auto mute = notify::read_mute(item);
    if (!mute) continue;
    JsonWriter matchers;
    mute->matchers.write(matchers);
    const bool all = std::ranges::all_of(filters, [&](const std::string& filter) {
      const auto one = notify::Matchers::from_text({filter}, "filter");
      if (!one) return false;
      JsonWriter text;
      one->write(text);
      return matchers.str().contains(text.str().substr(1, text.str().size() - 2));
    });
    if (all) write_silence(json, item, *mute, now);
  }
  return json_reply(json.end().take());
}

Result<Reply> post_silence(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body,
                  json_body(call.request, {"id", "matchers", "startsAt", "endsAt", "createdBy", "comment",
                                           "annotations", "status", "updatedAt"}));
  SENT_TRY_ASSIGN(const auto comment, required_text(body, "comment", 4000));
  SENT_TRY_ASSIGN(const auto creator, optional_text(body, "createdBy", 200));
  SENT_TRY_ASSIGN(const auto starts, required_string(body, "startsAt"));
  SENT_TRY_ASSIGN(const auto ends, required_string(body, "endsAt"));
  SENT_TRY_ASSIGN(const auto id, optional_string(body, "id"));
  const auto* matchers = body.if_contains("matchers");
  if (matchers == nullptr) return fail_field(Errc::kInvalid, "matchers", "is missing");
  const Time now = call.server.clock.now();
  catalog::PolicyItem item;
  item.account = call.caller.account;
  item.kind = "silence";
  item.id = to_text(random_uuid());
  item.created = now;
  const boost::json::object document{{"matchers", *matchers}, {"reason", comment}};
  item.body = boost::json::serialize(document);
  if (id && !id->empty()) {
    SENT_TRY_ASSIGN(auto old, find_silence(call, *id));
    // As upstream: other matchers make another silence, and the old one ends.
    if (same_matchers(old.body, document)) {
      item.id = old.id;
    } else {
      end_now(old, now);
      SENT_TRY(
          call.server.database.write([&](catalog::Transaction& tx) { return catalog::put_policy(tx, old); }));
    }
  }
  item.created_by = creator.empty() ? call.caller.name : creator;
  SENT_TRY_ASSIGN(item.starts, parse_when(starts, now, "startsAt"));
  SENT_TRY_ASSIGN(item.ends, parse_when(ends, now, "endsAt"));
  if (item.ends <= now) return fail_field(Errc::kInvalid, "endsAt", "it lies in the past");
  SENT_TRY(store(call, item));
  return json_reply(JsonWriter().object().field("silenceID", item.id).end().take());
}

Result<Reply> get_silence(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto item, find_silence(call, call.path_value("id")));
  SENT_TRY_ASSIGN(const auto mute, notify::read_mute(item));
  JsonWriter json;
  write_silence(json, item, mute, call.server.clock.now());
  return json_reply(json.take());
}

/// Ends it; it stays listed as expired.
Result<Reply> delete_silence(RequestContext& call) {
  SENT_TRY_ASSIGN(auto item, find_silence(call, call.path_value("id")));
  const Time now = call.server.clock.now();
  if (item.ends > now) {
    end_now(item, now);
    SENT_TRY(store(call, item));
  }
  return Reply{200, {}, "", {}};
}

Result<Reply> status(RequestContext& call) {
  JsonWriter json;
  json.object().key("cluster").object().field("name", call.server.info.epoch).field("status", "ready");
  json.key("peers").array().end().end();
  json.key("config")
      .object()
      .field("original", "# the configuration of alerting is at /api/v1/alerting\n")
      .end();
  json.field("uptime", call.server.info.started).key("versionInfo").object();
  json.field("branch", "").field("buildDate", "").field("buildUser", "").field("goVersion", "");
  json.field("revision", "").field("version", call.server.info.version).end();
  return json_reply(json.end().take());
}

Result<Reply> receivers(RequestContext&) {
  return json_reply(JsonWriter().array().object().field("name", kReceiver).end().end().take());
}

Result<Reply> healthy(RequestContext&) {
  return text_reply("OK");
}

}  // namespace sentinella::api::alertmanager
