#include "codec/otlp.h"

#include <bit>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <protozero/pbf_writer.hpp>

#include "base/text.h"
#include "codec/otlp_mapping.h"
#include "codec/remote_write_sample.h"

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Time kReceived{1'800'000'000'000'000'000};

Batch empty_batch() {
  Batch batch;
  batch.received = kReceived;
  return batch;
}

std::string describe_series(const SeriesSamples& series) {
  std::string out = series.labels.to_string();
  for (const Sample& sample : series.samples)
    out += fmt::format(" {}@{:x}", sample.at.ns, std::bit_cast<std::uint64_t>(sample.value));
  return fmt::format("{} kind={}", out, static_cast<int>(series.kind));
}

std::string describe_log(const LogRecord& log) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}", log.time.ns, log.host, log.service, log.source,
                     to_string(log.severity), log.flags, log.raw);
}

std::string describe_event(const Event& event) {
  std::string out = fmt::format("{}|{}|{}|{}|{}|{}|{}", event.id, event.type, event.time.ns, event.host,
                                event.service, event.summary, event.origin);
  for (const Trait& trait : event.traits) out += fmt::format("|{}={}", trait.name, trait.value);
  return out;
}

std::string describe_report(const StateReport& report) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", to_string(report.kind), report.at.ns, report.host,
                     report.service, report.pid, report.processes, report.ever_seen, to_string(report.exit),
                     report.exit_code.value_or(-77777), report.signal.value_or(-77777), report.detail);
}

template <typename T>
std::vector<std::string> described(const std::vector<T>& items, std::string (*describe)(const T&)) {
  std::vector<std::string> out;
  for (const T& item : items) out.push_back(describe(item));
  return out;
}

// ---- what the agent sends arrives as it was ----

std::string word() {
  return *rc::gen::element<std::string>("controller", "compute1", "nova-compute", "x", "grüße",
                                        "a b=c,\"d\"\n");
}
Time instant() {
  return Time{*rc::gen::inRange<std::int64_t>(1, INT64_MAX)};
}
std::string maybe_word() {
  return *rc::gen::arbitrary<bool>() ? word() : std::string();
}

SeriesSamples some_series(std::size_t number) {
  SeriesSamples series;
  series.labels.set(kMetricName, *rc::gen::element<std::string>("host_load1", "service_threads"));
  series.labels.set("host", maybe_word());
  series.labels.set("service", maybe_word());
  series.labels.set("number", fmt::format("{}", number));  // two series of one identity would be merged
  series.labels.set(*rc::gen::element<std::string>("le", "instance", "mountpoint"), maybe_word());
  series.kind = *rc::gen::element(SeriesKind::gauge, SeriesKind::counter, SeriesKind::histogram);
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i)
    series.samples.push_back({instant(), std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>())});
  if (*rc::gen::arbitrary<bool>()) series.samples.push_back({instant(), stale_marker()});
  return series;
}

LogRecord some_log() {
  LogRecord log;
  log.time = instant();
  log.host = maybe_word();
  log.service = maybe_word();
  log.source = maybe_word();
  log.severity = static_cast<Severity>(*rc::gen::inRange(0, 8));
  log.flags = *rc::gen::inRange<std::uint32_t>(0, 16);
  log.raw = *rc::gen::string<std::string>();
  return log;
}

Event some_event() {
  Event event;
  event.id = *rc::gen::element<std::string>("1", "2", "three");
  event.type = word();
  event.time = instant();
  event.host = maybe_word();
  event.service = maybe_word();
  event.summary = *rc::gen::string<std::string>();
  event.origin = word();
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i)
    event.traits.add(*rc::gen::element<std::string>("host.name", "event.id", "flavor", ""), maybe_word());
  return event;
}

std::optional<int> maybe_int() {
  return *rc::gen::arbitrary<bool>() ? std::optional<int>(*rc::gen::arbitrary<int>()) : std::nullopt;
}

StateReport some_report() {
  StateReport report;
  report.kind = static_cast<StateReport::Kind>(*rc::gen::inRange(0, 6));
  report.at = instant();
  report.host = word();
  report.service = maybe_word();
  report.pid = *rc::gen::arbitrary<std::uint32_t>();
  report.processes = *rc::gen::arbitrary<std::uint32_t>();
  report.ever_seen = *rc::gen::arbitrary<bool>();
  report.exit = static_cast<StateReport::Exit>(*rc::gen::inRange(0, 3));
  report.exit_code = maybe_int();
  report.signal = maybe_int();
  report.detail = maybe_word();
  return report;
}

/// rapidcheck says with its own words why it failed.
template <typename Property>
void holds(const std::string& sentence, Property property) {
  EXPECT_TRUE(rc::check(sentence, property));
}

TEST(Otlp, MetricsOfTheAgentArriveBitForBitAndInOrder) {
  holds("metrics round trip", [] {
    Batch sent = empty_batch();
    const auto count = static_cast<std::size_t>(*rc::gen::inRange(0, 12));
    for (std::size_t i = 0; i < count; ++i) sent.series.push_back(some_series(i));
    Batch got = empty_batch();
    const auto counts = decode_otlp_metrics(encode_otlp_metrics(sent), got);
    RC_ASSERT(counts.has_value());
    RC_ASSERT(counts->rejected == 0u);
    RC_ASSERT(described(got.series, describe_series) == described(sent.series, describe_series));
  });
}

TEST(Otlp, LogsEventsAndReportsOfTheAgentArriveAsTheyWere) {
  holds("logs round trip", [] {
    Batch sent = empty_batch();
    const int count = *rc::gen::inRange(0, 8);
    for (int i = 0; i < count; ++i) {
      sent.logs.push_back(some_log());
      sent.events.push_back(some_event());
      sent.reports.push_back(some_report());
    }
    Batch got = empty_batch();
    const auto counts = decode_otlp_logs(encode_otlp_logs(sent), got);
    RC_ASSERT(counts.has_value());
    RC_ASSERT(counts->accepted == sent.logs.size() * 3);
    RC_ASSERT(described(got.logs, describe_log) == described(sent.logs, describe_log));
    RC_ASSERT(described(got.events, describe_event) == described(sent.events, describe_event));
    RC_ASSERT(described(got.reports, describe_report) == described(sent.reports, describe_report));
  });
}

// ---- what collectors send ----

std::string metrics_json(std::string_view metric) {
  return fmt::format(
      R"({{"resourceMetrics":[{{"resource":{{"attributes":[
           {{"key":"host.name","value":{{"stringValue":"controller"}}}},
           {{"key":"service.name","value":{{"stringValue":"nova-api"}}}},
           {{"key":"telemetry.sdk.name","value":{{"stringValue":"x"}}}}]}},
         "scopeMetrics":[{{"scope":{{"name":"s"}},"metrics":[{}]}}]}}]}})",
      metric);
}

TEST(Otlp, AGaugeInJsonTakesIntegersAsTextAndNumbersAlike) {
  Batch batch = empty_batch();
  const auto counts =
      decode_otlp_metrics_json(metrics_json(R"({"name":"http.open-files","unit":"1","gauge":{"dataPoints":[
        {"timeUnixNano":"1700000000000000001","asInt":"-7","attributes":[{"key":"http.path","value":{"stringValue":"/v3"}}]},
        {"timeUnixNano":1700000000000000002,"asInt":8,"attributes":[{"key":"http.path","value":{"stringValue":"/v3"}}]},
        {"asDouble":"NaN","attributes":[{"key":"2nd","value":{"intValue":"12"}}]}]}})"),
                               batch);
  ASSERT_TRUE(counts) << describe(counts.error());
  EXPECT_EQ(counts->accepted, 3u);
  ASSERT_THAT(batch.series, SizeIs(2));
  EXPECT_EQ(batch.series[0].labels.to_string(),
            R"(http_open_files{host="controller",http_path="/v3",service="nova-api"})");
  ASSERT_THAT(batch.series[0].samples, SizeIs(2));
  EXPECT_EQ(batch.series[0].samples[0].at.ns, 1700000000000000001);
  EXPECT_EQ(batch.series[0].samples[0].value, -7);
  EXPECT_EQ(batch.series[1].labels.get("_2nd"), "12");
  EXPECT_EQ(batch.series[1].samples[0].at, kReceived);
  EXPECT_TRUE(std::isnan(batch.series[1].samples[0].value));
}

TEST(Otlp, OnlyACumulativeMonotonicSumIsACounter) {
  Batch batch = empty_batch();
  const auto sum = [](int temporality, bool monotonic) {
    return fmt::format(
        R"({{"name":"n{}{}","sum":{{"aggregationTemporality":{},"isMonotonic":{},"dataPoints":[{{"asInt":1}}]}}}})",
        temporality, monotonic ? "m" : "", temporality, monotonic);
  };
  const auto counts = decode_otlp_metrics_json(
      metrics_json(sum(2, true) + "," + sum(2, false) + "," + sum(1, true) + "," + sum(0, true)), batch);
  ASSERT_TRUE(counts) << describe(counts.error());
  EXPECT_EQ(counts->accepted, 2u);
  EXPECT_EQ(counts->rejected, 2u);
  EXPECT_EQ(counts->first_rejection, "n1m is a sum of deltas; only cumulative sums are taken");
  ASSERT_THAT(batch.series, SizeIs(2));
  EXPECT_EQ(batch.series[0].kind, SeriesKind::counter);
  EXPECT_EQ(batch.series[1].kind, SeriesKind::gauge);
}

TEST(Otlp, AHistogramBecomesCumulativeBucketsSumAndCount) {
  Batch batch = empty_batch();
  const auto counts = decode_otlp_metrics_json(
      metrics_json(R"({"name":"lat","histogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"5",
        "count":"6","sum":7.5,"bucketCounts":["1","2","3"],"explicitBounds":[0.5,1]}]}})"),
      batch);
  ASSERT_TRUE(counts) << describe(counts.error());
  EXPECT_EQ(counts->accepted, 1u);
  std::vector<std::string> got;
  for (const SeriesSamples& series : batch.series)
    got.push_back(fmt::format("{}{} {}", series.labels.get(kMetricName), series.labels.get("le"),
                              series.samples[0].value));
  EXPECT_THAT(
      got, ElementsAre("lat_bucket0.5 1", "lat_bucket1 3", "lat_bucket+Inf 6", "lat_sum 7.5", "lat_count 6"));
}

TEST(Otlp, AnExponentialHistogramBecomesAClassicOneInBothEncodings) {
  const auto shown = [](const Batch& batch) {
    std::vector<std::string> got;
    for (const SeriesSamples& series : batch.series)
      got.push_back(fmt::format("{}{} {}", series.labels.get(kMetricName), series.labels.get("le"),
                                series.samples[0].value));
    return got;
  };
  const std::vector<std::string> expected = {"x_bucket0 1",  "x_bucket2 1",    "x_bucket4 3", "x_bucket8 3",
                                             "x_bucket16 6", "x_bucket+Inf 6", "x_sum 40",    "x_count 6"};
  Batch batch = empty_batch();
  const auto counts = decode_otlp_metrics_json(
      metrics_json(R"({"name":"x","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[
        {"timeUnixNano":"5","count":"6","sum":40,"scale":0,"zeroCount":"1",
         "positive":{"offset":1,"bucketCounts":["2","0","3"]},"negative":{}}]}})"),
      batch);
  ASSERT_TRUE(counts) << describe(counts.error());
  EXPECT_EQ(counts->accepted, 1u);
  EXPECT_EQ(shown(batch), expected);

  WireText point;
  point.bytes(8, WireText().number(1, 2).bytes(2, std::string("\x02\x00\x03", 3)).text());
  std::string fixed;
  ByteWriter writer(fixed);
  for (const auto& [field, value] : {std::pair{3, 5ull}, {4, 6ull}, {7, 1ull}})
    writer.varint(static_cast<unsigned>(field) << 3 | 1), writer.fixed(value);
  const auto data =
      WireText().bytes(1, point.text() + fixed + WireText().real(5, 40).text()).number(2, 2).text();
  const auto metric = WireText().bytes(1, "x").bytes(10, data).text();
  const auto message =
      WireText().bytes(1, WireText().bytes(2, WireText().bytes(2, metric).text()).text()).text();
  Batch second = empty_batch();
  ASSERT_TRUE(decode_otlp_metrics(message, second));
  EXPECT_EQ(shown(second), expected);
}

TEST(Otlp, NoRecordedValueMarksTheSeriesStale) {
  Batch batch = empty_batch();
  ASSERT_TRUE(
      decode_otlp_metrics_json(metrics_json(R"({"name":"n","gauge":{"dataPoints":[{"flags":1}]}})"), batch));
  ASSERT_THAT(batch.series, SizeIs(1));
  EXPECT_EQ(std::bit_cast<std::uint64_t>(batch.series[0].samples[0].value), 0x7ff0000000000002u);
}

TEST(Otlp, WhatIsNotTakenIsCountedWithAReasonThatNamesIt) {
  const auto reason = [](std::string_view metric) {
    Batch batch = empty_batch();
    const auto counts = decode_otlp_metrics_json(metrics_json(metric), batch);
    return counts && counts->rejected == 1 && batch.series.empty() ? counts->first_rejection : "taken";
  };
  EXPECT_THAT(reason(R"({"name":"e","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{}]}})"),
              HasSubstr("e is an exponential histogram that is not cumulative"));
  EXPECT_THAT(
      reason(
          R"({"name":"e","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"scale":99}]}})"),
      HasSubstr("none of -10 to 20"));
  EXPECT_THAT(reason(R"({"name":"s","summary":{"dataPoints":[{}]}})"), HasSubstr("s is a summary"));
  EXPECT_THAT(reason(R"({"gauge":{"dataPoints":[{"asInt":1}]}})"), HasSubstr("without a name"));
  EXPECT_THAT(reason(R"({"name":"v","gauge":{"dataPoints":[{}]}})"), HasSubstr("without a value"));
  EXPECT_THAT(
      reason(R"({"name":"t","gauge":{"dataPoints":[{"asInt":1,"timeUnixNano":"18446744073709551615"}]}})"),
      HasSubstr("2262"));
  EXPECT_THAT(
      reason(
          R"({"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[{"bucketCounts":[1],"explicitBounds":[1]}]}})"),
      HasSubstr("do not match"));
  EXPECT_THAT(
      reason(
          R"({"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[{"bucketCounts":[1,1,1],"explicitBounds":[2,1]}]}})"),
      HasSubstr("do not grow"));
}

std::string logs_json(std::string_view records) {
  return fmt::format(R"({{"resourceLogs":[{{"resource":{{"attributes":[
      {{"key":"host.name","value":{{"stringValue":"compute1"}}}}]}},"scopeLogs":[{{"logRecords":[{}]}}]}}]}})",
                     records);
}

TEST(Otlp, ALogRecordKeepsItsBodyAndFallsBackToTheObservedTime) {
  Batch batch = empty_batch();
  const auto counts = decode_otlp_logs_json(
      logs_json(
          R"({"observedTimeUnixNano":"9","severityNumber":17,"body":{"stringValue":"boom"},"traceId":"5b8efff798038103d269b633813fc60c",
          "attributes":[{"key":"log.file.path","value":{"stringValue":"/var/log/x"}},{"key":"service.name","value":{"stringValue":"nova"}}]},
        {"body":{"bytesValue":"//4A"}},
        {"severityText":"notice","body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"},{"boolValue":true},{}]}}}]}}})"),
      batch);
  ASSERT_TRUE(counts) << describe(counts.error());
  ASSERT_THAT(batch.logs, SizeIs(3));
  EXPECT_EQ(describe_log(batch.logs[0]), "9|compute1|nova|/var/log/x|ERROR|0|boom");
  EXPECT_EQ(batch.logs[1].raw, std::string("\xff\xfe\0", 3));
  EXPECT_EQ(batch.logs[1].time, kReceived);
  EXPECT_EQ(batch.logs[2].raw, R"({"a":[1,true,null]})");
  EXPECT_EQ(batch.logs[2].severity, Severity::info);
}

TEST(Otlp, ARecordWithAnEventNameIsAnEventAndTheSameOneTwiceHasOneId) {
  const std::string json = logs_json(
      R"({"timeUnixNano":"5","eventName":"deploy","body":{"stringValue":"nova 2"},"attributes":[{"key":"by","value":{"stringValue":"ana"}}]},
         {"timeUnixNano":"5","body":{"stringValue":"nova 3"},"attributes":[{"key":"event.name","value":{"stringValue":"deploy"}}]})");
  Batch once = empty_batch(), again = empty_batch();
  ASSERT_TRUE(decode_otlp_logs_json(json, once));
  ASSERT_TRUE(decode_otlp_logs_json(json, again));
  ASSERT_THAT(once.events, SizeIs(2));
  EXPECT_EQ(once.events[0].type, "deploy");
  EXPECT_EQ(once.events[0].summary, "nova 2");
  EXPECT_EQ(once.events[0].host, "compute1");
  EXPECT_THAT(once.events[0].traits, ElementsAre(Trait{"by", "ana"}));
  EXPECT_THAT(once.events[1].traits, IsEmpty());
  EXPECT_EQ(once.events[0].id, again.events[0].id);
  EXPECT_NE(once.events[0].id, once.events[1].id);
}

TEST(Otlp, AnUnknownStateReportIsRefusedByName) {
  Batch batch = empty_batch();
  const auto counts = decode_otlp_logs_json(logs_json(R"({"eventName":"sentinella.state.dancing"})"), batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->rejected, 1u);
  EXPECT_EQ(counts->first_rejection, "sentinella.state.dancing is no kind of state report");
}

TEST(Otlp, AValueNestedTooDeepRefusesItsRecordOnly) {
  std::string deep = R"({"stringValue":"x"})";
  for (int i = 0; i < 30; ++i) deep = R"({"arrayValue":{"values":[)" + deep + "]}}";
  Batch batch = empty_batch();
  const auto counts =
      decode_otlp_logs_json(logs_json(R"({"body":)" + deep + R"(},{"body":{"stringValue":"fine"}})"), batch);
  ASSERT_TRUE(counts) << describe(counts.error());
  EXPECT_EQ(counts->rejected, 1u);
  ASSERT_THAT(batch.logs, SizeIs(1));
  EXPECT_EQ(batch.logs[0].raw, "fine");
}

// ---- hostile bytes ----

TEST(Otlp, ABrokenMessageLeavesTheBatchAsItWas) {
  Batch sent = empty_batch();
  for (int i = 0; i < 3; ++i) {
    LogRecord log;
    log.time = Time{i + 1};
    log.host = fmt::format("h{}", i);
    log.raw = "text";
    sent.logs.push_back(log);
  }
  const std::string whole = encode_otlp_logs(sent);
  Batch batch = empty_batch();
  const auto counts = decode_otlp_logs(std::string_view(whole).substr(0, whole.size() - 1), batch);
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, Errc::kInvalid);
  EXPECT_THAT(counts.error().message, HasSubstr("byte"));
  EXPECT_TRUE(batch.empty());
  EXPECT_FALSE(decode_otlp_logs_json(R"({"resourceLogs":[{"scopeLogs":7}]})", batch));
  EXPECT_FALSE(decode_otlp_logs_json(R"({"resourceLogs":[)", batch));
  EXPECT_TRUE(batch.empty());
}

TEST(Otlp, AFieldOfTheWrongWireTypeIsSkippedNotTrusted) {
  std::string message;
  {
    protozero::pbf_writer writer(message);
    writer.add_fixed64(1, 42);
    writer.add_uint64(1, 42);
    writer.add_message(1, std::string("\x08\x01\x11\x01\x02\x03\x04\x05\x06\x07\x08", 11));
  }
  Batch batch = empty_batch();
  EXPECT_TRUE(decode_otlp_metrics(message, batch));
  EXPECT_TRUE(decode_otlp_logs(message, batch));
  EXPECT_TRUE(batch.empty());
}

TEST(Otlp, AMessageOfTooManyPointsIsRefusedWhole) {
  Batch sent = empty_batch();
  SeriesSamples series;
  series.labels.set(kMetricName, "n");
  series.samples.assign(otlp::kMaxPoints + 1, Sample{Time{1}, 1});
  sent.series.push_back(std::move(series));
  Batch batch = empty_batch();
  const auto counts = decode_otlp_metrics(encode_otlp_metrics(sent), batch);
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, Errc::kTooLarge);
  EXPECT_TRUE(batch.empty());
}

TEST(Otlp, TextThatIsNotUtf8IsRefusedInNamesAndRepairedByTheAgent) {
  std::string message;
  {
    protozero::pbf_writer request(message);
    protozero::pbf_writer group(request, 1), scope(group, 2), metric(scope, 2);
    metric.add_string(1, "n\xff");
    protozero::pbf_writer gauge(metric, 5), point(gauge, 1);
    point.add_double(4, 1);
  }
  Batch batch = empty_batch();
  const auto counts = decode_otlp_metrics(message, batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->rejected, 1u);
  EXPECT_TRUE(is_valid_utf8(counts->first_rejection));

  Batch sent = empty_batch();
  LogRecord log;
  log.time = Time{1};
  log.source = "/var/log/caf\xe9";
  log.raw = "caf\xe9";
  sent.logs.push_back(log);
  ASSERT_TRUE(decode_otlp_logs(encode_otlp_logs(sent), batch));
  ASSERT_THAT(batch.logs, SizeIs(1));
  EXPECT_EQ(batch.logs[0].raw, "caf\xe9");
  EXPECT_EQ(batch.logs[0].source, "/var/log/caf\xef\xbf\xbd");
}

TEST(Otlp, TheAnswerSaysWhatWasRejectedInBothEncodings) {
  OtlpCounts counts;
  EXPECT_EQ(encode_otlp_response(counts, true), "{}");
  EXPECT_EQ(encode_otlp_response(counts, false), "");
  counts.rejected = 3;
  counts.first_rejection = "why";
  EXPECT_EQ(encode_otlp_response(counts, true),
            R"({"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"why"}})");
  EXPECT_EQ(encode_otlp_response(counts, false), "\x0a\x07\x08\x03\x12\x03why");
  counts.signal = SignalKind::logs;
  EXPECT_THAT(encode_otlp_response(counts, true), HasSubstr("rejectedLogRecords"));
}

}  // namespace
}  // namespace sentinella::codec
