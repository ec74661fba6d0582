#include "api/log_tail.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "logs/query/query_parser.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class FakeWriter : public net::StreamWriter {
 public:
  bool write(std::string chunk) override {
    Lock lock(mutex_);
    text_ += chunk;
    return open_;
  }
  void close() override { open_ = false; }
  bool open() const override { return open_; }
  std::string text() const {
    Lock lock(mutex_);
    return text_;
  }
  /// The text once `mark` is in it.
  std::string await(std::string_view mark) const {
    while (!text().contains(mark)) std::this_thread::yield();
    return text();
  }

 private:
  mutable Mutex mutex_;
  std::string text_ SENT_GUARDED_BY(mutex_);
  std::atomic<bool> open_ = true;
};

struct LogTailTest : ApiTest {
  std::shared_ptr<FakeWriter> watch(const std::string& query, std::size_t lines = 0,
                                    std::optional<RecordId> after = {}, AccountId account = AccountId{}) {
    LogTail::Watch wanted;
    wanted.account = account == AccountId{} ? ours : account;
    wanted.query.expression = need(logs::parse_query(query)).expression;
    wanted.lines = lines;
    wanted.after = after;
    auto writer = std::make_shared<FakeWriter>();
    log_tail->watch(wanted, writer);
    return writer;
  }
  void log(const std::string& text) { send_log(keys[Role::admin], text); }
};

TEST_F(LogTailTest, ShowsWhatMatchesAndOnlyToItsAccount) {
  const auto ours_only = watch("boom"), others = watch("boom", 0, {}, theirs);
  log("quiet");
  log("boom one");
  const auto text = ours_only->await("boom one");
  EXPECT_THAT(text, HasSubstr("event: log\ndata: {"));
  EXPECT_THAT(text, Not(HasSubstr("quiet")));
  others->await("heartbeat");
  EXPECT_THAT(others->text(), Not(HasSubstr("boom")));
}

TEST_F(LogTailTest, BeginsWithTheNewestAndResumesAfterAnId) {
  log("first");
  log("second");
  settle();
  const auto text = watch("", 1)->await("second");
  EXPECT_THAT(text, Not(HasSubstr("first")));
  const auto at = text.find("id: ") + 4;
  const auto id = parse_record_id(text.substr(at, text.find('\n', at) - at));
  ASSERT_TRUE(id);
  log("third");
  settle();
  const auto resumed = watch("", 0, id)->await("third");
  EXPECT_THAT(resumed, Not(HasSubstr("second")));
}

TEST_F(LogTailTest, AFloodIsCounted) {
  const auto writer = watch("flood");
  Batch batch;
  batch.account = ours;
  batch.logs.resize(LogTail::kRecordsPerSecond + 300);
  for (auto& record : batch.logs) record.raw = record.message = "flood";
  log_tail->take(batch, 1'000'000);
  const auto text = writer->await("event: dropped");
  EXPECT_THAT(text, HasSubstr("{\"count\":300}"));
}

TEST_F(LogTailTest, EndsWhenTheRightsDo) {
  LogTail::Watch wanted;
  wanted.account = ours;
  wanted.still_allowed = [] { return false; };
  const auto writer = std::make_shared<FakeWriter>();
  log_tail->watch(wanted, writer);
  while (writer->open()) std::this_thread::yield();
  while (log_tail->watchers() > 0) std::this_thread::yield();
}

TEST_F(LogTailTest, AQuestionAtFaultIsAnsweredAsOne) {
  EXPECT_EQ(get("/api/v1/logs/tail?q=(boom").status, 400);
  EXPECT_EQ(get("/api/v1/logs/tail?q=%7C%20count").status, 400);
  EXPECT_EQ(get("/api/v1/logs/tail?from=now-1h").status, 400);
  EXPECT_EQ(get("/api/v1/logs/tail?after=x").status, 400);
  const auto answer = get("/api/v1/logs/tail?q=boom");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.stream);
}

}  // namespace
}  // namespace sentinella::api
