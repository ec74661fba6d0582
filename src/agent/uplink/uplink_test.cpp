#include "agent/uplink/uplink.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/testing.h"
#include "base/json.h"
#include "base/mutex.h"
#include "net/http_server.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using enum SignalKind;

/// Stands for the server: enrols, gives tokens, answers batches as told.
class FakeServer {
 public:
  FakeServer() {
    auto started = net::start_http_server(
        {}, [this](net::Request request, net::Respond respond) { respond(answer(request)); });
    server_ = std::move(*started);
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  /// Statuses of the next batches; 200 when there are none left.
  void answers(std::deque<int> statuses) {
    Lock lock(mutex_);
    statuses_ = std::move(statuses);
  }
  void enrolment(int status) {
    Lock lock(mutex_);
    enrolment_ = status;
  }
  std::vector<std::string> accepted() const {
    Lock lock(mutex_);
    return accepted_;
  }
  std::vector<std::string> batches() const {
    Lock lock(mutex_);
    return batches_;
  }
  int count(const std::string& what) const {
    Lock lock(mutex_);
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  net::Response answer(const net::Request& request) {
    Lock lock(mutex_);
    ++counts_[request.path];
    net::Response response;
    if (request.path == "/api/v1/agents/enrol") {
      response.status = enrolment_;
      response.body = R"({"agent_id":"A1","agent_key":"K1"})";
      return response;
    }
    if (request.path == "/api/v1/agents/token") {
      response.body = fmt::format(R"({{"access_token":"T{}","expires_in":600}})", counts_[request.path]);
      return response;
    }
    if (!statuses_.empty()) {
      response.status = statuses_.front();
      statuses_.pop_front();
    }
    if (response.status == 503) response.headers.set("Retry-After", "0");
    if (response.status != 200) response.body = R"({"error":{"code":"x","message":"as told"}})";
    batches_.emplace_back(request.headers.get("Sentinella-Batch"));
    if (response.status == 200) accepted_.push_back(request.body);
    return response;
  }

  mutable Mutex mutex_;
  std::deque<int> statuses_ SENT_GUARDED_BY(mutex_);
  std::vector<std::string> accepted_ SENT_GUARDED_BY(mutex_);
  std::vector<std::string> batches_ SENT_GUARDED_BY(mutex_);
  std::map<std::string, int> counts_ SENT_GUARDED_BY(mutex_);
  int enrolment_ SENT_GUARDED_BY(mutex_) = 201;
  std::unique_ptr<net::HttpServer> server_;
};

class UplinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    spool = *Spool::open(directory / "spool", {}, [] { return Result<void>(); });
  }
  void TearDown() override { EXPECT_TRUE(!uplink || uplink->stop(5s)); }
  void append(SignalKind signal, const std::string& body, const std::string& note = "") {
    ASSERT_TRUE(spool->append(signal, body, note, false));
  }
  void start(const std::string& url, std::vector<std::string> more = {}) {
    LinkOptions link;
    link.server_url = url;
    link.more_urls = std::move(more);
    link.account_key = "account-key";
    link.host = "h";
    link.version = "1";
    link.machine_id = "m";
    link.identity_file = directory / "identity.json";
    uplink = std::make_unique<Uplink>(std::move(link), directory / "refused", *spool, system_clock(),
                                      [this](const std::string& note) { notes.push_back(note); });
  }
  void send_all() {
    uplink->notify();
    ASSERT_TRUE(uplink->wait_until_empty(20s)) << uplink->status().problem;
  }

  TemporaryDirectory directory;
  FakeServer server;
  std::unique_ptr<Spool> spool;
  std::vector<std::string> notes;  // only the uplink's thread writes; read after wait_until_empty
  std::unique_ptr<Uplink> uplink;
};

TEST_F(UplinkTest, TheNextDoorIsTakenAtOnceWhenOneIsClosedOrTakesNothing) {
  FakeServer second;
  server.answers({503, 503, 503});
  append(logs, "a");
  append(logs, "b");
  start("http://127.0.0.1:1", {server.url(), second.url()});
  send_all();
  EXPECT_THAT(second.accepted(), ElementsAre("a", "b"));
  EXPECT_EQ(server.batches().size(), 1u) << "the door that answered is asked first from then on";
  EXPECT_EQ(server.count("/api/v1/agents/enrol") + second.count("/api/v1/agents/enrol"), 1)
      << "all doors lead to the same house";
}

TEST_F(UplinkTest, EnrolsOnceAndKeepsItsIdentityForItself) {
  append(logs, "a");
  start(server.url());
  send_all();
  ASSERT_TRUE(uplink->stop(5s));
  struct stat status{};
  ASSERT_EQ(::stat((directory / "identity.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  append(logs, "b");
  start(server.url());
  send_all();
  EXPECT_EQ(server.count("/api/v1/agents/enrol"), 1);
  EXPECT_EQ(uplink->status().agent_id, "A1");
  EXPECT_THAT(server.accepted(), ElementsAre("a", "b"));
}

TEST_F(UplinkTest, BusyServerGetsTheSameBatchAgainAndNothingIsLost) {
  server.answers({503, 503, 200});
  append(logs, "a", "note");
  append(logs, "b");
  start(server.url());
  send_all();
  EXPECT_THAT(server.accepted(), ElementsAre("a", "b"));
  const auto batches = server.batches();
  ASSERT_EQ(batches.size(), 4u);
  EXPECT_EQ(batches[0], batches[2]);
  EXPECT_NE(batches[2], batches[3]);
  EXPECT_THAT(batches[3], ::testing::EndsWith("-2"));
  EXPECT_THAT(notes, ElementsAre("note"));
}

TEST_F(UplinkTest, RefusedBatchIsPutAsideAndHoldsUpNothing) {
  server.answers({400});
  append(logs, "bad", "note of bad");
  append(logs, "good");
  start(server.url());
  send_all();
  EXPECT_THAT(server.accepted(), ElementsAre("good"));
  EXPECT_EQ(uplink->status().refused, 1u);
  EXPECT_THAT(notes, ElementsAre("note of bad"));
  std::size_t kept = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "refused")) {
    const bool is_reason = entry.path().extension() == ".txt";
    EXPECT_THAT(content_of(entry.path()), HasSubstr(is_reason ? "as told" : "bad"));
    ++kept;
  }
  EXPECT_EQ(kept, 2u);
}

TEST_F(UplinkTest, ExpiredTokenIsRenewed) {
  server.answers({401, 200});
  append(logs, "a");
  start(server.url());
  send_all();
  EXPECT_THAT(server.accepted(), ElementsAre("a"));
  EXPECT_EQ(server.count("/api/v1/agents/token"), 2);
}

TEST_F(UplinkTest, RevocationIsSaid) {
  server.answers({403});
  append(logs, "a");
  start(server.url());
  uplink->notify();
  EXPECT_FALSE(uplink->wait_until_empty(500ms));
  EXPECT_THAT(uplink->status().problem, HasSubstr("403"));
  EXPECT_EQ(spool->statistics().waiting_logs, 1u) << "nothing is thrown away";
}

TEST_F(UplinkTest, WrongAccountKeyIsSaid) {
  server.enrolment(401);
  append(logs, "a");
  start(server.url());
  uplink->notify();
  EXPECT_FALSE(uplink->wait_until_empty(500ms));
  EXPECT_THAT(uplink->status().problem, HasSubstr("account_key"));
}

TEST_F(UplinkTest, UnreachableServerLosesNothingAndStopIsQuick) {
  append(logs, "a");
  start("http://127.0.0.1:1");
  uplink->notify();
  EXPECT_FALSE(uplink->wait_until_empty(300ms));
  EXPECT_THAT(uplink->status().problem, HasSubstr("cannot be reached"));
  EXPECT_TRUE(uplink->stop(5s));
  EXPECT_EQ(spool->statistics().waiting_logs, 1u);
}

TEST_F(UplinkTest, MetricsHaveTheirTurnWhileLogsWait) {
  for (int i = 0; i < 12; ++i) append(logs, "l");
  append(metrics, "m");
  start(server.url());
  send_all();
  const auto accepted = server.accepted();
  const auto at = std::ranges::find(accepted, "m") - accepted.begin();
  EXPECT_EQ(accepted.size(), 13u);
  EXPECT_EQ(at, 4);
}

TEST(RetryAfter, IsBounded) {
  EXPECT_EQ(parse_retry_after("7"), Duration(7s));
  EXPECT_EQ(parse_retry_after("999999"), Duration(300s));
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
  EXPECT_EQ(parse_retry_after(""), std::nullopt);
}

}  // namespace
}  // namespace sentinella::agent
