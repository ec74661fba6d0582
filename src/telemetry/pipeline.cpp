#include "telemetry/pipeline.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kMaxMetersRemembered = 10'000;

std::vector<std::size_t> indices_of(const std::vector<std::string>& urls, std::vector<std::string>& known) {
  std::vector<std::size_t> out;
  for (const std::string& url : urls) {
    const auto at = std::ranges::find(known, url);
    out.push_back(static_cast<std::size_t>(at - known.begin()));
    if (at == known.end()) known.push_back(url);
  }
  return out;
}

const SinkConfig& sink_named(const PipelineConfig& config, const std::string& name) {
  return *std::ranges::find(config.sinks, name, &SinkConfig::name);
}

}  // namespace

Result<SamplePipelines> SamplePipelines::make(std::string_view yaml) {
  SENT_TRY_ASSIGN(const auto config, parse_pipelines(yaml, PipelineKind::samples));
  SamplePipelines made;
  made.fingerprint_ = fmt::format("{:016x}", hash64(yaml));
  for (const SourceConfig& source : config.sources) {
    for (const std::string& name : source.sinks) {
      const SinkConfig& sink = sink_named(config, name);
      auto pipeline = std::make_unique<Pipeline>(
          Pipeline{source.name == name ? name : source.name + ":" + name, source.filter, {}, {}});
      for (const TransformerConfig& one : sink.transformers) {
        auto transformer = make_transformer(one.name, one.parameters);
        if (!transformer)
          return fail_field(Errc::kInvalid, "transformers", "sink {}, {}: {}", name, one.name,
                            describe(transformer.error()));
        pipeline->transformers.push_back(*std::move(transformer));
      }
      pipeline->publishers = indices_of(sink.publishers, made.publishers_);
      made.pipelines_.push_back(std::move(pipeline));
    }
  }
  return made;
}

const SamplePipelines::Matching& SamplePipelines::matching(const std::string& meter) {
  if (const auto known = by_meter_.find(meter); known != by_meter_.end()) return known->second;
  if (by_meter_.size() >= kMaxMetersRemembered) by_meter_.clear();
  Matching found;
  for (const auto& pipeline : pipelines_) {
    if (!pipeline->filter.takes(meter)) continue;
    found.pipelines.push_back(pipeline.get());
    const bool keeps_to_itself = std::ranges::all_of(
        pipeline->publishers, [&](std::size_t index) { return is_own_store(publishers_[index]); });
    found.reads_metadata = found.reads_metadata || !pipeline->transformers.empty() || !keeps_to_itself;
  }
  return by_meter_.emplace(meter, std::move(found)).first->second;
}

void SamplePipelines::publish(const Pipeline& pipeline, MeterSample sample, Published& out) {
  const auto& publishers = pipeline.publishers;  // there is one at least
  for (std::size_t i = 0; i + 1 < publishers.size(); ++i) out[publishers[i]].push_back(sample);
  out[publishers.back()].push_back(std::move(sample));
}

/// `samples` enter at `station`; what comes out at the end goes to the publishers.
void SamplePipelines::run(Pipeline& pipeline, std::size_t station, std::vector<MeterSample> samples,
                          Published& out) {
  for (; station < pipeline.transformers.size() && !samples.empty(); ++station) {
    std::vector<MeterSample> next;
    for (const MeterSample& sample : samples) pipeline.transformers[station]->take(sample, next);
    samples = std::move(next);
  }
  for (MeterSample& sample : samples) publish(pipeline, std::move(sample), out);
}

void SamplePipelines::take(std::vector<MeterSample> samples, Time now, Published& out) {
  for (MeterSample& sample : samples) {
    const auto& all = matching(sample.name).pipelines;
    for (std::size_t i = 0; i < all.size(); ++i) {
      MeterSample one = i + 1 < all.size() ? sample : std::move(sample);
      if (all[i]->transformers.empty()) {
        publish(*all[i], std::move(one), out);
        continue;
      }
      std::vector<MeterSample> alone;
      alone.push_back(std::move(one));
      run(*all[i], 0, std::move(alone), out);
    }
  }
  for (const auto& pipeline : pipelines_) {
    for (std::size_t station = 0; station < pipeline->transformers.size(); ++station) {
      std::vector<MeterSample> held;
      pipeline->transformers[station]->flush(now, held);
      if (!held.empty()) run(*pipeline, station + 1, std::move(held), out);
    }
  }
}

std::string SamplePipelines::save() const {
  std::string state;
  ByteWriter out(state);
  out.text(fingerprint_);
  for (const auto& pipeline : pipelines_)
    for (const auto& transformer : pipeline->transformers) transformer->save(out);
  return state;
}

Result<void> SamplePipelines::restore(std::string_view state) {
  ByteReader in(state);
  if (in.text() != fingerprint_) return fail(Errc::kUnsupported, "the state is of another pipeline.yaml");
  for (const auto& pipeline : pipelines_)
    for (const auto& transformer : pipeline->transformers)
      if (in.ok()) transformer->restore(in);
  if (!in.ok() || !in.at_end()) return fail(Errc::kCorrupt, "the pipelines' state is damaged");
  return {};
}

Result<EventPipelines> EventPipelines::make(std::string_view yaml) {
  SENT_TRY_ASSIGN(const auto config, parse_pipelines(yaml, PipelineKind::events));
  EventPipelines made;
  for (const SourceConfig& source : config.sources)
    for (const std::string& name : source.sinks)
      made.pipelines_.push_back(
          {source.filter, indices_of(sink_named(config, name).publishers, made.publishers_)});
  return made;
}

std::vector<std::size_t> EventPipelines::publishers_of(std::string_view event_type) const {
  std::vector<std::size_t> out;
  for (const Pipeline& pipeline : pipelines_) {
    if (!pipeline.filter.takes(event_type)) continue;
    for (const std::size_t publisher : pipeline.publishers)
      if (std::ranges::find(out, publisher) == out.end()) out.push_back(publisher);
  }
  return out;
}

}  // namespace sentinella::telemetry
