#include "codec/batch_codec.h"

#include <bit>
#include <random>

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "base/crypto.h"

namespace sentinella::codec {
namespace {

/// Everything a batch holds, as text that is equal exactly for equal batches (NaN payloads included).
std::string dump(const Batch& batch) {
  std::string out = fmt::format("{} {} {} {}", static_cast<std::uint32_t>(batch.account), batch.received.ns,
                                batch.tick, batch.server_started);
  if (batch.id)
    out += fmt::format(" id {} {} {} {}", batch.id->agent_id, batch.id->epoch, batch.id->sequence,
                       static_cast<int>(batch.id->signal));
  for (const auto& s : batch.series) {
    out += fmt::format("\nseries {} {}", to_hex(s.labels.canonical()), static_cast<int>(s.kind));
    for (const auto& p : s.samples)
      out += fmt::format(" {}:{:x}", p.at.ns, std::bit_cast<std::uint64_t>(p.value));
  }
  out += "\nsamples";
  for (const auto& d : batch.samples.defined)
    out += fmt::format(" {}={}{}", static_cast<std::uint64_t>(d.id), static_cast<int>(d.kind),
                       to_hex(d.canonical));
  for (std::size_t i = 0; i < batch.samples.size(); ++i)
    out += fmt::format(" {}@{}:{:x}", static_cast<std::uint64_t>(batch.samples.ids[i]),
                       batch.samples.times[i].ns, std::bit_cast<std::uint64_t>(batch.samples.values[i]));
  for (const auto& e : batch.erasures) {
    out += fmt::format("\nerase {} {}", e.range.from.ns, e.range.until.ns);
    for (const auto& m : e.matchers) out += fmt::format("|{}{}{}", m.name, static_cast<int>(m.op), m.value);
  }
  for (const auto& r : batch.logs)
    out += fmt::format("\nlog {}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", r.time.ns, r.host,
                       r.service, r.source, r.component, static_cast<int>(r.severity), r.pid, r.request_id,
                       r.global_request_id, r.user_id, r.project_id, r.instance, r.message, r.traceback,
                       r.raw, r.template_id, r.flags);
  for (const auto& e : batch.events) {
    out += fmt::format("\nevent {}|{}|{}|{}|{}|{}|{}", e.id, e.type, e.time.ns, e.host, e.service, e.summary,
                       e.origin);
    for (const auto& t : e.traits) out += fmt::format("|{}={}", t.name, t.value);
  }
  for (const auto& r : batch.reports)
    out += fmt::format("\nreport {}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", static_cast<int>(r.kind), r.at.ns, r.host,
                       r.service, r.pid, r.processes, r.ever_seen, static_cast<int>(r.exit),
                       r.exit_code.value_or(-99999), r.signal.value_or(-99999), r.detail);
  for (const auto& s : batch.signals) {
    const auto& x = s.extras;
    out += fmt::format("\nsignal {}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", static_cast<int>(s.state),
                       s.rule_id, s.event, s.resource, s.host, s.service, s.environment, s.playbook, s.text,
                       static_cast<int>(s.severity), static_cast<int>(s.tier),
                       s.status ? static_cast<int>(*s.status) : -1, s.at.ns, s.value, s.count);
    out += fmt::format("|{}|{}|{}|{}|{}|{}|{}|{}|{}", x.fingerprint, x.origin, x.group, x.type,
                       to_hex(x.labels.canonical()), to_hex(x.annotations.canonical()),
                       fmt::join(x.tags, ","), fmt::join(x.correlate, ","), x.timeout.count());
  }
  return out;
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Batch batch() {
    Batch batch;
    batch.account = static_cast<AccountId>(number());
    batch.received = time();
    batch.tick = coin();
    batch.server_started = coin();
    if (coin())
      batch.id = BatchId{text(), number(), number(), coin() ? SignalKind::logs : SignalKind::metrics};
    for (auto n = below(4); n > 0; --n) batch.series.push_back(series());
    for (auto n = below(4); n > 0; --n) batch.logs.push_back(record());
    for (auto n = below(4); n > 0; --n) batch.events.push_back(event());
    for (auto n = below(4); n > 0; --n) batch.reports.push_back(report());
    for (auto n = coin() ? below(4) : 0; n > 0; --n) batch.signals.push_back(signal(batch.account));
    batch.samples = samples();
    for (auto n = below(3); n > 0; --n) {
      SeriesErasure& erasure = batch.erasures.emplace_back();
      erasure.range = {time(), time()};
      for (auto m = below(3); m > 0; --m)
        erasure.matchers.push_back({static_cast<LabelMatcher::Op>(below(4)), text(), text()});
    }
    return batch;
  }
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

 private:
  SampleBlock samples() {
    SampleBlock block;
    for (auto n = below(3); n > 0; --n)
      block.defined.push_back({SeriesId{number()}, static_cast<SeriesKind>(below(3)), text()});
    const auto wild = below(3);
    const std::int64_t unit = coin() ? 1 : 1'000'000;
    std::uint64_t id = number();
    Time at = time();
    for (auto n = below(coin() ? 5 : 400); n > 0; --n) {
      id = wild == 2 ? number() : id + (coin() ? 1 : below(1000));
      at = wild > 0 && below(50) == 0 ? time() : at + Duration(static_cast<std::int64_t>(below(5)) * unit);
      block.add(SeriesId{id}, at, std::bit_cast<double>(number()));
    }
    return block;
  }
  SeriesSamples series() {
    SeriesSamples series{Labels(labels()), static_cast<SeriesKind>(below(3)), {}};
    for (auto n = below(5); n > 0; --n) series.samples.push_back({time(), std::bit_cast<double>(number())});
    return series;
  }
  Event event() {
    Event made{text(), text(), time(), text(), text(), text(), text(), {}};
    for (auto n = below(5); n > 0; --n) made.traits.add(text(), text());
    return made;
  }
  LogRecord record() {
    LogRecord r;
    r.time = time();
    r.severity = static_cast<Severity>(below(8));
    r.pid = static_cast<std::uint32_t>(number());
    for (auto* field : {&r.host, &r.service, &r.source, &r.component, &r.request_id, &r.global_request_id,
                        &r.user_id, &r.project_id, &r.instance, &r.message, &r.traceback, &r.raw})
      *field = text();
    if (coin()) r.raw += r.message;
    r.template_id = number();
    r.flags = static_cast<std::uint32_t>(below(16));
    return r;
  }
  Signal signal(AccountId account) {
    Signal s;
    s.account = account;
    s.state = static_cast<Signal::State>(below(3));
    for (auto* field :
         {&s.rule_id, &s.event, &s.resource, &s.host, &s.service, &s.environment, &s.playbook, &s.text,
          &s.value, &s.extras.fingerprint, &s.extras.origin, &s.extras.group, &s.extras.type})
      *field = text();
    s.severity = static_cast<AlertSeverity>(below(13));
    s.tier = static_cast<Tier>(below(3));
    if (coin()) s.status = static_cast<AlertStatus>(below(8));
    s.at = time();
    s.count = static_cast<std::uint32_t>(number());
    s.extras.labels = Labels(labels());
    s.extras.annotations = Labels(labels());
    for (auto n = below(3); n > 0; --n) s.extras.tags.push_back(text());
    for (auto n = below(3); n > 0; --n) s.extras.correlate.push_back(text());
    s.extras.timeout = Duration(static_cast<std::int64_t>(number()));
    return s;
  }
  StateReport report() {
    StateReport r;
    r.kind = static_cast<StateReport::Kind>(below(6));
    r.at = time();
    r.host = text();
    r.service = text();
    r.pid = static_cast<std::uint32_t>(number());
    r.processes = static_cast<std::uint32_t>(below(5));
    r.ever_seen = coin();
    r.exit = static_cast<StateReport::Exit>(below(3));
    if (coin()) r.exit_code = static_cast<int>(number());
    if (coin()) r.signal = static_cast<int>(below(64));
    r.detail = text();
    return r;
  }
  std::vector<Label> labels() {
    std::vector<Label> labels;
    for (auto n = below(4); n > 0; --n) labels.push_back({text(), text()});
    return labels;
  }
  std::string text() {
    std::string out(below(6), '\0');
    for (char& c : out) c = static_cast<char>(below(256));
    return out;
  }
  Time time() {
    return {static_cast<std::int64_t>(coin() ? number() : 1'772'446'272'000'000'000 + below(1000))};
  }
  bool coin() { return below(2) == 0; }
  std::uint64_t number() { return random_() >> below(64); }

  std::mt19937_64 random_;
};

TEST(BatchCodec, GivesBackExactlyWhatItWasGiven) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const Batch batch = Generator(seed).batch();
    const auto back = decode_batch(*encode_batch(batch));
    ASSERT_TRUE(back) << "seed " << seed << ": " << back.error().message;
    ASSERT_EQ(dump(*back), dump(batch)) << "seed " << seed;
  }
}

TEST(BatchCodec, NeverReadsACutBatch) {
  const std::string bytes = *encode_batch(Generator(7).batch());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode_batch(bytes.substr(0, size)).error().code, Errc::kCorrupt) << size;
  EXPECT_EQ(decode_batch(bytes + "x").error().code, Errc::kCorrupt);
}

TEST(BatchCodec, SurvivesAnyDamagedByte) {
  Generator random(3);
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::string bytes = *encode_batch(Generator(seed).batch());
    for (int i = 0; i < 20; ++i) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    const auto batch = decode_batch(bytes);
    EXPECT_TRUE(!batch || decode_batch(*encode_batch(*batch)));
  }
}

TEST(BatchCodec, ANewerVersionIsRefusedWithASentence) {
  const auto batch = decode_batch("\x04");
  EXPECT_EQ(batch.error().code, Errc::kUnsupported);
  EXPECT_THAT(batch.error().message, testing::HasSubstr("version 4"));
}

TEST(BatchCodec, ASmallBatchCannotGrowIntoGigabytes) {
  std::string bytes;
  ByteWriter writer(bytes);
  for (const std::uint8_t byte : std::initializer_list<std::uint8_t>{1, 0, 1})
    writer.fixed(byte);  // version, flags, account
  writer.fixed(std::int64_t{0});
  writer.varint(1);
  writer.text(std::string(8u << 20, 'x'));
  writer.varint(1'000'000);
  for (int i = 0; i < 1'000'000; ++i) bytes.append("\1\0\0\0\0", 5);  // each a series with one label
  for (int i = 0; i < 3; ++i) writer.varint(0);
  EXPECT_EQ(decode_batch(bytes).error().code, Errc::kCorrupt);
}

TEST(BatchCodec, RefusesToWriteWhatItWouldNotRead) {
  Batch batch;
  batch.logs.resize(2);
  for (LogRecord& record : batch.logs) record.raw = std::string(129u << 20, 'x');
  EXPECT_EQ(encode_batch(batch).error().code, Errc::kTooLarge);
}

TEST(BatchCodec, TheFormatStaysAsDocumented) {
  Batch batch;
  batch.account = AccountId{3};
  batch.received = {1000};
  batch.id = BatchId{"a", 0x1122334455667788, 9, SignalKind::logs};
  batch.series.push_back(
      {Labels(std::vector<Label>{{"__name__", "up"}}), SeriesKind::counter, {{{1001}, 1.0}, {{1003}, 2.0}}});
  LogRecord record;
  record.time = {1000};
  record.host = "up";
  record.message = "tail";
  record.raw = "head tail";
  record.template_id = 5;
  record.severity = Severity::error;
  batch.logs = {record};
  batch.samples.defined = {{SeriesId{7}, SeriesKind::gauge, "ab"}};
  batch.samples.add(SeriesId{7}, {1'000'000'000}, 1.0);
  batch.samples.add(SeriesId{8}, {1'000'000'000}, 2.0);
  EXPECT_EQ(to_hex(*encode_batch(batch)),
            "0201"  // version, flags
            "03"
            "e803000000000000"  // account, received
            "0161"
            "8877665544332211"
            "09"
            "01"  // agent, epoch, sequence, signal
            "03"
            "085f5f6e616d655f5f"
            "027570"
            "00"  // words: __name__, up, ""
            "01"
            "01"
            "00"
            "01"
            "01"  // one series, one label __name__=up, counter
            "02"
            "02"
            "000000000000f03f"
            "04"
            "0000000000000040"
            "01"
            "05"
            "01"
            "0202020202020202"
            "06"
            "00"
            "0500000000000000"
            "00"
            "09"
            "68656164207461696c"
            "00"
            "05"  // raw, no traceback, message = the last 4 bytes
            "00"
            "00"            // no events, no reports
            "010e00026162"  // one definition: 7, gauge, "ab"
            "02"
            "0700ca9a3b00000000"  // two rows, from series 7 and second 1 on
            "00"                  // one more each, and the same
            "000000000000f03f0000000000000040"
            "00");  // no erasures
}

TEST(BatchCodec, TheFormatOfASignalStaysAsDocumented) {
  Batch batch;
  batch.received = {1000};
  Signal signal;
  signal.event = "E";
  signal.resource = "r";
  signal.host = "r";
  signal.severity = AlertSeverity::major;
  signal.status = AlertStatus::ack;
  signal.at = {999};
  signal.extras.labels = Labels(std::vector<Label>{{"a", "r"}});
  signal.extras.tags = {"t"};
  signal.extras.timeout = Duration(1);
  batch.signals = {signal};
  EXPECT_EQ(to_hex(*encode_batch(batch)),
            "0300"  // version, flags
            "00"
            "e803000000000000"  // account, received
            "05"
            "00"
            "0145"
            "0172"
            "0161"
            "0174"        // words: "", E, r, a, t
            "0000000000"  // no series, logs, events, reports; no definitions
            "00"
            "00"  // no rows, no erasures
            "01"
            "00"
            "0001020200000000"  // one signal, firing; rule, event, resource, host, the rest empty
            "02"
            "01"
            "03"        // major, ticket, ack
            "01"        // 1 ns before
            "00"        // no value
            "01"        // count
            "00000000"  // fingerprint, origin, group, type
            "010302"    // labels: a=r
            "00"
            "0104"
            "00"    // no annotations, tag t, no correlated events
            "02");  // timeout 1 ns
}

TEST(BatchCodec, ReadsTheFormatBeforeIds) {
  const auto batch =
      decode_batch(*from_hex("0100"
                             "03"
                             "e803000000000000"
                             "02"
                             "085f5f6e616d655f5f"
                             "027570"
                             "01"
                             "01"
                             "00"
                             "01"
                             "01"
                             "01"
                             "02"
                             "000000000000f03f"
                             "00"
                             "00"
                             "00"));
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_EQ(batch->series.size(), 1u);
  EXPECT_EQ(batch->series[0].labels.to_string(), "up");
  EXPECT_EQ(batch->series[0].samples[0].at, Time{1001});
}

}  // namespace
}  // namespace sentinella::codec
