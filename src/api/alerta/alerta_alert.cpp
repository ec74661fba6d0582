#include "api/alerta/alerta_alert.h"

#include <algorithm>

#include "base/text.h"

namespace sentinella::api::alerta {
namespace {

constexpr std::size_t kMaxText = 64 << 10;
constexpr std::size_t kMaxCustomer = 256;
constexpr std::size_t kMaxItems = 200;
/// Where an alert keeps what Alerta has fields of its own for.
constexpr std::string_view kCustomer = "customer";  ///< a label, so that silences and routes can tell
constexpr std::string_view kRawData = "rawData";    ///< an attribute

void write_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  json.key(name);
  text.empty() ? json.null() : json.value(text);
}

void write_attributes(JsonWriter& json, const Alert& alert) {
  const Labels& attributes = alert.extras.annotations;
  json.key("attributes").object();
  for (const Label& label : attributes)
    if (label.name != kRawData) json.field(label.name, label.value);
  if (attributes.get("playbook").empty() && !alert.playbook.empty()) json.field("playbook", alert.playbook);
  if (attributes.get("owner").empty() && !alert.owner.empty()) json.field("owner", alert.owner);
  json.end();
}

void write_words(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
  json.key(name).array();
  for (const std::string& word : words) json.value(word);
  json.end();
}

std::string_view trend(AlertSeverity before, AlertSeverity now) {
  if (severity_code(before) == severity_code(now)) return "noChange";
  return is_worse(now, before) ? "moreSevere" : "lessSevere";
}

Result<std::string> mandatory(const boost::json::object& body, std::string_view name) {
  SENT_TRY_ASSIGN(const auto text, optional_string(body, name));
  if (!text || text->empty())
    return fail_field(Errc::kInvalid, name, "Missing mandatory value for \"{}\"", name);
  if (text->size() > kMaxText) return fail_field(Errc::kTooLarge, name, "over {} bytes", kMaxText);
  return to_valid_utf8(*text);
}

/// A text; numbers are cast, as Alerta does.
std::string text_of(const boost::json::object& body, std::string_view name, std::string_view fallback) {
  const auto* value = body.if_contains(name);
  if (!value || value->is_null()) return std::string(fallback);
  if (value->is_string()) return to_valid_utf8(std::string_view(value->get_string()).substr(0, kMaxText));
  return boost::json::serialize(*value).substr(0, kMaxText);
}

Result<std::vector<std::string>> words_of(const boost::json::object& body, std::string_view name) {
  const auto* value = body.if_contains(name);
  if (!value || value->is_null()) return std::vector<std::string>();
  SENT_TRY_ASSIGN(auto words, optional_strings(body, name));
  if (words.size() > kMaxItems)
    return fail_field(Errc::kTooLarge, name, "{} items, at most {}", words.size(), kMaxItems);
  return words;
}

Result<Labels> attributes_of(const boost::json::object& body) {
  const auto* value = body.if_contains("attributes");
  if (!value || value->is_null()) return Labels();
  if (!value->is_object()) return fail_field(Errc::kInvalid, "attributes", "Attributes must be an object");
  std::vector<Label> labels;
  for (const auto& field : value->get_object()) {
    if (field.key().find_first_of(".$") != std::string_view::npos)
      return fail_field(Errc::kInvalid, "attributes", "Attribute keys must not contain \".\" or \"$\"");
    if (labels.size() == kMaxItems)
      return fail_field(Errc::kTooLarge, "attributes", "more than {}", kMaxItems);
    const bool is_text = field.value().is_string();
    labels.push_back({std::string(field.key()), is_text ? to_valid_utf8(field.value().get_string())
                                                        : boost::json::serialize(field.value())});
  }
  return Labels(std::move(labels));
}

/// Whatever the sender has: a text, or JSON.
Result<std::string> raw_data_of(const boost::json::object& body) {
  const auto* value = body.if_contains(kRawData);
  if (!value || value->is_null()) return std::string();
  std::string text = value->is_string() ? to_valid_utf8(value->get_string()) : boost::json::serialize(*value);
  if (text.size() > kMaxText) return fail_field(Errc::kTooLarge, kRawData, "over {} bytes", kMaxText);
  return text;
}

Result<std::string> customer_of(const boost::json::object& body) {
  SENT_TRY_ASSIGN(const auto customer, optional_string(body, kCustomer));
  if (customer && customer->empty())
    return fail_field(Errc::kInvalid, kCustomer, "Customer must not be an empty string");
  if (customer && customer->size() > kMaxCustomer)
    return fail_field(Errc::kTooLarge, kCustomer, "over {} bytes", kMaxCustomer);
  return to_valid_utf8(customer.value_or(""));
}

Result<Duration> timeout_of(const boost::json::object& body) {
  SENT_TRY_ASSIGN(const auto seconds, optional_number(body, "timeout"));
  if (!seconds) return std::chrono::hours(24);
  if (!(*seconds >= 0 && *seconds <= 1e9))
    return fail_field(Errc::kInvalid, "timeout", "Invalid negative timeout value");
  return Duration(static_cast<std::int64_t>(*seconds * 1e9));
}

Result<void> check_policy(const Signal& signal, const std::vector<std::string>& environments,
                          bool has_service) {
  if (std::ranges::find(environments, signal.environment) == environments.end())
    return fail(Errc::kForbidden, "[POLICY] Alert environment does not match one of {}",
                fmt::join(environments, ", "));
  if (!has_service) return fail(Errc::kForbidden, "[POLICY] Alert must define a service");
  return {};
}

Tier tier_of(AlertSeverity severity) {
  if (is_worse(severity, AlertSeverity::major)) return Tier::page;
  return is_worse(severity, AlertSeverity::indeterminate) ? Tier::ticket : Tier::info;
}

}  // namespace

std::string alerta_time(Time time) {
  return to_rfc3339({time.ns / 1'000'000 * 1'000'000});
}

std::vector<std::string> services_of(const Alert& alert) {
  if (const auto several = alert.extras.labels.get("services"); !several.empty()) {
    std::vector<std::string> out;
    for (const auto one : split(several, ',')) out.emplace_back(one);
    return out;
  }
  return alert.service.empty() ? std::vector<std::string>() : std::vector{alert.service};
}

std::string group_of(const Alert& alert) {
  return alert.extras.group.empty() ? "Misc" : alert.extras.group;
}

void write_history(JsonWriter& json, const Alert& alert, const AlertHistory& entry, const AlarmTerms& terms,
                   bool flat) {
  json.object()
      .field("id", alert.id)
      .field("event", entry.event)
      .field("severity", terms.severity(entry.severity));
  json.field("status", terms.status(entry)).field("value", entry.value).field("text", entry.text);
  if (entry.type == "assign") write_or_null(json, "owner", entry.owner);
  json.field("type", entry.type).field("updateTime", alerta_time(entry.time)).field("user", entry.user);
  json.field("timeout", static_cast<std::int64_t>(alert.extras.timeout / std::chrono::seconds(1)));
  if (flat) {
    json.field("resource", alert.resource).field("environment", alert.environment);
    write_words(json, "service", services_of(alert));
    json.field("group", group_of(alert)).field("origin", alert.extras.origin);
    write_or_null(json, "customer", alert.extras.labels.get(kCustomer));
    write_words(json, "tags", alert.extras.tags);
    write_attributes(json, alert);
  }
  json.end();
}

void write_alert(JsonWriter& json, const Alert& alert, const AlarmTerms& terms, Shown shown) {
  const AlertExtras& extras = alert.extras;
  const auto or_else = [](const std::string& text, std::string_view fallback) {
    return text.empty() ? std::string(fallback) : text;
  };
  json.object().field("id", alert.id).field("href", "/alerta/alert/" + alert.id);
  json.field("resource", alert.resource).field("event", alert.event).field("environment", alert.environment);
  json.field("severity", terms.severity(alert.severity)).field("status", terms.status(alert));
  write_words(json, "correlate", extras.correlate);
  write_words(json, "service", services_of(alert));
  json.field("group", group_of(alert)).field("value", alert.value).field("text", alert.text);
  write_words(json, "tags", extras.tags);
  write_attributes(json, alert);
  json.field("origin", or_else(extras.origin, "sentinella"));
  json.field("type", or_else(extras.type, "exceptionAlert"))
      .field("createTime", alerta_time(alert.create_time));
  json.field("timeout", static_cast<std::int64_t>(extras.timeout / std::chrono::seconds(1)));
  write_or_null(json, "rawData", shown.raw_data ? extras.annotations.get(kRawData) : std::string_view());
  write_or_null(json, "customer", extras.labels.get(kCustomer));
  write_or_null(json, "owner", alert.owner);
  json.field("duplicateCount", alert.duplicate_count);
  json.field("repeat", alert.duplicate_count > 0)
      .field("previousSeverity", terms.severity(alert.previous_severity));
  json.field("trendIndication", trend(alert.previous_severity, alert.severity));
  json.field("receiveTime", alerta_time(alert.receive_time)).field("lastReceiveId", alert.id);
  json.field("lastReceiveTime", alerta_time(alert.last_receive_time));
  json.field("updateTime", alerta_time(alert.update_time)).key("history").array();
  if (shown.history)
    for (auto entry = alert.history.rbegin(); entry != alert.history.rend(); ++entry)
      write_history(json, alert, *entry, terms, false);
  json.end().end();
}

Result<Signal> read_alert(const boost::json::object& body, const AlarmTerms& terms,
                          const std::vector<std::string>& environments, AccountId account, Time now) {
  Signal signal;
  signal.account = account;
  SENT_TRY_ASSIGN(signal.resource, mandatory(body, "resource"));
  SENT_TRY_ASSIGN(signal.event, mandatory(body, "event"));
  signal.environment = text_of(body, "environment", "");
  SENT_TRY_ASSIGN(signal.severity, terms.parse_severity(text_of(body, "severity", terms.normal)));
  signal.tier = tier_of(signal.severity);
  AlertExtras& extras = signal.extras;
  SENT_TRY_ASSIGN(extras.correlate, words_of(body, "correlate"));
  if (!extras.correlate.empty() &&
      std::ranges::find(extras.correlate, signal.event) == extras.correlate.end())
    extras.correlate.push_back(signal.event);
  SENT_TRY_ASSIGN(const auto services, words_of(body, "service"));
  if (!services.empty()) signal.service = services.front();
  if (services.size() > 1) extras.labels.set("services", fmt::format("{}", fmt::join(services, ",")));
  SENT_TRY(check_policy(signal, environments, !services.empty()));
  SENT_TRY_ASSIGN(extras.tags, words_of(body, "tags"));
  SENT_TRY_ASSIGN(extras.annotations, attributes_of(body));
  SENT_TRY_ASSIGN(extras.timeout, timeout_of(body));
  SENT_TRY_ASSIGN(const std::string raw_data, raw_data_of(body));
  if (!raw_data.empty()) extras.annotations.set(kRawData, raw_data);
  SENT_TRY_ASSIGN(const std::string customer, customer_of(body));
  if (!customer.empty()) extras.labels.set(kCustomer, customer);
  extras.group = text_of(body, "group", "");
  extras.origin = text_of(body, "origin", "unknown");
  extras.type = text_of(body, "type", "");
  extras.fingerprint = "environment=" + signal.environment;
  if (!customer.empty()) extras.fingerprint += "\ncustomer=" + customer;
  signal.value = text_of(body, "value", "");
  signal.text = text_of(body, "text", "");
  signal.host = signal.resource.substr(0, signal.resource.find_first_of(":/"));
  signal.rule_id = "alerta/" + extras.origin;
  signal.at = now;
  if (const std::string created = text_of(body, "createTime", ""); !created.empty()) {
    const auto time = parse_rfc3339(created);
    if (!time) return fail_field(Errc::kInvalid, "createTime", "{}", time.error().message);
    signal.at = *time;
  }
  if (const std::string word = text_of(body, "status", ""); !word.empty()) {
    SENT_TRY_ASSIGN(signal.status, terms.parse_status(word));
  }
  return signal;
}

}  // namespace sentinella::api::alerta
