#include "codec/influx_line.h"

#include <limits>
#include <map>

#include <gmock/gmock.h>

#include "base/bytes.h"

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Time kReceived{1'700'000'000'000'000'000};

/// A store that knows every series by its labels' text.
class Store {
 public:
  ResolveSeries resolver() {
    return [this](std::string_view canonical, SeriesKind kind) -> Result<ResolvedSeries> {
      ++asked;
      ByteReader reader(canonical);
      std::vector<Label> labels;
      while (!reader.at_end()) {
        const auto name = reader.text();
        labels.push_back({std::string(name), std::string(reader.text())});
      }
      EXPECT_TRUE(reader.ok());
      const Labels whole(labels);
      EXPECT_EQ(whole.canonical(), canonical);
      if (ids_.size() >= limit) return fail(Errc::kTooLarge, "the account has {} series", limit);
      const auto [at, fresh] = ids_.try_emplace(whole.to_string(), static_cast<SeriesId>(ids_.size() + 1));
      names_[at->second] = at->first;
      kinds[at->first] = kind;
      return ResolvedSeries{at->second, lasting};
    };
  }
  AreDefined definitions() {
    return [this](std::span<const SeriesId> ids) { return defined && !ids.empty(); };
  }
  std::string name(SeriesId id) const { return names_.at(id); }

  std::size_t asked = 0;
  std::size_t limit = SIZE_MAX;
  bool lasting = true;
  bool defined = false;
  std::map<std::string, SeriesKind> kinds;

 private:
  std::map<std::string, SeriesId> ids_;
  std::map<SeriesId, std::string> names_;
};

class InfluxLine : public testing::Test {
 protected:
  /// "series value@ns", in order. Every text is read twice, the second time over what the first has taught;
  /// both must be the same.
  std::vector<std::string> samples(const std::string& text, std::int64_t unit = 1) {
    auto first = read(text, unit);
    EXPECT_EQ(first, read(text, unit)) << text;
    return first;
  }
  /// "line: reason" of a text of bad lines.
  std::vector<std::string> reasons(const std::string& text) {
    read(text, 1);
    std::vector<std::string> out;
    for (const auto& bad : report.reasons) out.push_back(std::to_string(bad.line) + ": " + bad.reason);
    return out;
  }
  std::vector<std::string> read(const std::string& text, std::int64_t unit) {
    const std::vector<char> exact(text.begin(), text.end());
    SampleBlock block;
    report = decode_lines({exact.data(), exact.size()},
                          {.account = account, .received = kReceived, .unit_ns = unit}, cache,
                          store.resolver(), store.definitions(), block);
    EXPECT_EQ(block.ids.size(), report.samples);
    EXPECT_EQ(block.times.size(), report.samples);
    EXPECT_EQ(block.values.size(), report.samples);
    std::vector<std::string> out;
    for (std::size_t i = 0; i < block.ids.size(); ++i)
      out.push_back(fmt::format("{} {}@{}", store.name(block.ids[i]), block.values[i], block.times[i].ns));
    return out;
  }

  AccountId account{1};
  Store store;
  LineSeriesCache cache;
  LineReport report;
};

TEST_F(InfluxLine, AFieldIsASeriesNamedAfterMeasurementAndField) {
  EXPECT_THAT(samples("cpu,host=a,zone=z user=1.5,system=2i,idle=3u,up=true 7\n"),
              ElementsAre("cpu_user{host=\"a\",zone=\"z\"} 1.5@7", "cpu_system{host=\"a\",zone=\"z\"} 2@7",
                          "cpu_idle{host=\"a\",zone=\"z\"} 3@7", "cpu_up{host=\"a\",zone=\"z\"} 1@7"));
  EXPECT_EQ(report.lines, 1u);
  EXPECT_THAT(samples("cpu,zone=z,host=a user=1 8"), ElementsAre("cpu_user{host=\"a\",zone=\"z\"} 1@8"));
}

TEST_F(InfluxLine, ReadsTheWholeGrammar) {
  const struct {
    std::string text, sample;
  } table[] = {
      {"m f=1", "m_f 1@1700000000000000000"},
      {"m f=1\n", "m_f 1@1700000000000000000"},
      {"m f=1\r\n", "m_f 1@1700000000000000000"},
      {"m f=1 5\r\n", "m_f 1@5"},
      {"m f=1   5  \n", "m_f 1@5"},
      {"  m   f=1 5", "m_f 1@5"},
      {"\n\n# a comment f=2\n#\nm f=1 5\n\n", "m_f 1@5"},
      {"m f=1 -5", "m_f 1@-5"},
      {"m f=-1.25e-3 5", "m_f -0.00125@5"},
      {"m f=.5 5", "m_f 0.5@5"},
      {"m f=5. 5", "m_f 5@5"},
      {"m f=-9223372036854775808i 5", "m_f -9.223372036854776e+18@5"},
      {"m f=18446744073709551615u 5", "m_f 1.8446744073709552e+19@5"},
      {"m f=t 5", "m_f 1@5"},
      {"m f=T 5", "m_f 1@5"},
      {"m f=True 5", "m_f 1@5"},
      {"m f=TRUE", "m_f 1@1700000000000000000"},
      {"m f=f 5", "m_f 0@5"},
      {"m f=False\r\n", "m_f 0@1700000000000000000"},
      {R"(my\ cpu,a\,b=c\=d\ e f\=g=1 5)", R"(my_cpu_f_g{a_b="c=d e"} 1@5)"},
      {R"(m,a=b\c f=1 5)", R"(m_f{a="b\c"} 1@5)"},
      {R"(m,a=b\\ c f=1 5)", R"(m_f{a="b\ c"} 1@5)"},
      {R"(m,a="b" f=1 5)", R"(m_f{a=""b""} 1@5)"},
      {"net.if-in 2xx=1 5", "net_if_in_2xx 1@5"},
      {"5xx total=1 5", "_5xx_total 1@5"},
      {"job:up f=1 5", "job:up_f 1@5"},
      {"m,a.b=x,1c=y f=1 5", R"(m_f{_1c="y",a_b="x"} 1@5)"},
      {"m,Zone=x,__name=y,a=z f=1 5", R"(m_f{Zone="x",__name="y",a="z"} 1@5)"},
      {"m=x f=1 5", "m_x_f 1@5"},
      {"m f=1,f=2 5", "m_f 1@5"},  // both; the later one is the one that stays
      {"m\xc3\xb6 f=1 5", "m___f 1@5"},
      {"m,h=\xc3\xb6 f=1 5", "m_f{h=\"\xc3\xb6\"} 1@5"},
  };
  for (const auto& row : table) {
    const auto found = samples(row.text);
    EXPECT_EQ(found.empty() ? "nothing" : found.front(), row.sample) << row.text;
    EXPECT_EQ(report.bad, 0u) << row.text << (report.reasons.empty() ? "" : report.reasons[0].reason);
  }
}

TEST_F(InfluxLine, TextIsNoSampleAndIsCounted) {
  EXPECT_THAT(samples("m a=1,b=\"x, y=1 z\",c=3 5\n"), ElementsAre("m_a 1@5", "m_c 3@5"));
  EXPECT_EQ(report.texts, 1u);
  EXPECT_THAT(samples("m b=\"a quote \\\" and a backslash \\\\\" 5\n"), IsEmpty());
  EXPECT_EQ(report.bad, 0u);
  EXPECT_EQ(report.lines, 1u);
  EXPECT_THAT(samples("m b=\"two\nlines\",a=1 5\nbad\n"), ElementsAre("m_a 1@5"));
  EXPECT_EQ(report.reasons.at(0).line, 3u);
}

TEST_F(InfluxLine, SaysOfEveryBadLineWhatIsWrongAndKeepsTheOthers) {
  const struct {
    std::string line, reason;
  } table[] = {
      {"m", "no fields"},
      {"m ", "a field has no name"},
      {"m,a=b", "no fields"},
      {",a=b f=1", "measurement has no name"},
      {"m,a f=1", "tag \"a\" has no value"},
      {"m,a= f=1", "tag \"a\" has no value"},
      {"m,=b f=1", "a tag has no name"},
      {"m,, f=1", "has no value"},
      {"m,a=b=c f=1", "'='"},
      {"m,a=1,a=2 f=1", "two tags are the label \"a\""},
      {"m,a.b=1,a-b=2 f=1", "two tags are the label \"a_b\""},
      {"m,__name__=x f=1", "metric's own label"},
      {"m f", "field \"f\" has no value"},
      {"m f=", "field \"f\" has no value"},
      {"m =1", "a field has no name"},
      {"m f=1,", "a field has no name"},
      {"m f=1,,g=2", "a field has no name"},
      {"m f=abc", "\"f\" is abc"},
      {"m f=+1", "\"f\" is +1"},
      {"m f=1.5i", "\"f\" is 1.5i"},
      {"m f=1e3i", "\"f\" is 1e3i"},
      {"m f=-1u", "\"f\" is -1u"},
      {"m f=9223372036854775808i", "9223372036854775808i"},
      {"m f=18446744073709551616u", "18446744073709551616u"},
      {"m f=1x", "\"f\" is 1x"},
      {"m f=tru", "\"f\" is tru"},
      {"m f=nan", "\"f\" is nan"},
      {"m f=inf", "\"f\" is inf"},
      {"m f=1e400", "\"f\" is 1e400"},
      {"m f=\"x", "closing quote"},
      {"m f=\"x\"y", "\"f\" is"},
      {"m f=1 x", "\"x\" is no timestamp"},
      {"m f=1 5 6", "no timestamp"},
      {"m f=1 1.5", "no timestamp"},
      {"m f=1 9223372036854775808", "no timestamp"},
      {"m,a=\xff f=1", "not UTF-8"},
      {"m \xff=1", "not UTF-8"},
      {"m," + std::string(2000, 'a') + "=1 f=1", "tag's name is over"},
      {"m " + std::string(2000, 'f') + "=1", "name over 1024 bytes"},
  };
  for (const auto& row : table) {
    const auto whats_wrong = reasons(row.line);
    ASSERT_EQ(whats_wrong.size(), 1u) << row.line;
    EXPECT_THAT(whats_wrong[0], HasSubstr(row.reason)) << row.line;
    // A quote that is not closed reaches over line ends, by the grammar.
    if (row.line.ends_with("\"x")) continue;
    const auto around = samples("good a=1 1\n" + row.line + "\ngood a=2 2\n");
    EXPECT_THAT(around, ElementsAre("good_a 1@1", "good_a 2@2")) << row.line;
    ASSERT_EQ(report.bad, 1u) << row.line;
    EXPECT_EQ(report.reasons.at(0).line, 2u);
  }
}

TEST_F(InfluxLine, ABadLineLeavesNoSampleBehind) {
  EXPECT_THAT(samples("m a=1,b=2 5\nm a=3,b=x 6\nm a=4,b=5 z\n"), ElementsAre("m_a 1@5", "m_b 2@5"));
  EXPECT_EQ(report.bad, 2u);
}

TEST_F(InfluxLine, CountsEveryBadLineAndTellsTheFirstTwenty) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "bad\n";
  EXPECT_EQ(reasons(text).size(), 20u);
  EXPECT_EQ(report.bad, 100u);
}

TEST_F(InfluxLine, TimesAreInTheUnitAskedFor) {
  EXPECT_THAT(samples("m f=1 1700000000\n", 1'000'000'000), ElementsAre("m_f 1@1700000000000000000"));
  EXPECT_THAT(samples("m f=1 1700000000000\n", 1'000'000), ElementsAre("m_f 1@1700000000000000000"));
  EXPECT_THAT(samples("m f=1 1700000000000000000\n", 1'000'000'000), IsEmpty());
}

TEST_F(InfluxLine, AKnownLineIsNotAskedForAgain) {
  samples("m,h=a f=1,g=2,s=\"x\" 5\n");
  EXPECT_EQ(store.asked, 2u);
  EXPECT_THAT(samples("m,h=a f=3,g=4i,s=\"y, z\" 6\n"), ElementsAre("m_f{h=\"a\"} 3@6", "m_g{h=\"a\"} 4@6"));
  EXPECT_EQ(store.asked, 2u);
  // Other fields, another order: the same series.
  EXPECT_THAT(samples("m,h=a g=5,f=6 7\n"), ElementsAre("m_g{h=\"a\"} 5@7", "m_f{h=\"a\"} 6@7"));
  EXPECT_THAT(samples("m,h=a f=8 8\n"), ElementsAre("m_f{h=\"a\"} 8@8"));
  EXPECT_THAT(samples("m,h=a f=true,gg=9 9\n"), ElementsAre("m_f{h=\"a\"} 1@9", "m_gg{h=\"a\"} 9@9"));
  // Text where a number was, and a number where text was.
  EXPECT_THAT(samples("m,h=a f=\"x\",gg=9 9\n"), ElementsAre("m_gg{h=\"a\"} 9@9"));
  EXPECT_THAT(samples("m,h=a f=1,gg=\"9\" 9\n"), ElementsAre("m_f{h=\"a\"} 1@9"));
}

TEST_F(InfluxLine, AnIdThatDoesNotLastIsAskedForAgain) {
  store.lasting = false;
  samples("m f=1 5\n");
  EXPECT_EQ(store.asked, 2u);
  store.lasting = true;
  samples("m f=1 5\n");
  EXPECT_EQ(store.asked, 3u);
}

TEST_F(InfluxLine, AnIdThatIsDefinedByNowIsUsedWithoutAsking) {
  store.lasting = false;
  EXPECT_THAT(samples("m,h=a f=1,g=2 5\n"), ElementsAre("m_f{h=\"a\"} 1@5", "m_g{h=\"a\"} 2@5"));
  EXPECT_EQ(store.asked, 4u);
  store.defined = true;
  EXPECT_THAT(samples("m,h=a f=3,g=4 6\n"), ElementsAre("m_f{h=\"a\"} 3@6", "m_g{h=\"a\"} 4@6"));
  store.defined = false;
  samples("m,h=a f=1,g=2 7\n");
  EXPECT_EQ(store.asked, 4u);
}

TEST_F(InfluxLine, AnotherEpochForgetsWhatWasKnown) {
  samples("m f=1 5\n");
  cache.begin(9);
  samples("m f=1 5\n");
  EXPECT_EQ(store.asked, 2u);
}

TEST_F(InfluxLine, AccountsDoNotMeetInTheCache) {
  samples("m f=1 5\n");
  account = AccountId{2};
  samples("m f=1 5\n");
  EXPECT_EQ(store.asked, 2u);
}

TEST_F(InfluxLine, ASeriesOverTheLimitRefusesItsLineOnly) {
  samples("m f=1 5\n");
  store.limit = 1;
  EXPECT_THAT(samples("m f=1 5\nm,h=new f=1 5\nm f=2 6\n"), ElementsAre("m_f 1@5", "m_f 2@6"));
  EXPECT_THAT(report.reasons.at(0).reason, HasSubstr("the account has 1 series"));
}

TEST_F(InfluxLine, WhatEndsWithTotalIsACounter) {
  samples("http requests_total=1,latency=2 5\n");
  EXPECT_EQ(store.kinds.at("http_requests_total"), SeriesKind::counter);
  EXPECT_EQ(store.kinds.at("http_latency"), SeriesKind::gauge);
}

TEST_F(InfluxLine, ManyShapesAndHeadsStayRight) {
  std::string text;
  for (int head = 0; head < 2000; ++head)
    for (int field = 0; field < 3; ++field)
      text += fmt::format("m{},h={} f{}={} 5\n", head % 7, head, (head + field) % 11, head * 3 + field);
  const auto first = samples(text);
  ASSERT_EQ(first.size(), 6000u);
  EXPECT_EQ(first[5999], "m4_f10{h=\"1999\"} 5999@5");
}

}  // namespace
}  // namespace sentinella::codec
