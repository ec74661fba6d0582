#include "scrape/scraper.h"

#include <bit>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/mutex.h"
#include "base/temporary_directory.h"
#include "net/http_server.h"
#include "scrape/testing.h"

namespace sentinella::scrape {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kStale = 0x7ff0000000000002;

/// What arrived: the values of each series, in order.
class Store {
 public:
  void take(const Batch& batch) {
    const Lock lock(mutex_);
    EXPECT_LE(batch.series.size(), Scraper::kMaxSeries);
    for (const SeriesSamples& series : batch.series)
      for (const Sample& sample : series.samples) values_[series.labels.to_string()].push_back(sample.value);
    changed_.notify_all();
  }
  bool wait(const std::string& series, const std::function<bool(const std::vector<double>&)>& wanted) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    const Lock lock(mutex_);
    while (!wanted(values_[series]))
      if (changed_.wait_until(mutex_, until) == std::cv_status::timeout) return false;
    return true;
  }
  bool wait_for_count(const std::string& series, std::size_t count) {
    return wait(series, [&](const auto& values) { return values.size() >= count; });
  }
  bool wait_for_last(const std::string& series, double last) {
    return wait(series, [&](const auto& values) {
      return !values.empty() &&
             std::bit_cast<std::uint64_t>(values.back()) == std::bit_cast<std::uint64_t>(last);
    });
  }
  std::size_t count(const std::string& series) {
    const Lock lock(mutex_);
    return values_[series].size();
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, std::vector<double>> values_;
};

struct Exporter {
  explicit Exporter(std::string body_) : body(std::move(body_)) {
    auto started = net::start_http_server(
        {},
        [this](const net::Request& request, net::Respond respond) {
          if (request.path == "/hang") {
            const Lock lock(mutex);
            held.push_back(std::move(respond));
          } else {
            respond({.body = body});
          }
        },
        1);
    EXPECT_TRUE(started);
    server = std::move(*started);
    address = fmt::format("127.0.0.1:{}", server->port());
  }
  const std::string body;
  std::string address;
  Mutex mutex;
  std::vector<net::Respond> held;
  std::unique_ptr<net::HttpServer> server;
};

struct Scraping : testing::Test {
  void configure(const std::string& jobs) {
    ASSERT_TRUE(write_file_atomic(directory.path() / "prometheus.yml",
                                  "global: {scrape_interval: 50ms}\nscrape_configs:\n" + jobs));
  }
  void start() {
    scraper = std::make_unique<Scraper>(
        ScraperOptions{.config_file = directory.path() / "prometheus.yml",
                       .external_labels = labels_of({{"host", "h1"}}),
                       .look_every = 20ms},
        [this](const Batch& batch) { store.take(batch); }, system_clock());
  }
  static std::string job(const std::string& name, const std::string& address, const std::string& more = "") {
    return fmt::format("- {{job_name: {}, static_configs: [{{targets: ['{}']}}]{}}}\n", name, address, more);
  }
  static std::string series(const std::string& name, const std::string& job, const std::string& address) {
    return fmt::format("{}{{host=\"h1\",instance=\"{}\",job=\"{}\"}}", name, address, job);
  }

  TemporaryDirectory directory;
  Store store;
  std::unique_ptr<Scraper> scraper;
};

TEST_F(Scraping, AnExporterIsScrapedAgainAndAgainUntilItEnds) {
  auto exporter = std::make_unique<Exporter>("a 7\n");
  const std::string address = exporter->address;
  configure(job("j", address));
  start();
  EXPECT_TRUE(store.wait_for_count(series("a", "j", address), 3));
  EXPECT_TRUE(store.wait_for_last(series("up", "j", address), 1));
  ASSERT_THAT(scraper->targets(), SizeIs(1));
  EXPECT_TRUE(scraper->targets()[0].up);
  EXPECT_EQ(scraper->targets()[0].samples, 1u);
  EXPECT_THAT(scraper->problems(), IsEmpty());
  exporter.reset();
  EXPECT_TRUE(store.wait_for_last(series("up", "j", address), 0));
  EXPECT_TRUE(store.wait_for_last(series("a", "j", address), std::bit_cast<double>(kStale)));
}

TEST_F(Scraping, HungExportersHoldUpNobodyElse) {
  Exporter hung("");
  Exporter lively("a 1\n");
  std::string jobs = job("lively", lively.address);
  for (int i = 0; i < 8; ++i)
    jobs += job("hung" + std::to_string(i), hung.address,
                ", metrics_path: /hang, scrape_interval: 2s, scrape_timeout: 2s");
  configure(jobs);
  start();
  EXPECT_TRUE(store.wait(series("a", "lively", lively.address), [&](const auto& values) {
    const Lock lock(hung.mutex);
    return hung.held.size() >= 8 && values.size() >= 10;
  }));
  scraper.reset();  // does not wait for them either
}

TEST_F(Scraping, AChangedConfigurationTakesEffectAndWhatIsGoneIsMarked) {
  Exporter exporter("a 1\nb 2\n");
  configure(job("old", exporter.address) + job("kept", exporter.address));
  start();
  EXPECT_TRUE(store.wait_for_count(series("a", "old", exporter.address), 1));
  EXPECT_TRUE(store.wait_for_count(series("b", "kept", exporter.address), 1));
  configure(job("new", exporter.address) +
            job("kept", exporter.address,
                ", metric_relabel_configs: [{source_labels: [__name__], regex: b, action: drop}]"));
  EXPECT_TRUE(store.wait_for_count(series("a", "new", exporter.address), 1));
  const double stale = std::bit_cast<double>(kStale);
  EXPECT_TRUE(store.wait_for_last(series("a", "old", exporter.address), stale));
  EXPECT_TRUE(store.wait_for_last(series("up", "old", exporter.address), stale));
  EXPECT_TRUE(store.wait_for_last(series("b", "kept", exporter.address), stale));
  EXPECT_TRUE(store.wait_for_last(series("a", "kept", exporter.address), 1));
}

TEST_F(Scraping, AConfigurationThatComesLateOrIsMendedIsTaken) {
  start();
  Exporter exporter("a 1\n");
  configure("- {job: x}\n");
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (scraper->problems().empty() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_THAT(scraper->problems(), SizeIs(1));
  configure(job("j", exporter.address));
  EXPECT_TRUE(store.wait_for_count(series("a", "j", exporter.address), 1));
}

TEST_F(Scraping, LargeExpositionsAreHandedOnInPieces) {
  std::string body;
  for (int i = 0; i < 25'000; ++i) body += fmt::format("m{{i=\"{}\"}} 1\n", i);
  Exporter exporter(body);
  configure(job("j", exporter.address, ", scrape_interval: 500ms"));
  start();
  EXPECT_TRUE(store.wait_for_last(series("scrape_samples_scraped", "j", exporter.address), 25'000));
}

}  // namespace
}  // namespace sentinella::scrape
