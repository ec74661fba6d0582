#include "api/alertmanager/posted_alert.h"

#include <algorithm>
#include <initializer_list>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/hash.h"
#include "rules/severity_label.h"

namespace sentinella::api::alertmanager {
namespace {

constexpr std::size_t kMaxLabels = 100;
constexpr std::size_t kMaxText = 16 << 10;

Result<Labels> read_labels(const boost::json::object& alert, std::string_view name) {
  const boost::json::value* value = alert.if_contains(name);
  if (!value || value->is_null()) return Labels();
  if (!value->is_object()) return fail_field(Errc::kInvalid, name, "an object expected");
  if (value->get_object().size() > kMaxLabels)
    return fail_field(Errc::kTooLarge, name, "{} entries, at most {}", value->get_object().size(),
                      kMaxLabels);
  std::vector<Label> labels;
  labels.reserve(value->get_object().size());
  for (const auto& field : value->get_object()) {
    if (!field.value().is_string()) return fail_field(Errc::kInvalid, name, "the value of a label is a text");
    const std::string_view text = field.value().get_string();
    if (field.key().empty() || text.size() > kMaxText)
      return fail_field(Errc::kInvalid, name, "an empty name, or a value over {} bytes", kMaxText);
    labels.push_back({std::string(field.key()), std::string(text)});
  }
  return Labels(std::move(labels));
}

Result<std::optional<Time>> read_time(const boost::json::object& alert, std::string_view name) {
  SENT_TRY_ASSIGN(const auto text, optional_string(alert, name));
  if (!text || text->empty() || text->starts_with("0001-")) return std::optional<Time>();
  auto time = parse_rfc3339(*text);
  if (!time) return fail_field(Errc::kInvalid, name, "{}", time.error().message);
  return std::optional(*time);
}

std::string first_of(const Labels& labels, std::initializer_list<std::string_view> names,
                     std::string_view fallback) {
  for (const std::string_view name : names)
    if (const auto value = labels.get(name); !value.empty()) return std::string(value);
  return std::string(fallback);
}

}  // namespace

Result<Signal> read_posted(const boost::json::value& posted, AccountId account, Time now) {
  if (!posted.is_object()) return fail_field(Errc::kInvalid, "alerts", "a list of objects expected");
  const boost::json::object& alert = posted.get_object();
  Signal signal;
  signal.account = account;
  AlertExtras& extras = signal.extras;
  SENT_TRY_ASSIGN(extras.labels, read_labels(alert, "labels"));
  if (extras.labels.size() == 0)
    return fail_field(Errc::kInvalid, "labels", "at least one label pair required");
  SENT_TRY_ASSIGN(extras.annotations, read_labels(alert, "annotations"));
  SENT_TRY_ASSIGN(const auto starts, read_time(alert, "startsAt"));
  SENT_TRY_ASSIGN(const auto ends, read_time(alert, "endsAt"));
  SENT_TRY_ASSIGN(const auto generator, optional_string(alert, "generatorURL"));
  if (starts && ends && *ends < *starts)
    return fail_field(Errc::kInvalid, "endsAt", "it ends before it starts");
  const Labels& labels = extras.labels;
  extras.type = "prometheusAlert";
  extras.origin = "prometheus/" + first_of(labels, {"monitor", "prometheus", "replica"}, "-");
  extras.group = first_of(labels, {"group", "job"}, "Prometheus");
  extras.timeout = ends && *ends > now ? *ends - now : kResolveTimeout;
  extras.fingerprint = fmt::format("{:016x}", hash64(labels.canonical()));
  extras.annotations.set("generatorURL", generator.value_or("").substr(0, kMaxText));
  signal.resource = first_of(labels, {"exported_instance", "instance", "host", "node"}, "n/a");
  signal.host = first_of(labels, {"host", "node"}, signal.resource.substr(0, signal.resource.find(':')));
  signal.event = first_of(labels, {"event", "alertname"}, "Alert");
  signal.service = first_of(labels, {"service", "job"}, "");
  signal.environment = first_of(labels, {"environment", "env"}, "");
  signal.severity = rules::severity_of_label(labels.get("severity"));
  signal.tier = rules::tier_of_labels(labels, signal.severity);
  signal.text = first_of(extras.annotations, {"summary", "description", "message"}, signal.event);
  signal.value = first_of(extras.annotations, {"value"}, "");
  signal.playbook = first_of(extras.annotations, {"playbook_url", "runbook_url"}, "");
  signal.rule_id = "prometheus/" + signal.event;
  signal.at = starts.value_or(now);
  if (ends && *ends <= now) {
    signal.state = Signal::State::resolved;
    signal.at = *ends;
    signal.text.clear();
  }
  return signal;
}

}  // namespace sentinella::api::alertmanager
