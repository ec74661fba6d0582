#include <cmath>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/exposition_reader.h"

namespace sentinella::codec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A reader that remembers what the fresh series were, and tells bodies as text.
struct Scrapes {
  ExpositionReader reader;
  Exposition out;
  std::vector<std::string> names;

  /// "series value[@ms]" of each value.
  std::vector<std::string> read(std::string_view body, ExpositionFormat format = ExpositionFormat::text) {
    last = reader.read(body, format, out);
    for (const FreshSeries& fresh : out.fresh) {
      EXPECT_EQ(fresh.series, names.size());
      std::string name = fresh.labels.front().value;
      for (std::size_t i = 1; i < fresh.labels.size(); ++i)
        name += fmt::format("{}{}={}", i == 1 ? "|" : ",", fresh.labels[i].name, fresh.labels[i].value);
      names.push_back(name);
    }
    std::vector<std::string> text;
    for (const ExpositionValue& value : out.values)
      text.push_back(fmt::format("{} {}{}", names[value.series], value.value,
                                 value.timed ? fmt::format("@{}", value.at_ns / 1'000'000) : ""));
    return text;
  }
  std::vector<std::string> read_openmetrics(std::string_view body) {
    return read(body, ExpositionFormat::openmetrics);
  }
  /// "line reason" of each fault.
  std::vector<std::string> faults() const {
    std::vector<std::string> text;
    for (const ExpositionFault& fault : out.faults)
      text.push_back(fmt::format("{} {}", fault.line, fault.reason));
    return text;
  }
  SeriesKind kind(std::string_view name) const {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return reader.kind(static_cast<std::uint32_t>(i));
    ADD_FAILURE() << name << " was not read";
    return SeriesKind::gauge;
  }

  Result<void> last;
};

TEST(Exposition, EveryFormOfALineOfTheTextFormatIsRead) {
  Scrapes scrapes;
  EXPECT_THAT(scrapes.read("# HELP http_requests_total The total number of HTTP requests.\n"
                           "# TYPE http_requests_total counter\n"
                           "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
                           "http_requests_total{method=\"post\",code=\"400\"}    3 -1395066363000\n"
                           "\n"
                           "   \t\n"
                           "# just a comment\n"
                           "#\n"
                           "metric_without_timestamp_and_labels 12.47\n"
                           "something_weird{problem=\"division by zero\"} +Inf -3982045\n"
                           "  indented{}\t-1e-3\n"
                           "spaced { a = \"b\" , c = \"d\" , } 7\n"
                           "rule:sum 1\n"
                           "no_newline_at_the_end 5"),
              ElementsAre("http_requests_total|method=post,code=200 1027@1395066363000",
                          "http_requests_total|method=post,code=400 3@-1395066363000",
                          "metric_without_timestamp_and_labels 12.47",
                          "something_weird|problem=division by zero inf@-3982045", "indented -0.001",
                          "spaced|a=b,c=d 7", "rule:sum 1", "no_newline_at_the_end 5"));
  EXPECT_THAT(scrapes.faults(), IsEmpty());
}

TEST(Exposition, EscapesInLabelValuesAreUndone) {
  Scrapes scrapes;
  scrapes.read(
      R"(m{path="C:\\DIR\\FILE.TXT",error="Cannot find \"FILE.TXT\"\n",odd="\d",brace="},{",empty=""} 1)"
      "\n");
  ASSERT_THAT(scrapes.names, SizeIs(1));
  EXPECT_EQ(scrapes.names[0],
            "m|path=C:\\DIR\\FILE.TXT,error=Cannot find \"FILE.TXT\"\n,odd=\\d,brace=},{,empty=");
}

TEST(Exposition, ABadLineIsRefusedWithNumberAndReasonAndTheOthersStay) {
  Scrapes scrapes;
  EXPECT_THAT(scrapes.read("good 1\n"
                           "9bad 1\n"
                           "bad{a=\"1\" b=\"2\"} 1\n"
                           "bad{a=1} 1\n"
                           "bad{a=\"1} 1\n"
                           "bad{a\"1\"} 1\n"
                           "bad{1=\"1\"} 1\n"
                           "bad one\n"
                           "bad 1 soon\n"
                           "bad 1 2 3\n"
                           "bad\n"
                           "good_too 2\n"
                           "{a=\"1\"} 1\n"
                           "bad{a=\"\xff\"} 1\n"
                           "bad{a=\"1\",a=\"2\"} 1\n"
                           "bad 1 # {} 1\n"
                           "# TYPE\n"),
              ElementsAre("good 1", "good_too 2"));
  EXPECT_EQ(scrapes.out.refused, 15u);
  EXPECT_THAT(
      scrapes.faults(),
      ElementsAre("2 a metric name is expected", "3 ',' or '}' is expected after a label",
                  "4 a label value must stand in double quotes", "5 a label value's quotes are not closed",
                  "6 a label name is not followed by '='", "7 a label name or '}' is expected",
                  "8 the value is not a number", "9 the timestamp is not a number in range",
                  "10 something follows where the line should end",
                  "11 a blank is expected between series and value"));
}

TEST(Exposition, KnownLinesAreReadWithTheirNewNumbersAndNothingIsFresh) {
  Scrapes scrapes;
  scrapes.read("# HELP a A.\n# TYPE a counter\na{x=\"1\"} 1\na{x=\"2\"} 2\nb 3\n");
  EXPECT_THAT(scrapes.read("# HELP a A.\n# TYPE a counter\na{x=\"1\"} 10\na{x=\"2\"} 20 5\nb NaN\n"),
              ElementsAre("a|x=1 10", "a|x=2 20@5", "b nan"));
  EXPECT_THAT(scrapes.out.fresh, IsEmpty());
}

TEST(Exposition, LinesThatMoveVanishOrAppearAreTheirOwnSeriesStill) {
  Scrapes scrapes;
  scrapes.read("a 1\nb 2\nc 3\nd 4\n");
  EXPECT_THAT(scrapes.read("c 30\nnew 9\na 10\nab 11\nd 40\n"),
              ElementsAre("c 30", "new 9", "a 10", "ab 11", "d 40"));
  EXPECT_THAT(scrapes.out.fresh, SizeIs(2));
  EXPECT_THAT(scrapes.read("a 1\nab{} 2\na {x=\"1\"} 3\nd 5\n"),
              ElementsAre("a 1", "ab 2", "a|x=1 3", "d 5"));
}

TEST(Exposition, ABadNumberOnAKnownLineIsRefused) {
  Scrapes scrapes;
  scrapes.read("a 1\nb 2\n");
  EXPECT_THAT(scrapes.read("a x\nb 3\n"), ElementsAre("b 3"));
  EXPECT_THAT(scrapes.faults(), ElementsAre("1 the value is not a number"));
}

TEST(Exposition, OfASeriesTwiceTheFirstLineCounts) {
  Scrapes scrapes;
  for (int scrape = 0; scrape < 2; ++scrape) {
    EXPECT_THAT(scrapes.read("a 1\na 2\nb 3\n"), ElementsAre("a 1", "b 3"));
    EXPECT_THAT(scrapes.faults(), ElementsAre(HasSubstr("2 this series is there twice")));
  }
  EXPECT_THAT(scrapes.read("a 1 1000\na 2 2000\n"), ElementsAre("a 1@1000", "a 2@2000"));
}

TEST(Exposition, KindsFollowTheTypes) {
  Scrapes scrapes;
  scrapes.read(
      "# TYPE c counter\nc 1\n# TYPE g gauge\ng 1\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\n"
      "h_count 1\n# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\nuntyped_total 1\n");
  EXPECT_EQ(scrapes.kind("c"), SeriesKind::counter);
  EXPECT_EQ(scrapes.kind("g"), SeriesKind::gauge);
  EXPECT_EQ(scrapes.kind("h_bucket|le=+Inf"), SeriesKind::histogram);
  EXPECT_EQ(scrapes.kind("h_sum"), SeriesKind::histogram);
  EXPECT_EQ(scrapes.kind("h_count"), SeriesKind::histogram);
  EXPECT_EQ(scrapes.kind("s|quantile=0.5"), SeriesKind::gauge);
  EXPECT_EQ(scrapes.kind("s_count"), SeriesKind::counter);
  EXPECT_EQ(scrapes.kind("untyped_total"), SeriesKind::gauge);
  scrapes.read("# TYPE g counter\ng 2\n");
  EXPECT_EQ(scrapes.kind("g"), SeriesKind::counter);
}

TEST(Exposition, MetadataOfFamiliesIsKept) {
  Scrapes scrapes;
  scrapes.read_openmetrics(
      "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds How long.\n"
      "a_seconds_total 1\n# EOF\n");
  const MetricFamily& family = scrapes.reader.families().at("a_seconds");
  EXPECT_EQ(family.type, "counter");
  EXPECT_EQ(family.unit, "seconds");
  EXPECT_EQ(family.help, "How long.");
  EXPECT_EQ(scrapes.kind("a_seconds_total"), SeriesKind::counter);
}

TEST(Exposition, OpenMetricsHasSecondsAndExemplars) {
  Scrapes scrapes;
  EXPECT_THAT(scrapes.read_openmetrics(
                  "# TYPE foo histogram\n"
                  "foo_bucket{le=\"0.01\"} 0\n"
                  "foo_bucket{le=\"0.1\"} 8 # {} 0.054\n"
                  "foo_bucket{le=\"1\"} 11 # {trace_id=\"KOO5S4vxi0o\"} 0.67\n"
                  "foo_bucket{le=\"+Inf\"} 17 1520879607.789 # {trace_id=\"o\"} 9.8 1520879607.789\n"
                  "foo_created 1520430000.123\n"
                  "# EOF\n"),
              ElementsAre("foo_bucket|le=0.01 0", "foo_bucket|le=0.1 8", "foo_bucket|le=1 11",
                          "foo_bucket|le=+Inf 17@1520879607789", "foo_created 1520430000.123"));
  EXPECT_THAT(scrapes.faults(), IsEmpty());
  EXPECT_EQ(scrapes.out.values[3].at_ns, 1'520'879'607'789'000'000);
}

TEST(Exposition, OpenMetricsWithoutItsEndIsRefusedWhole) {
  Scrapes scrapes;
  EXPECT_THAT(scrapes.read_openmetrics("a 1\nb 2\n"), IsEmpty());
  EXPECT_EQ(scrapes.last.error().code, Errc::kCorrupt);
  EXPECT_THAT(scrapes.read_openmetrics("a 1\n# EOF\nb 2\n"), IsEmpty());
  EXPECT_FALSE(scrapes.last);
  EXPECT_THAT(scrapes.read_openmetrics("a 1\n# EOF"), ElementsAre("a 1"));
  EXPECT_TRUE(scrapes.last);
}

TEST(Exposition, BadExemplarsAndStrayCommentsOfOpenMetricsAreRefused) {
  Scrapes scrapes;
  EXPECT_THAT(scrapes.read_openmetrics("a 1 # 5\nb 1 # {x=\"1\"}\nc 1 # {} 1 2 3\n# hello\n\nd 1e\n# EOF\n"),
              IsEmpty());
  EXPECT_EQ(scrapes.out.refused, 6u);
}

TEST(Exposition, CompactionForgetsWhatIsGoneAndRenumbersTheRest) {
  Scrapes scrapes;
  std::string body;
  for (int i = 0; i < 5000; ++i) body += fmt::format("m{{i=\"{}\"}} {}\n", i, i);
  scrapes.read(body);
  EXPECT_FALSE(scrapes.reader.wasteful());
  scrapes.read("m{i=\"17\"} 1\nm{i=\"4000\"} 2\n");
  ASSERT_TRUE(scrapes.reader.wasteful());
  const auto moved = scrapes.reader.compact();
  EXPECT_EQ(moved[17], 0u);
  EXPECT_EQ(moved[4000], 1u);
  EXPECT_EQ(moved[18], ExpositionReader::kGone);
  EXPECT_FALSE(scrapes.reader.wasteful());
  scrapes.names = {"m|i=17", "m|i=4000"};
  EXPECT_THAT(scrapes.read("m{i=\"4000\"} 5\nm{i=\"18\"} 6\nm{i=\"17\"} 7\n"),
              ElementsAre("m|i=4000 5", "m|i=18 6", "m|i=17 7"));
  EXPECT_THAT(scrapes.out.fresh, SizeIs(1));
}

TEST(Exposition, TooManyLabelsAreRefused) {
  Scrapes scrapes;
  std::string line = "m{";
  for (std::size_t i = 0; i <= kMaxExpositionLabels; ++i) line += fmt::format("l{}=\"v\",", i);
  scrapes.read(line + "} 1\n");
  EXPECT_THAT(scrapes.faults(), ElementsAre("1 a series has more than 256 labels"));
}

}  // namespace
}  // namespace sentinella::codec
