#include "scrape/target_series.h"

#include <bit>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scrape/testing.h"

namespace sentinella::scrape {
namespace {

using codec::ExpositionFormat;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t kStale = 0x7ff0000000000002;

struct Scraped {
  explicit Scraped(const std::string& lines = "", Labels labels = labels_of({{"instance", "i"}}),
                   Labels external = {})
      : series(job_of(lines), std::move(labels), std::move(external)) {}

  /// "labels value[@second]" of each sample, "stale" for a marker.
  std::vector<std::string> take(std::string_view body) {
    std::vector<SeriesSamples> out;
    now = now + 10s;
    auto taken = series.take(body, ExpositionFormat::text, now, out);
    problem = taken ? taken->problem : describe(taken.error());
    report = taken ? *taken : ScrapeReport{};
    return text_of(out);
  }
  std::vector<std::string> take_nothing() {
    std::vector<SeriesSamples> out;
    now = now + 10s;
    series.take_nothing(now, out);
    return text_of(out);
  }
  std::vector<std::string> text_of(const std::vector<SeriesSamples>& out) const {
    std::vector<std::string> all;
    for (const SeriesSamples& one : out)
      for (const Sample& sample : one.samples)
        all.push_back(one.labels.to_string() +
                      (std::bit_cast<std::uint64_t>(sample.value) == kStale
                           ? " stale"
                           : fmt::format(" {}", sample.value)) +
                      (sample.at == now ? "" : fmt::format("@{}", sample.at.ns / 1'000'000'000)));
    return all;
  }

  Time now{1'000'000'000'000};
  TargetSeries series;
  ScrapeReport report;
  std::string problem;
};

TEST(TargetSeries, SamplesGetTheTargetsLabelsAndTheScrapesTime) {
  Scraped target("", labels_of({{"instance", "i"}, {"job", "j"}}));
  EXPECT_THAT(
      target.take("up_time 5\nreq{code=\"200\"} 7 1234000\n"),
      ElementsAre(R"(up_time{instance="i",job="j"} 5)", R"(req{code="200",instance="i",job="j"} 7@1234)"));
  EXPECT_EQ(target.report.scraped, 2u);
  EXPECT_EQ(target.report.kept, 2u);
  EXPECT_EQ(target.report.added, 2u);
}

TEST(TargetSeries, AnExportersLabelOfTheSameNameIsRenamedOrHonoured) {
  const char* body = "a{instance=\"own\",exported_instance=\"e\"} 1\n";
  EXPECT_THAT(Scraped().take(body),
              ElementsAre(R"(a{exported_exported_instance="own",exported_instance="e",instance="i"} 1)"));
  EXPECT_THAT(Scraped("  honor_labels: true\n").take(body),
              ElementsAre(R"(a{exported_instance="e",instance="own"} 1)"));
  EXPECT_THAT(Scraped("  honor_labels: true\n").take("a{instance=\"\"} 1\n"), ElementsAre("a 1"));
  EXPECT_THAT(Scraped().take("a{instance=\"\"} 1\n"), ElementsAre(R"(a{instance="i"} 1)"));
}

TEST(TargetSeries, ExternalLabelsAreAddedWhereThereAreNone) {
  Scraped target("", {}, labels_of({{"host", "h1"}}));
  EXPECT_THAT(target.take("a 1\nb{host=\"other\"} 2\n"),
              ElementsAre(R"(a{host="h1"} 1)", R"(b{host="other"} 2)"));
}

TEST(TargetSeries, TimestampsOfTheExporterCanBeIgnored) {
  EXPECT_THAT(Scraped("  honor_timestamps: false\n").take("a 1 5000\n"), ElementsAre(R"(a{instance="i"} 1)"));
}

TEST(TargetSeries, ASeriesThatIsGoneIsMarkedStaleOnce) {
  Scraped target;
  target.take("a 1\nb 2\ntimed 3 1000\n");
  EXPECT_THAT(target.take("a 1\n"), ElementsAre(R"(a{instance="i"} 1)", R"(b{instance="i"} stale)"));
  EXPECT_THAT(target.take("a 1\n"), ElementsAre(R"(a{instance="i"} 1)"));
  EXPECT_THAT(target.take("b 3\na 1\n"), ElementsAre(R"(b{instance="i"} 3)", R"(a{instance="i"} 1)"));
  EXPECT_EQ(target.report.added, 1u);
}

TEST(TargetSeries, AFailedScrapeMarksAllStaleAndTheNextOneBeginsAnew) {
  Scraped target;
  target.take("a 1\nb 2\n");
  EXPECT_THAT(target.take_nothing(),
              UnorderedElementsAre(R"(a{instance="i"} stale)", R"(b{instance="i"} stale)"));
  EXPECT_THAT(target.take_nothing(), IsEmpty());
  EXPECT_THAT(target.take("a 3\n"), ElementsAre(R"(a{instance="i"} 3)"));
  EXPECT_EQ(target.report.added, 1u);
}

TEST(TargetSeries, ATargetThatIsGoneTakesItsReportAlong) {
  Scraped target;
  target.take("a 1\n");
  std::vector<SeriesSamples> out;
  target.series.end(target.now, out);
  EXPECT_THAT(target.text_of(out), ElementsAre(R"(a{instance="i"} stale)", R"(up{instance="i"} stale)",
                                               R"(scrape_duration_seconds{instance="i"} stale)",
                                               R"(scrape_samples_scraped{instance="i"} stale)",
                                               R"(scrape_samples_post_metric_relabeling{instance="i"} stale)",
                                               R"(scrape_series_added{instance="i"} stale)",
                                               R"(scrape_lines_refused{instance="i"} stale)"));
}

TEST(TargetSeries, MetricRelabellingDropsAndRenames) {
  Scraped target(
      "  metric_relabel_configs:\n"
      "  - {source_labels: [__name__], regex: go_.*, action: drop}\n"
      "  - {source_labels: [__name__], regex: old_(.*), target_label: __name__, replacement: new_$1}\n");
  for (int scrape = 0; scrape < 2; ++scrape)
    EXPECT_THAT(target.take("go_gc 1\nold_a 2\n"), ElementsAre(R"(new_a{instance="i"} 2)"));
  EXPECT_EQ(target.report.scraped, 2u);
  EXPECT_EQ(target.report.kept, 1u);
}

TEST(TargetSeries, OfSeriesThatRelabellingMakesOneTheFirstCounts) {
  Scraped target("  metric_relabel_configs: [{regex: cpu, action: labeldrop}]\n");
  for (int scrape = 0; scrape < 2; ++scrape) {
    EXPECT_THAT(target.take("t{cpu=\"0\"} 1\nt{cpu=\"1\"} 2\n"), ElementsAre(R"(t{instance="i"} 1)"));
    EXPECT_EQ(target.report.refused, 1u);
  }
  EXPECT_THAT(target.problem, HasSubstr("twice"));
}

TEST(TargetSeries, BadLinesAreCountedAndTheGoodOnesKept) {
  Scraped target;
  EXPECT_THAT(target.take("a 1\nb one\n"), ElementsAre(R"(a{instance="i"} 1)"));
  EXPECT_TRUE(target.report.up);
  EXPECT_EQ(target.report.refused, 1u);
  EXPECT_THAT(target.problem, HasSubstr("line 2"));
}

TEST(TargetSeries, ABodyWithoutOneReadableLineIsAFailedScrape) {
  Scraped target;
  target.take("a 1\n");
  EXPECT_THAT(target.take("<html>\n<body>\n"), ElementsAre(R"(a{instance="i"} stale)"));
  EXPECT_THAT(target.problem, HasSubstr("not one of 2 lines"));
  EXPECT_THAT(target.take(""), IsEmpty());
  EXPECT_TRUE(target.report.up);
}

TEST(TargetSeries, OverALimitTheWholeScrapeFailsAndRecovers) {
  Scraped samples(
      "  sample_limit: 2\n  metric_relabel_configs: [{source_labels: [__name__], regex: x, action: drop}]\n");
  EXPECT_THAT(samples.take("a 1\nb 2\nx 3\n"), testing::SizeIs(2));
  EXPECT_THAT(samples.take("a 1\nb 2\nc 3\n"), testing::SizeIs(2));
  EXPECT_THAT(samples.problem, HasSubstr("sample_limit: 3 samples"));
  EXPECT_THAT(samples.take("a 1\n"), ElementsAre(R"(a{instance="i"} 1)"));

  Scraped labels("  label_limit: 3\n");
  labels.take("a{b=\"1\",c=\"2\"} 1\n");
  EXPECT_THAT(labels.problem, HasSubstr("label_limit"));
  labels.take("a{b=\"1\",c=\"2\"} 1\n");
  EXPECT_THAT(labels.problem, HasSubstr("label_limit"));
  Scraped names("  label_name_length_limit: 8\n");
  names.take("a{very_long=\"1\"} 1\n");
  EXPECT_THAT(names.problem, HasSubstr("label_name_length_limit"));
  Scraped values("  label_value_length_limit: 3\n");
  values.take("a{b=\"long\"} 1\n");
  EXPECT_THAT(values.problem, HasSubstr("label_value_length_limit"));
}

TEST(TargetSeries, OtherSettingsKeepTrackOfWhatWasThere) {
  Scraped target;
  target.take("a 1\nb 2\n");
  target.series.configure(
      job_of("  metric_relabel_configs: [{source_labels: [__name__], regex: b, action: drop}]\n"));
  EXPECT_THAT(target.take("a 1\nb 2\n"), ElementsAre(R"(a{instance="i"} 1)", R"(b{instance="i"} stale)"));
  EXPECT_EQ(target.report.added, 0u);
}

TEST(TargetSeries, EverNewSeriesAreForgottenAgainAndStillMarkedStale) {
  Scraped target("  metric_relabel_configs: [{source_labels: [__name__], regex: dropped, action: drop}]\n");
  for (int scrape = 0; scrape < 40; ++scrape) {
    std::string body = "dropped 1\nsteady 1\n";
    for (int i = 0; i < 200; ++i) body += fmt::format("churn{{id=\"{}\"}} 1\n", scrape * 200 + i);
    const auto taken = target.take(body);
    EXPECT_EQ(taken.size(), scrape == 0 ? 201u : 401u);
    EXPECT_EQ(taken.front(), R"(steady{instance="i"} 1)");
    EXPECT_EQ(target.report.added, scrape == 0 ? 201u : 200u);
  }
}

TEST(TargetSeries, TheReportSaysHowItWent) {
  Scraped target;
  target.take("a 1\nb x\n");
  target.report.duration = 250ms;
  std::vector<SeriesSamples> out;
  target.series.add_report(target.report, target.now, out);
  EXPECT_THAT(
      target.text_of(out),
      ElementsAre(R"(up{instance="i"} 1)", R"(scrape_duration_seconds{instance="i"} 0.25)",
                  R"(scrape_samples_scraped{instance="i"} 1)",
                  R"(scrape_samples_post_metric_relabeling{instance="i"} 1)",
                  R"(scrape_series_added{instance="i"} 1)", R"(scrape_lines_refused{instance="i"} 1)"));
}

}  // namespace
}  // namespace sentinella::scrape
