#include "telemetry/processor.h"

#include <algorithm>

#include "base/bytes.h"
#include "telemetry/shipped_files.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

constexpr std::uint8_t kStateVersion = 1;

std::string or_shipped(const std::string& text, std::string_view name) {
  return text.empty() ? std::string(shipped_file(name)) : text;
}

std::unexpected<Error> in_file(std::string_view name, const Error& error) {
  return fail_field(error.code, name, "{}", describe(error));
}

}  // namespace

Processor::Processor(MeterDefinitions meters, EventDefinitions events, SamplePipelines samples,
                     EventPipelines sinks)
    : meters_(std::move(meters)),
      events_(std::move(events)),
      sample_pipelines_(std::move(samples)),
      event_pipelines_(std::move(sinks)),
      published_(sample_pipelines_.publishers().size()),
      published_events_(event_pipelines_.publishers().size()) {}

Result<Processor> Processor::make(const Definitions& given) {
  const std::vector<std::string> files =
      given.meters.empty() ? std::vector{std::string(shipped_file("meters.yaml"))} : given.meters;
  auto meters = MeterDefinitions::parse_all(files);
  if (!meters) return in_file("meters", meters.error());
  meters->require_signatures(given.telemetry_secret);
  auto events =
      EventDefinitions::parse(or_shipped(given.event_definitions, "event_definitions.yaml"), given.unmatched);
  if (!events) return in_file("event_definitions", events.error());
  auto samples = SamplePipelines::make(or_shipped(given.pipeline, "pipeline.yaml"));
  if (!samples) return in_file("pipeline", samples.error());
  auto sinks = EventPipelines::make(or_shipped(given.event_pipeline, "event_pipeline.yaml"));
  if (!sinks) return in_file("event_pipeline", sinks.error());
  return Processor(*std::move(meters), *std::move(events), *std::move(samples), *std::move(sinks));
}

WantsMetadata Processor::wants_metadata() {
  return [this](const std::string& meter) { return sample_pipelines_.reads_metadata(meter); };
}

/// Meters and events read little of what most messages hold.
const Processor::OfType& Processor::of_type(std::string_view event_type) {
  return types_.get(event_type, [&] {
    OfType known{{}, event_pipelines_.publishers_of(event_type)};
    meters_.plan_reading(event_type, wants_metadata(), known.plan);
    if (!known.sinks.empty()) events_.plan_reading(event_type, known.plan);
    return known;
  });
}

Result<void> Processor::take(std::string_view body, Time now) {
  ++counts_.notifications;
  const OfType* known = nullptr;
  const auto notification = reader_.read(body, [&](std::string_view type) -> const ReadPlan& {
    known = &of_type(type);
    return known->plan;
  });
  if (!notification) {
    ++counts_.refused;
    return std::unexpected(notification.error());
  }
  if (!recent_.insert(notification->message_id)) {
    ++counts_.duplicates;
    return {};
  }
  MadeSamples made = meters_.samples(*notification, wants_metadata());
  counts_.samples += made.samples.size();
  counts_.skipped += made.skipped.size();
  if (!made.skipped.empty()) counts_.last_skipped = made.skipped.back();
  sample_pipelines_.take(std::move(made.samples), now, published_);

  const auto& sinks = (known != nullptr ? *known : of_type(notification->event_type)).sinks;
  auto event = sinks.empty() ? std::nullopt : events_.convert(*notification);
  if (!event) return {};
  ++counts_.events;
  place(*event, *notification);
  for (std::size_t i = 0; i + 1 < sinks.size(); ++i) published_events_[sinks[i]].push_back(*event);
  published_events_[sinks.back()].push_back(*std::move(event));
  return {};
}

void Processor::take_samples(const std::vector<MeterSample>& samples, Time now) {
  counts_.samples += samples.size();
  sample_pipelines_.take(samples, now, published_);
}

std::vector<Outgoing> Processor::take_outgoing() {
  std::vector<Outgoing> out;
  const auto of = [&](const std::string& url) -> Outgoing& {
    const auto known = std::ranges::find(out, url, &Outgoing::publisher);
    return known != out.end() ? *known : out.emplace_back(Outgoing{url, {}, {}});
  };
  for (std::size_t i = 0; i < published_.size(); ++i)
    if (!published_[i].empty())
      of(sample_pipelines_.publishers()[i]).samples = std::exchange(published_[i], {});
  for (std::size_t i = 0; i < published_events_.size(); ++i)
    if (!published_events_[i].empty())
      of(event_pipelines_.publishers()[i]).events = std::exchange(published_events_[i], {});
  return out;
}

std::vector<std::string> Processor::publishers() const {
  std::vector<std::string> all = sample_pipelines_.publishers();
  for (const std::string& url : event_pipelines_.publishers())
    if (std::ranges::find(all, url) == all.end()) all.push_back(url);
  return all;
}

std::string Processor::save() const {
  std::string state;
  ByteWriter out(state);
  out.fixed(kStateVersion);
  recent_.save(out);
  out.text(sample_pipelines_.save());
  return state;
}

Result<void> Processor::restore(std::string_view state) {
  ByteReader in(state);
  if (in.fixed<std::uint8_t>() != kStateVersion)
    return fail(Errc::kUnsupported, "the telemetry state is of another version");
  recent_.restore(in);
  const std::string_view pipelines = in.text();
  if (!in.ok()) return fail(Errc::kCorrupt, "the telemetry state is damaged");
  return sample_pipelines_.restore(pipelines);
}

}  // namespace sentinella::telemetry
