// The log doors: what comes in by each is found again, what is at fault is told, nothing is answered too
// early.
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/forward/forward_door.h"
#include "api/lumberjack/lumberjack_door.h"
#include "api/syslog/syslog_door.h"
#include "base/compress.h"
#include "base/crypto.h"
#include "codec/lumberjack_frame.h"
#include "codec/msgpack.h"

namespace sentinella::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// What a session says to its connection; when it may go on is waited for.
class FakeLink final : public net::StreamLink {
 public:
  void send(std::string bytes) override {
    Lock lock(mutex_);
    sent_ += bytes;
  }
  void close() override { closed_ = true; }
  void resume_after(Duration) override { ++resumed_; }
  std::string sent() const {
    Lock lock(mutex_);
    return sent_;
  }
  void await_resume(int times) const {
    while (resumed_ < times) std::this_thread::yield();
  }

 private:
  mutable Mutex mutex_;
  std::string sent_ SENT_GUARDED_BY(mutex_);
  std::atomic<bool> closed_ = false;
  std::atomic<int> resumed_ = 0;
};

struct LogDoorsTest : ApiTest {
  LogBatch::Options options(LogDoor door) { return {.account = ours, .door = door}; }
  /// Feeds a session as a connection does, until it has taken everything it can.
  static Result<void> feed(net::StreamSession& session, const FakeLink& link, std::string bytes) {
    for (int waited = 0; !bytes.empty();) {
      const auto taken = session.take(bytes);
      if (!taken) return std::unexpected(taken.error());
      if (session.paused())
        link.await_resume(++waited);
      else if (*taken == 0)
        return {};  // half a message
      bytes.erase(0, *taken);
    }
    return {};
  }
  std::vector<std::string> messages(const std::string& query = "") {
    settle();
    std::vector<std::string> all;
    for (const auto& item : items(get("/api/v1/logs/search?limit=1000&from=2020-01-01T00:00:00Z&q=" +
                                      net::percent_encode(query)))) {
      const auto& record = item.as_object();
      all.push_back(fmt::format("{} {} {}", record.at("host").as_string().c_str(),
                                record.at("service").as_string().c_str(),
                                record.at("message").as_string().c_str()));
    }
    return all;
  }
  std::uint64_t count(LogDoor door, std::atomic<std::uint64_t> LogDoorCounts::* counter) {
    return context->log_doors->of(door).*counter;
  }
};

TEST_F(LogDoorsTest, SyslogOfAConnectionIsTakenOnlyWhenItIsDurable) {
  const auto link = std::make_shared<FakeLink>();
  const auto session =
      syslog::open_session(*context, {options(LogDoor::syslog_tcp), 1024}, link, "192.0.2.7");
  const std::string bytes = "<11>Mar  2 10:11:12 c1 nova-api[7]: boom\n<14>no head\nhalf";
  ASSERT_EQ(*session->take(bytes), 0u);
  link->await_resume(1);
  EXPECT_EQ(*session->take(bytes), bytes.size() - 4);
  session->ended("half");
  EXPECT_THAT(messages(),
              UnorderedElementsAre("c1 nova-api boom", "192.0.2.7  <14>no head", "192.0.2.7  half"));
  EXPECT_EQ(count(LogDoor::syslog_tcp, &LogDoorCounts::records), 3u);
}

TEST_F(LogDoorsTest, DatagramsAreCollectedAndCut) {
  syslog::DatagramDoor door(*context, {options(LogDoor::syslog_udp), 60});
  door.take("<11>1 2026-03-02T10:11:12Z c1 nova-api 7 - - boom\n", "192.0.2.7");
  door.take("<11>1 2026-03-02T10:11:12Z c1 nova-api 7 - - " + std::string(100, 'x'), "192.0.2.7");
  door.take("\n", "192.0.2.7");
  door.flush();
  while (count(LogDoor::syslog_udp, &LogDoorCounts::records) < 2) std::this_thread::yield();
  EXPECT_THAT(messages(), UnorderedElementsAre("c1 nova-api boom", HasSubstr("c1 nova-api xxx")));
  EXPECT_EQ(count(LogDoor::syslog_udp, &LogDoorCounts::cut), 1u);
}

std::string forward_message(std::string_view text, std::string_view chunk) {
  std::string out;
  codec::MsgpackWriter writer(out);
  writer.array(4).text("tag").natural(1'772'446'272).map(1).text("log").text(text);
  writer.map(1).text("chunk").text(chunk);
  return out;
}

TEST_F(LogDoorsTest, ForwardAcknowledgesWhatIsDurable) {
  const auto link = std::make_shared<FakeLink>();
  const auto session = forward::open_session(*context, {options(LogDoor::forward), "", "us"}, link, "c1");
  ASSERT_TRUE(feed(*session, *link, forward_message("one", "k1") + forward_message("two", "k2")));
  EXPECT_THAT(link->sent(), testing::AllOf(HasSubstr("k1"), HasSubstr("k2")));
  EXPECT_THAT(messages(), UnorderedElementsAre("c1 tag one", "c1 tag two"));
  EXPECT_FALSE(session->take("\xc1"));
}

TEST_F(LogDoorsTest, ForwardWithAKeyTakesNothingBeforeTheHandshake) {
  const auto link = std::make_shared<FakeLink>();
  const auto session =
      forward::open_session(*context, {options(LogDoor::forward), "secret", "us"}, link, "c1");
  EXPECT_THAT(link->sent(), HasSubstr("HELO"));
  EXPECT_FALSE(session->take(forward_message("one", "k1")));
  EXPECT_THAT(messages(), ElementsAre());
}

std::string lumberjack(const std::vector<std::string>& documents) {
  const auto number = [](std::size_t n) {
    return codec::lumberjack_ack('2', static_cast<std::uint32_t>(n)).substr(2);
  };
  std::string out = "2W" + number(documents.size());
  for (std::size_t i = 0; i < documents.size(); ++i)
    out += "2J" + number(i + 1) + number(documents[i].size()) + documents[i];
  return out;
}

TEST_F(LogDoorsTest, LumberjackAcknowledgesEveryWindowAndRefusesOneByOne) {
  const auto link = std::make_shared<FakeLink>();
  const auto session = lumberjack::open_session(*context, options(LogDoor::lumberjack), link, "c1");
  ASSERT_TRUE(feed(*session, *link,
                   lumberjack({R"({"message":"one","service":"s"})", "no json", R"({"message":"two"})"}) +
                       lumberjack({R"({"message":"three"})"})));
  EXPECT_EQ(link->sent(), codec::lumberjack_ack('2', 3) + codec::lumberjack_ack('2', 1));
  EXPECT_THAT(messages(), UnorderedElementsAre("c1 s one", "c1  two", "c1  three"));
  EXPECT_EQ(count(LogDoor::lumberjack, &LogDoorCounts::refused), 1u);
  EXPECT_FALSE(session->take("GET / HTTP/1.1\r\n"));
}

TEST_F(LogDoorsTest, LokisEntriesAreKeptBesideOnesThatAreRefused) {
  const auto answer = post(
      "/loki/api/v1/push",
      R"({"streams":[{"stream":{"job":"nova","host":"c1"},"values":[["1772446272000000000","one"],["x","two"]]}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("1 of 2"));
  EXPECT_THAT(messages(), ElementsAre("c1 nova one"));
  EXPECT_EQ(
      call("POST", "/loki/api/v1/push", keys[Role::operator_], "no snappy", "application/x-protobuf").status,
      400);
  EXPECT_EQ(call("POST", "/loki/api/v1/push", keys[Role::viewer], "{}").status, 403);
}

TEST_F(LogDoorsTest, ElasticsearchItemsHaveTheirOwnStatus) {
  const auto answer =
      call("POST", "/elasticsearch/filebeat/_bulk", keys[Role::operator_],
           "{\"create\":{}}\n{\"message\":\"one\",\"host\":\"c1\"}\n{\"update\":{\"_id\":\"7\"}}\n{}\n",
           "application/x-ndjson");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto parsed = object(answer);
  EXPECT_TRUE(parsed.at("errors").as_bool());
  const auto& listed = parsed.at("items").as_array();
  EXPECT_EQ(listed.at(0).at("create").at("status"), 201);
  EXPECT_EQ(listed.at(0).at("create").at("_index"), "filebeat");
  EXPECT_EQ(listed.at(1).at("update").at("status"), 400);
  EXPECT_THAT(messages(), ElementsAre("c1  one"));
  EXPECT_EQ(call("POST", "/elasticsearch/_bulk", keys[Role::operator_], "nonsense\n", "application/x-ndjson")
                .status,
            400);
}

TEST_F(LogDoorsTest, ASendersOwnTimeWinsOverALineWithoutZone) {
  // The line's clock is two hours ahead of the sender's stamp, to the second: the sender knew the zone.
  post(
      "/loki/api/v1/push",
      R"({"streams":[{"stream":{"job":"a"},"values":[["1772446272000000000","2026-03-02 12:11:12.000 7 INFO x [-] ahead"]]}]})");
  post(
      "/loki/api/v1/push?zone=%2B01:00",
      R"({"streams":[{"stream":{"job":"b"},"values":[["1772446273000000000","2026-03-02 12:11:12.000 7 INFO x [-] by zone"]]}]})");
  settle();
  const auto time_of = [&](const std::string& service) {
    return std::string(items(get("/api/v1/logs/search?from=2020-01-01T00:00:00Z&service=" + service))
                           .at(0)
                           .at("time")
                           .as_string());
  };
  EXPECT_EQ(time_of("a"), "2026-03-02T10:11:12.000Z");
  EXPECT_EQ(time_of("b"), "2026-03-02T11:11:12.000Z");
}

TEST_F(LogDoorsTest, LinesAreJoinedParsedAndNamedBatchesAreTakenOnce) {
  const std::string text =
      "2026-03-02 10:11:12.000 7 ERROR nova.x [-] boom\nTraceback (most recent call last):\nValueError: "
      "x\nplain words\n";
  const auto agent = agent_credential();
  for (int i = 0; i < 2; ++i) {
    net::Request request;
    request.method = "POST";
    request.path = "/api/v1/logs/lines";
    request.query = "service=nova-api&host=c1";
    request.headers.set("Authorization", "Bearer " + agent);
    request.headers.set("Content-Encoding", "gzip");
    request.headers.set("Sentinella-Batch", "ab-7");
    request.body = gzip_compress(text);
    const auto answer = send(std::move(request));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(object(answer).at("records"), 1);
  }
  EXPECT_EQ(messages().size(), 1u);
  EXPECT_EQ(call("POST", "/api/v1/logs/lines?format=olso", keys[Role::operator_], "x", "text/plain").status,
            400);
  EXPECT_EQ(call("POST", "/api/v1/logs/lines?zone=east", keys[Role::operator_], "x", "text/plain").status,
            400);
}

TEST_F(LogDoorsTest, TheCountsAreInTheMetrics) {
  post("/loki/api/v1/push", R"({"streams":[{"stream":{},"values":[["1","one"]]}]})");
  context->listeners = [] {
    return std::vector<ListenerFigures>{{.door = LogDoor::syslog_udp, .overflowed = 7}};
  };
  const auto text = get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("sentinella_log_door_records_total{door=\"loki\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sentinella_log_listener_overflow_total{door=\"syslog_udp\"} 7\n"));
}

}  // namespace
}  // namespace sentinella::api
