#include <algorithm>
#include <map>
#include <optional>

#include "base/json.h"
#include "base/log.h"
#include "telemetry/transform/conversion.h"
#include "telemetry/transform/held_samples.h"
#include "telemetry/transform/transformers.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kAggregatorLog = "telemetry.pipeline";
constexpr std::size_t kMostGroups = 400'000;

/// Which sample of a group an attribute is taken from.
enum class Pick : std::uint8_t { each, first, last, drop };

struct AggregatorOptions {
  std::int64_t size = 1;  ///< samples of all groups; 0 = only time counts
  std::optional<Duration> retention;
  Pick user = Pick::each, project = Pick::each;
  Pick metadata = Pick::last, timestamp = Pick::first;
};

class Aggregator final : public Transformer {
 public:
  Aggregator(Conversion conversion, AggregatorOptions options)
      : conversion_(std::move(conversion)), options_(options) {}

  void take(const MeterSample& sample, std::vector<MeterSample>&) override {
    const auto volume = conversion_.scaled(sample);
    if (!volume) {
      log::debug(kAggregatorLog, "a sample of {} is dropped: {}", sample.name, volume.error().message);
      return;
    }
    if (count_++ == 0) began_ = sample.timestamp;
    const auto [at, fresh] = groups_.try_emplace(key(sample));
    Group& group = at->second;
    if (fresh) {
      group.sample = conversion_.renamed(sample);
      group.sample.volume = 0;
      group.order = groups_.size();
      if (options_.metadata == Pick::drop) group.sample.metadata = nullptr;
    } else {
      merge(sample, group.sample);
    }
    group.origin = sample.type;
    group.count += 1;
    group.sample.volume = sample.type == MeterType::cumulative ? *volume : group.sample.volume + *volume;
  }

  void flush(Time now, std::vector<MeterSample>& out) override {
    if (count_ == 0) return;
    const bool full = options_.size > 0 && count_ >= static_cast<std::uint64_t>(options_.size);
    const bool old = options_.retention && now - began_ > *options_.retention;
    if (!full && !old && groups_.size() < kMostGroups) return;
    std::vector<Group*> in_order;
    for (auto& [key, group] : groups_) in_order.push_back(&group);
    std::ranges::sort(in_order, {}, &Group::order);
    for (Group* group : in_order) {
      if (group->origin == MeterType::gauge) group->sample.volume /= static_cast<double>(group->count);
      group->sample.volume = conversion_.capped(group->sample.volume);
      out.push_back(std::move(group->sample));
    }
    groups_.clear();
    count_ = 0;
  }

  void save(ByteWriter& out) const override {
    out.varint(count_);
    out.fixed(began_.ns);
    out.varint(groups_.size());
    for (const auto& [key, group] : groups_) {
      out.text(key);
      save_sample(group.sample, out);
      out.varint(group.count);
      out.varint(group.order);
      out.fixed(group.origin);
    }
  }

  void restore(ByteReader& in) override {
    groups_.clear();
    count_ = in.varint();
    began_.ns = in.fixed<std::int64_t>();
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      Group& group = groups_[std::string(in.text())];
      group.sample = restore_sample(in);
      group.count = in.varint();
      group.order = in.varint();
      const auto origin = in.fixed<std::uint8_t>();
      if (origin > static_cast<std::uint8_t>(MeterType::cumulative) || group.count == 0) in.fail();
      group.origin = static_cast<MeterType>(origin);
    }
    if (in.ok()) return;
    groups_.clear();
    count_ = 0;
  }

 private:
  struct Group {
    MeterSample sample;  ///< as it will go out; its volume is the sum so far
    std::uint64_t count = 0, order = 0;
    MeterType origin = MeterType::gauge;  ///< of the samples that came in
  };

  std::string key(const MeterSample& sample) const {
    std::string key = sample.name + '\0' + sample.resource_id;
    const auto add = [&](Pick pick, const std::optional<std::string>& owner) {
      if (pick == Pick::each) key += owner ? "\1" + *owner : std::string("\2");
    };
    add(options_.user, sample.user_id);
    add(options_.project, sample.project_id);
    return key;
  }

  void merge(const MeterSample& sample, MeterSample& into) const {
    if (options_.user == Pick::last) into.user_id = sample.user_id;
    if (options_.project == Pick::last) into.project_id = sample.project_id;
    // One's names do not stand for what is of several.
    const auto differ = [](const auto& a, const auto& b) { return a != b && !(a && b && *a == *b); };
    if (differ(into.origin, sample.origin)) into.origin = nullptr;
    if (options_.metadata == Pick::last) into.metadata = sample.metadata;
    if (options_.timestamp == Pick::last) {
      into.timestamp = sample.timestamp;
      into.monotonic_time = sample.monotonic_time;
    }
  }

  const Conversion conversion_;
  const AggregatorOptions options_;
  std::map<std::string, Group> groups_;
  std::uint64_t count_ = 0;  ///< samples in all groups
  Time began_;               ///< of the first of them
};

Pick pick_parameter(const boost::json::object& parameters, std::string_view name, Pick fallback,
                    Pick otherwise) {
  const auto* value = parameters.if_contains(name);
  if (value == nullptr || value->is_null()) return fallback;
  const std::string_view word = value->is_string() ? std::string_view(value->get_string()) : "";
  if (word == "first") return Pick::first;
  if (word == "last") return Pick::last;
  if (word == "drop") return Pick::drop;
  log::warning(kAggregatorLog, "the aggregator's {} is \"{}\", which is not first, last or drop", name, word);
  return otherwise;
}

}  // namespace

MadeTransformer make_aggregator(const boost::json::object& parameters) {
  SENT_TRY(only_fields(parameters, {"size", "retention_time", "user_id", "project_id", "resource_metadata",
                                    "timestamp", "source", "target"}));
  SENT_TRY_ASSIGN(auto conversion, Conversion::make(parameters));
  SENT_TRY_ASSIGN(const auto size, count_parameter(parameters, "size"));
  SENT_TRY_ASSIGN(const auto retention, count_parameter(parameters, "retention_time"));
  AggregatorOptions options;
  constexpr std::int64_t kLongest = 366LL * 24 * 3600;
  if (retention.value_or(0) > kLongest)
    return fail_field(Errc::kTooLarge, "retention_time", "is over {} s", kLongest);
  if (retention.value_or(0) > 0) options.retention = std::chrono::seconds(*retention);
  options.size = size.value_or(options.retention ? 0 : 1);
  if (options.size == 0 && !options.retention) options.size = 1;
  options.user = pick_parameter(parameters, "user_id", Pick::each, Pick::last);
  options.project = pick_parameter(parameters, "project_id", Pick::each, Pick::last);
  options.metadata = pick_parameter(parameters, "resource_metadata", Pick::last, Pick::last);
  options.timestamp = pick_parameter(parameters, "timestamp", Pick::first, Pick::last);
  return std::make_unique<Aggregator>(std::move(conversion), options);
}

}  // namespace sentinella::telemetry
