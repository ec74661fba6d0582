// Gauge instances <-> bytes.
#include <algorithm>

#include "base/text.h"
#include "rules/gauge_watch.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

/// 1 had no more than what is read for it.
constexpr std::uint8_t kGaugeState = 2;

void write_labels(ByteWriter& out, const Labels& labels) {
  out.text(labels.canonical());
}
Labels read_labels(ByteReader& in) {
  return Labels::from_canonical(in.text()).value_or(Labels());
}

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
      writer.fixed(kGaugeState);
      for (const std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
        writer.text(*text);
      writer.varint(instance.window.series.size());
      for (const auto& [id, samples] : instance.window.series) {
        writer.fixed(id);
        write_samples(writer, samples);
      }
      write_samples(writer,
                    instance.window.divisor ? std::vector{*instance.window.divisor} : std::vector<Sample>{});
      write_time(writer, instance.evaluated);
      write_time(writer, instance.forget_at);
      writer.varint(instance.since.size());
      for (const auto& since : instance.since) write_optional(writer, since);
      writer.varint(instance.level ? *instance.level + 1 : 0);
      writer.varint(instance.told ? static_cast<std::uint64_t>(*instance.told) : 0);
      write_optional(writer, instance.recovering);
      write_labels(writer, instance.labels);
      write_labels(writer, instance.told_labels);
      write_labels(writer, instance.told_annotations);
      write_time(writer, instance.heard);
      writer.svarint(instance.interval.count());
      writer.varint(instance.late);
      writer.varint(instance.seen);
      writer.fixed(instance.value);
      for (const std::uint32_t hits : instance.hits) writer.varint(hits);
      writer.varint(instance.recoveries);
      write_optional(writer, instance.missing);
      writer.varint(instance.told_missing);
      write_time(writer, instance.look_at);
    } else if (key.second == kFailures) {
      const auto failed = failures_.find(key.first);
      if (failed != failures_.end() && failed->second > 0) bytes = std::to_string(failed->second);
    }
    out.push_back({account, key.first, "G" + key.second, bytes.empty() ? "" : to_base64(bytes)});
  }
  dirty_.clear();
}

void GaugeWatch::restore(const std::string& rule_id, const std::string& instance_key,
                         std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  if (instance_key == kFailures) {
    failures_[rule_id] = static_cast<std::uint32_t>(parse_uint(*bytes).value_or(0));
    return;
  }
  ByteReader in(*bytes);
  const auto version = in.fixed<std::uint8_t>();
  if (version == 0 || version > kGaugeState) return;
  Instance instance;
  for (std::string* text : {&instance.event, &instance.host, &instance.service, &instance.resource})
    *text = in.text();
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    const auto id = in.fixed<std::uint64_t>();
    instance.window.series[id] = read_samples(in);
  }
  const auto divisor = read_samples(in);
  if (!divisor.empty()) instance.window.divisor = divisor.front();
  instance.evaluated = read_time(in);
  instance.forget_at = read_time(in);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) instance.since.push_back(read_optional(in));
  if (const std::uint64_t level = in.varint(); level > 0) instance.level = level - 1;
  if (const std::uint64_t told = in.varint();
      told > 0 && told <= static_cast<std::uint64_t>(AlertSeverity::normal))
    instance.told = static_cast<AlertSeverity>(told);
  instance.recovering = read_optional(in);
  instance.hits.resize(instance.since.size());
  if (version > 1) {
    instance.labels = read_labels(in);
    instance.told_labels = read_labels(in);
    instance.told_annotations = read_labels(in);
    instance.heard = read_time(in);
    instance.interval = Duration(in.svarint());
    instance.late = in.varint() != 0;
    instance.seen = static_cast<std::uint32_t>(in.varint());
    instance.value = in.fixed<double>();
    for (std::uint32_t& hits : instance.hits) hits = static_cast<std::uint32_t>(in.varint());
    instance.recoveries = static_cast<std::uint32_t>(in.varint());
    instance.missing = read_optional(in);
    instance.told_missing = in.varint() != 0;
    instance.look_at = read_time(in);
  }
  if (!in.ok() || instance.level.has_value() != instance.told.has_value()) return;
  if (instance.level && *instance.level >= instance.since.size()) return;
  // Levels of an edited rule are fitted by set_rules(); with the rules already here they must agree.
  const Watched* watched = find_watched(rule_id);
  if (watched && watched->what->levels.size() != instance.since.size()) return;
  const Key key(rule_id, instance_key);
  expiry_.set(key, instance.forget_at);
  if (instance.told_missing) ++missing_on_[{rule_id, instance.host}];
  if (instance.look_at != Time{}) absence_.set(key, instance.look_at);
  ++per_rule_[rule_id];
  instances_.insert_or_assign(key, std::move(instance));
}

}  // namespace sentinella::rules
