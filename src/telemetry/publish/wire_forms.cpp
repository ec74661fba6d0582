#include "telemetry/publish/wire_forms.h"

#include <cmath>
#include <map>

#include <unistd.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/text.h"
#include "codec/msgpack.h"
#include "model/trait_types.h"
#include "telemetry/message_signature.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

/// As deep as what parse_notification() lets through.
void pack(const json::value& value, codec::MsgpackWriter& out) {
  switch (value.kind()) {
    case json::kind::null:
      out.nil();
      break;
    case json::kind::bool_:
      out.boolean(value.get_bool());
      break;
    case json::kind::int64:
      out.integer(value.get_int64());
      break;
    case json::kind::uint64:
      out.natural(value.get_uint64());
      break;
    case json::kind::double_:
      out.real(value.get_double());
      break;
    case json::kind::string:
      out.text(std::string_view(value.get_string()));
      break;
    case json::kind::array:
      out.array(static_cast<std::uint32_t>(value.get_array().size()));
      for (const json::value& one : value.get_array()) pack(one, out);
      break;
    case json::kind::object:
      out.map(static_cast<std::uint32_t>(value.get_object().size()));
      for (const auto& [key, one] : value.get_object()) {
        out.text(std::string_view(key));
        pack(one, out);
      }
      break;
  }
}

/// A field of protocol buffers that is counted in bytes.
void add_message(ByteWriter& out, std::uint8_t field, std::string_view bytes) {
  out.fixed(static_cast<std::uint8_t>(field << 3 | 2));
  out.text(bytes);
}

std::string series_message(const SeriesSamples& series) {
  std::string message;
  ByteWriter out(message);
  for (const Label& label : series.labels) {
    std::string pair;
    ByteWriter of_pair(pair);
    add_message(of_pair, 1, label.name);
    add_message(of_pair, 2, label.value);
    add_message(out, 1, pair);
  }
  for (const Sample& sample : series.samples) {
    std::string one;
    ByteWriter of_sample(one);
    of_sample.fixed(std::uint8_t{1 << 3 | 1});
    of_sample.fixed(sample.value);
    of_sample.fixed(std::uint8_t{2 << 3});
    of_sample.varint(static_cast<std::uint64_t>(sample.at.ns / 1'000'000));
    add_message(out, 2, one);
  }
  return message;
}

std::string prometheus_name(std::string_view meter) {
  std::string out(meter);
  for (char& c : out)
    if (c == '.' || c == '-' || c == ' ') c = '_';
  return out;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n')
      out += "\\n";
    else
      out.push_back(c);
  }
  return out;
}

json::value trait_value(const TypedTrait& trait) {
  const bool number = trait.type == TraitType::integer || trait.type == TraitType::real;
  const auto read = number ? parse_double(trait.value) : std::nullopt;
  if (!read) return json::value(trait.value);
  return trait.type == TraitType::integer ? json::value(static_cast<std::int64_t>(*read))
                                          : json::value(*read);
}

}  // namespace

json::object plain_sample(const MeterSample& sample) {
  json::object wire = sample_to_wire(sample);
  json::object out;
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"counter_name", "name"},       {"counter_type", "type"},   {"counter_unit", "unit"},
      {"counter_volume", "volume"},   {"user_id", "user_id"},     {"project_id", "project_id"},
      {"resource_id", "resource_id"}, {"timestamp", "timestamp"}, {"resource_metadata", "resource_metadata"},
      {"source", "source"},           {"message_id", "id"},       {"monotonic_time", "monotonic_time"}};
  for (const auto& [from, to] : kNames) out[to] = std::move(wire[from]);
  for (const char* name : {"user_name", "project_name"})
    if (auto* known = wire.if_contains(name)) out[name] = std::move(*known);
  return out;
}

json::object plain_event(const Event& event) {
  json::array traits;
  for (const TypedTrait& trait : typed_traits(event))
    traits.push_back(json::array{trait.name, static_cast<std::int64_t>(trait.type), trait_value(trait)});
  return {{"message_id", event.id},
          {"event_type", event.type},
          {"generated", to_rfc3339(event.time)},
          {"traits", std::move(traits)},
          {"raw", json::object()}};
}

json::object described_event(const Event& event) {
  json::object traits;
  for (const TypedTrait& trait : typed_traits(event)) traits[trait.name] = trait_value(trait);
  json::object out{{"message_id", event.id},
                   {"event_type", event.type},
                   {"generated", to_rfc3339(event.time)},
                   {"summary", event.summary},
                   {"traits", std::move(traits)}};
  if (!event.host.empty()) out["host"] = event.host;
  if (!event.service.empty()) out["service"] = event.service;
  return out;
}

std::string own_host() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

std::string packed_sample(const MeterSample& sample, std::string_view secret, std::string_view publisher_id) {
  json::object wire = sample_to_wire(sample);
  if (!publisher_id.empty()) wire["publisher_id"] = publisher_id;
  sign(wire, secret);
  std::string bytes;
  codec::MsgpackWriter out(bytes);
  pack(wire, out);
  return bytes;
}

std::string write_request(const std::vector<MeterSample>& samples) {
  std::string request;
  ByteWriter out(request);
  for (const MeterSample& sample : samples) add_message(out, 1, series_message(series_of(sample)));
  return request;
}

json::array monasca_metrics(const std::vector<MeterSample>& samples, const MonascaMapping& mapping,
                            const std::map<std::string, std::string>& dimensions) {
  json::array out;
  for (const MeterSample& sample : samples) {
    json::object all{{"datasource", "ceilometer"}};
    for (auto& [name, value] : mapping.dimensions(sample)) all[name] = std::move(value);
    for (const auto& [name, value] : dimensions) all[name] = value.empty() ? "None" : value;
    out.push_back(json::object{{"name", sample.name},
                               {"timestamp", sample.timestamp.ns / 1'000'000},
                               {"value", sample.volume},
                               {"dimensions", std::move(all)},
                               {"value_meta", mapping.value_meta(sample)}});
  }
  return out;
}

std::vector<std::string> zaqar_posts(const std::vector<MeterSample>& samples,
                                     const std::vector<Event>& events, std::uint64_t ttl_seconds) {
  constexpr std::size_t kMost = 200u << 10;
  constexpr std::string_view kHead = R"({"messages":[)", kTail = "]}";
  std::vector<std::string> posts;
  const auto add = [&](json::object body) {
    const std::string message =
        json::serialize(json::object{{"ttl", ttl_seconds}, {"body", std::move(body)}});
    const bool fits = !posts.empty() && posts.back().size() + message.size() < kMost;
    if (fits)
      posts.back() += ',' + message;
    else
      posts.push_back(std::string(kHead) + message);
  };
  for (const MeterSample& sample : samples) add(plain_sample(sample));
  for (const Event& event : events) add(plain_event(event));
  for (std::string& post : posts) post += kTail;
  return posts;
}

std::string exposition(const std::vector<MeterSample>& samples) {
  // All lines of one metric stand together, whatever order the samples came in.
  std::map<std::string, std::pair<MeterType, std::map<std::string, double>>> metrics;
  for (const MeterSample& sample : samples) {
    auto& [type, lines] = metrics[prometheus_name(sample.name)];
    type = sample.type;
    lines[fmt::format("{{resource_id=\"{}\",user_id=\"{}\",project_id=\"{}\"}}", escaped(sample.resource_id),
                      escaped(sample.user_id.value_or("")), escaped(sample.project_id.value_or("")))] =
        sample.volume;
  }
  std::string text;
  for (const auto& [name, metric] : metrics) {
    const auto& [type, lines] = metric;
    if (type != MeterType::delta)
      text += fmt::format("# TYPE {} {}\n", name, type == MeterType::cumulative ? "counter" : "gauge");
    for (const auto& [labels, value] : lines) text += fmt::format("{}{} {}\n", name, labels, value);
  }
  return text;
}

}  // namespace sentinella::telemetry
