#include "scrape/target_series.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/hash.h"
#include "model/staleness.h"

namespace sentinella::scrape {
namespace {

constexpr std::string_view kExported = "exported_";
constexpr std::array<std::string_view, 6> kReportNames = {"up",
                                                          "scrape_duration_seconds",
                                                          "scrape_samples_scraped",
                                                          "scrape_samples_post_metric_relabeling",
                                                          "scrape_series_added",
                                                          "scrape_lines_refused"};

Sample stale(Time at) {
  return {at, stale_marker()};
}

bool has(const std::vector<Label>& labels, std::string_view name) {
  return std::ranges::any_of(labels, [&](const Label& label) { return label.name == name; });
}

void add_absent(Labels& labels, const Labels& more) {
  for (const Label& label : more)
    if (labels.get(label.name).empty()) labels.set(label.name, label.value);
}

/// The target's labels win; what the exporter calls the same is renamed to exported_*.
Labels with_target_labels(const std::vector<Label>& exposed, const Labels& target) {
  std::vector<Label> labels;
  for (const Label& label : exposed) {
    if (label.value.empty()) continue;
    std::string name = label.name;
    while (!target.get(name).empty() || (name != label.name && has(exposed, name))) name.insert(0, kExported);
    labels.push_back({std::move(name), label.value});
  }
  labels.insert(labels.end(), target.begin(), target.end());
  return Labels(std::move(labels));
}

/// The exporter's labels win, an empty one too: it keeps the target's away.
Labels with_own_labels(const std::vector<Label>& exposed, const Labels& target) {
  std::vector<Label> labels = exposed;
  for (const Label& label : target)
    if (!has(exposed, label.name)) labels.push_back(label);
  return Labels(std::move(labels));
}

}  // namespace

TargetSeries::TargetSeries(const ScrapeJob& job, Labels labels, Labels external)
    : labels_(std::move(labels)), external_(std::move(external)) {
  configure(job);
}

void TargetSeries::configure(const ScrapeJob& job) {
  honor_labels_ = job.honor_labels;
  honor_timestamps_ = job.honor_timestamps;
  limits_ = job.limits;
  relabeling_ = job.metric_relabeling;
  forget_names();
}

Result<ScrapeReport> TargetSeries::take(std::string_view body, codec::ExpositionFormat format, Time at,
                                        std::vector<SeriesSamples>& out) {
  if (auto readable = read(body, format); !readable) {
    take_nothing(at, out);
    // What made it fail may go on for long with ever new series.
    forget_names();
    series_.clear();
    by_labels_.clear();
    return std::unexpected(std::move(readable.error()));
  }
  ++scrape_;
  ScrapeReport report;
  report.up = true;
  report.scraped = exposition_.values.size();
  report.refused = exposition_.refused;
  emit(at, report, out);
  mark_vanished(at, out);
  if (!exposition_.faults.empty())
    report.problem =
        fmt::format("line {}: {}", exposition_.faults.front().line, exposition_.faults.front().reason);
  if (reader_.wasteful()) compact();
  return report;
}

Result<void> TargetSeries::read(std::string_view body, codec::ExpositionFormat format) {
  const auto whole = reader_.read(body, format, exposition_);
  SENT_TRY(whole);
  SENT_TRY(name_fresh());
  if (exposition_.values.empty() && exposition_.refused > 0)
    return fail(Errc::kCorrupt, "not one of {} lines could be read; line {}: {}", exposition_.refused,
                exposition_.faults.front().line, exposition_.faults.front().reason);
  if (limits_.samples == 0) return {};
  const auto kept = std::ranges::count_if(
      exposition_.values, [&](const auto& value) { return by_reader_[value.series] != kDropped; });
  if (static_cast<std::uint64_t>(kept) > limits_.samples)
    return fail_field(Errc::kTooLarge, "sample_limit", "{} samples are over the limit of {}", kept,
                      limits_.samples);
  return {};
}

Result<void> TargetSeries::name_fresh() {
  for (const codec::FreshSeries& fresh : exposition_.fresh) {
    SENT_TRY_ASSIGN(auto labels, final_labels(fresh.labels));
    by_reader_.push_back(labels ? number_of(std::move(*labels)) : kDropped);
  }
  return {};
}

Result<std::optional<Labels>> TargetSeries::final_labels(const std::vector<Label>& exposed) const {
  Labels labels = honor_labels_ ? with_own_labels(exposed, labels_) : with_target_labels(exposed, labels_);
  if (!relabeling_.apply(labels)) return std::nullopt;
  if (labels.get(kMetricName).empty())
    return fail(Errc::kInvalid, "metric_relabel_configs took the name away from {}", exposed.front().value);
  SENT_TRY(check_limits(labels));
  add_absent(labels, external_);
  return labels;
}

Result<void> TargetSeries::check_limits(const Labels& labels) const {
  if (limits_.labels != 0 && labels.size() > limits_.labels)
    return fail_field(Errc::kTooLarge, "label_limit", "{} has {} labels, the limit is {}",
                      labels.get(kMetricName), labels.size(), limits_.labels);
  for (const Label& label : labels) {
    if (limits_.label_name_bytes != 0 && label.name.size() > limits_.label_name_bytes)
      return fail_field(Errc::kTooLarge, "label_name_length_limit",
                        "a label name of {} has {} bytes, the limit is {}", labels.get(kMetricName),
                        label.name.size(), limits_.label_name_bytes);
    if (limits_.label_value_bytes != 0 && label.value.size() > limits_.label_value_bytes)
      return fail_field(Errc::kTooLarge, "label_value_length_limit",
                        "label {} of {} has {} bytes, the limit is {}", label.name, labels.get(kMetricName),
                        label.value.size(), limits_.label_value_bytes);
  }
  return {};
}

/// Two spellings of one series, or two that relabelling has made one, share a number.
std::uint32_t TargetSeries::number_of(Labels labels) {
  const std::uint64_t hash = hash64(labels.canonical());
  const auto fresh = static_cast<std::uint32_t>(series_.size());
  const auto [at, added] = by_labels_.try_emplace(hash, fresh);
  if (!added && series_[at->second].labels == labels) return at->second;
  series_.push_back({.labels = std::move(labels)});
  return fresh;
}

void TargetSeries::emit(Time at, ScrapeReport& report, std::vector<SeriesSamples>& out) {
  out.reserve(out.size() + exposition_.values.size() + kReportNames.size());
  for (const codec::ExpositionValue& value : exposition_.values) {
    const std::uint32_t number = by_reader_[value.series];
    if (number == kDropped) continue;
    Series& series = series_[number];
    const bool timed = value.timed && honor_timestamps_;
    if (!timed && series.seen == scrape_) {
      ++report.refused;
      report.problem = fmt::format("{} is there twice after relabelling", series.labels.to_string());
      continue;
    }
    ++report.kept;
    if (series.seen + 1 < scrape_ || series.seen == 0) ++report.added;
    series.seen = scrape_;
    series.tracked = !timed;
    out.push_back(
        {series.labels, reader_.kind(value.series), {{timed ? Time{value.at_ns} : at, value.value}}});
  }
}

void TargetSeries::mark_vanished(Time at, std::vector<SeriesSamples>& out) {
  for (const Series& series : series_)
    if (series.tracked && series.seen != 0 && series.seen + 1 == scrape_)
      out.push_back({series.labels, SeriesKind::gauge, {stale(at)}});
}

void TargetSeries::take_nothing(Time at, std::vector<SeriesSamples>& out) {
  ++scrape_;
  mark_vanished(at, out);
}

Labels TargetSeries::report_labels(std::string_view name) const {
  Labels labels = labels_;
  labels.set(kMetricName, name);
  add_absent(labels, external_);
  return labels;
}

void TargetSeries::add_report(const ScrapeReport& report, Time at, std::vector<SeriesSamples>& out) const {
  const std::array<double, kReportNames.size()> values = {
      report.up ? 1.0 : 0.0,
      std::chrono::duration<double>(report.duration).count(),
      static_cast<double>(report.scraped),
      static_cast<double>(report.kept),
      static_cast<double>(report.added),
      static_cast<double>(report.refused)};
  for (std::size_t i = 0; i < values.size(); ++i)
    out.push_back({report_labels(kReportNames[i]), SeriesKind::gauge, {{at, values[i]}}});
}

void TargetSeries::end(Time at, std::vector<SeriesSamples>& out) {
  take_nothing(at, out);
  for (const std::string_view name : kReportNames)
    out.push_back({report_labels(name), SeriesKind::gauge, {stale(at)}});
}

void TargetSeries::forget_names() {
  reader_ = codec::ExpositionReader();
  by_reader_.clear();
}

void TargetSeries::compact() {
  std::vector<std::uint32_t> moved(series_.size(), kDropped);
  std::vector<Series> kept;
  by_labels_.clear();
  for (std::size_t i = 0; i < series_.size(); ++i) {
    if (series_[i].seen != scrape_) continue;
    moved[i] = static_cast<std::uint32_t>(kept.size());
    by_labels_.try_emplace(hash64(series_[i].labels.canonical()), moved[i]);
    kept.push_back(std::move(series_[i]));
  }
  series_ = std::move(kept);
  const std::vector<std::uint32_t> renumbered = reader_.compact();
  std::vector<std::uint32_t> by_reader(reader_.series_count(), kDropped);
  for (std::size_t old = 0; old < renumbered.size(); ++old)
    if (renumbered[old] != codec::ExpositionReader::kGone && by_reader_[old] != kDropped)
      by_reader[renumbered[old]] = moved[by_reader_[old]];
  by_reader_ = std::move(by_reader);
}

}  // namespace sentinella::scrape
