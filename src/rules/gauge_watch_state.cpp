// Gauge instances <-> bytes.
#include <algorithm>

#include "rules/gauge_watch.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

void write_samples(ByteWriter& out, const std::vector<Sample>& samples) {
  out.varint(samples.size());
  std::int64_t last = 0;
  for (const Sample& sample : samples) {
    out.svarint(sample.at.ns - std::exchange(last, sample.at.ns));
    out.fixed(sample.value);
  }
}

std::vector<Sample> read_samples(ByteReader& in) {
  std::vector<Sample> samples;
  std::int64_t last = 0;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    last += in.svarint();
    samples.push_back({{last}, in.fixed<double>()});
  }
  return samples;
}

void write_optional(ByteWriter& out, const std::optional<Time>& t) {
  out.varint(t.has_value());
  if (t) write_time(out, *t);
}

std::optional<Time> read_optional(ByteReader& in) {
  if (in.varint() == 0) return std::nullopt;
  return read_time(in);
}

}  // namespace

void GaugeWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const Key& key : dirty_) {
    std::string bytes;
    const auto found = instances_.find(key);
    if (found != instances_.end()) {
      const Instance& instance = found->second;
      ByteWriter writer(bytes);
      writer.fixed(kStateVersion);
      for (const std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
        writer.text(*text);
      writer.varint(instance.series.size());
      for (const auto& [id, samples] : instance.series) {
        writer.fixed(id);
        write_samples(writer, samples);
      }
      write_samples(writer, instance.divisor ? std::vector{*instance.divisor} : std::vector<Sample>{});
      write_time(writer, instance.evaluated);
      write_time(writer, instance.forget_at);
      writer.varint(instance.since.size());
      for (const auto& since : instance.since) write_optional(writer, since);
      writer.varint(instance.level ? *instance.level + 1 : 0);
      writer.varint(instance.told ? static_cast<std::uint64_t>(*instance.told) : 0);
      write_optional(writer, instance.recovering);
    }
    out.push_back({account, key.first, "G" + key.second, bytes.empty() ? "" : to_base64(bytes)});
  }
  dirty_.clear();
}

void GaugeWatch::restore(const std::string& rule_id, const std::string& instance_key,
                         std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  ByteReader in(*bytes);
  if (in.fixed<std::uint8_t>() != kStateVersion) return;
  Instance instance;
  for (std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
    *text = in.text();
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    const auto id = in.fixed<std::uint64_t>();
    instance.series[id] = read_samples(in);
  }
  const auto divisor = read_samples(in);
  if (!divisor.empty()) instance.divisor = divisor.front();
  instance.evaluated = read_time(in);
  instance.forget_at = read_time(in);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) instance.since.push_back(read_optional(in));
  if (const std::uint64_t level = in.varint(); level > 0) instance.level = level - 1;
  if (const std::uint64_t told = in.varint();
      told > 0 && told <= static_cast<std::uint64_t>(AlertSeverity::normal))
    instance.told = static_cast<AlertSeverity>(told);
  instance.recovering = read_optional(in);
  if (!in.ok() || instance.level.has_value() != instance.told.has_value()) return;
  if (instance.level && *instance.level >= instance.since.size()) return;
  // Levels of an edited rule are fitted by set_rules(); with the rules already here they must agree.
  const Watched* watched = find_watched(rule_id);
  if (watched && watched->what->levels.size() != instance.since.size()) return;
  const Key key(rule_id, instance_key);
  expiry_.set(key, instance.forget_at);
  ++per_rule_[rule_id];
  instances_.insert_or_assign(key, std::move(instance));
}

}  // namespace sentinella::rules
