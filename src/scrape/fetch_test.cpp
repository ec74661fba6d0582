#include "scrape/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/compress.h"
#include "base/file.h"
#include "base/temporary_directory.h"
#include "net/http_server.h"
#include "scrape/testing.h"

namespace sentinella::scrape {
namespace {

using ::testing::HasSubstr;

/// An exporter that answers what the test sets, and remembers the last request.
struct Fetch : testing::Test {
  void SetUp() override {
    auto started = net::start_http_server(
        {},
        [this](net::Request request, net::Respond respond) {
          answer(std::move(request), std::move(respond));
        },
        1);
    ASSERT_TRUE(started);
    server = std::move(*started);
    url = fmt::format("http://127.0.0.1:{}", server->port());
  }
  void answer(net::Request request, net::Respond respond) {
    last = request;
    if (request.path == "/hang") return held.push_back(std::move(respond));
    net::Response given = response;
    if (request.path == "/moved") {
      given.status = 302;
      given.headers.set("Location", location);
    }
    respond(std::move(given));
  }
  Result<Page> get(const ScrapeJob& job, const std::string& path = "/metrics", Duration timeout = 5s) {
    return Fetcher(job.tls).get(job, url + path, timeout);
  }

  net::Response response{.body = "a 1\n"};
  std::string location = "/metrics";
  net::Request last;
  std::vector<net::Respond> held;
  std::string url;
  std::unique_ptr<net::HttpServer> server;
};

TEST_F(Fetch, TellsTheExporterWhatIsUnderstoodAndHowLongItHas) {
  const auto page = get(job_of());
  ASSERT_TRUE(page);
  EXPECT_EQ(page->body, "a 1\n");
  EXPECT_EQ(page->format, codec::ExpositionFormat::text);
  EXPECT_THAT(std::string(last.headers.get("accept")),
              HasSubstr("application/openmetrics-text;version=1.0.0"));
  EXPECT_EQ(last.headers.get("x-prometheus-scrape-timeout-seconds"), "5");
  EXPECT_FALSE(last.headers.has("authorization"));
}

TEST_F(Fetch, OpenMetricsIsKnownByItsContentType) {
  response.headers.set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(get(job_of())->format, codec::ExpositionFormat::openmetrics);
}

TEST_F(Fetch, GzipIsTakenApartWithinTheLimit) {
  response.headers.set("Content-Encoding", "gzip");
  response.body = gzip_compress(std::string(100'001, '#'));
  EXPECT_EQ(get(job_of())->body.size(), 100'001u);
  EXPECT_EQ(get(job_of("  body_size_limit: 50KB\n")).error().code, Errc::kTooLarge);
}

TEST_F(Fetch, ABodyOverTheLimitIsRefused) {
  response.body = std::string(2001, '#');
  EXPECT_EQ(get(job_of("  body_size_limit: 1KB\n")).error().code, Errc::kTooLarge);
}

TEST_F(Fetch, CredentialsGoIntoTheHeader) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file_atomic(directory.path() / "token", "from-file\n"));
  ASSERT_TRUE(get(job_of("  basic_auth: {username: Aladdin, password: open sesame}\n")));
  EXPECT_EQ(last.headers.get("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  ASSERT_TRUE(get(job_of("  bearer_token: secret\n")));
  EXPECT_EQ(last.headers.get("authorization"), "Bearer secret");
  const std::string file = (directory.path() / "token").string();
  ASSERT_TRUE(get(job_of("  authorization: {type: Token, credentials_file: " + file + "}\n")));
  EXPECT_EQ(last.headers.get("authorization"), "Token from-file");
  EXPECT_THAT(get(job_of("  bearer_token_file: /nonexistent\n")).error().message, HasSubstr("/nonexistent"));
}

TEST_F(Fetch, RedirectsAreFollowedUnlessForbidden) {
  ASSERT_TRUE(get(job_of("  bearer_token: secret\n"), "/moved"));
  EXPECT_EQ(last.path, "/metrics");
  EXPECT_EQ(last.headers.get("authorization"), "Bearer secret");
  EXPECT_THAT(get(job_of("  follow_redirects: false\n"), "/moved").error().message, HasSubstr("302"));
  location = "/moved";
  EXPECT_THAT(get(job_of(), "/moved").error().message, HasSubstr("redirects to nowhere"));
}

TEST_F(Fetch, CredentialsStayWithTheTarget) {
  location = fmt::format("http://localhost:{}/metrics", server->port());
  ASSERT_TRUE(get(job_of("  bearer_token: secret\n"), "/moved"));
  EXPECT_EQ(last.path, "/metrics");
  EXPECT_FALSE(last.headers.has("authorization"));
}

TEST_F(Fetch, AnyOtherStatusIsAFailure) {
  response.status = 503;
  EXPECT_THAT(get(job_of()).error().message, HasSubstr("answered 503"));
}

TEST_F(Fetch, AnExporterThatHangsIsGivenUpAfterTheTimeout) {
  EXPECT_EQ(get(job_of(), "/hang", 50ms).error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace sentinella::scrape
