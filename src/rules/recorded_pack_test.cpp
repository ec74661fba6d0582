// The default pack over the logs of a real OpenStack whose services were killed and healed one after the
// other (codec/testdata): what it says of each outage, and that it says nothing else.
#include <algorithm>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/log_capture.h"
#include "codec/log_framer.h"
#include "codec/log_parser.h"
#include "rules/default_pack.h"
#include "rules/rule_file.h"
#include "rules/simulation.h"

namespace sentinella::rules {
namespace {

using testing::ElementsAre;

/// 2026-11-21T10:00:00Z: times below are minutes and seconds after it, as in the capture's faults.log.
constexpr Time kTen{1'795'255'200'000'000'000};

std::vector<Rule> log_rules() {
  std::vector<Rule> out;
  for (const std::string_view file : default_rule_files()) {
    const auto items = parse_rule_file(file).value();
    for (const RuleText& item : items)
      for (const Rule& rule : item.rules)
        if (std::holds_alternative<TailableRule>(rule.what)) out.push_back(rule);
  }
  return out;
}

/// As an agent per machine would send it: compute1/nova/nova-compute.log, nova/nova-api.log.
void read_file_of(const std::string& path, const std::string& text, std::map<Time, Batch>& batches) {
  const std::filesystem::path name(path);
  const std::string top = name.begin()->string();
  codec::LogFramer framer;
  const auto sink = [&](const codec::FramedRecord& framed) {
    LogRecord record;
    record.raw = framed.text;
    codec::parse_log(record);
    record.host = top.starts_with("compute") ? top : "controller";
    record.service = name.stem().string();
    record.source = "/var/log/" + path;
    if (record.time == Time{}) return;  // standard output without a clock
    batches[record.time].logs.push_back(std::move(record));
  };
  std::uint64_t offset = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = codec::take_line(rest);
    const std::uint64_t begin = std::exchange(offset, offset + line.size() + 1);
    framer.line(line, begin, offset, Time{0}, sink);
  }
  framer.flush(Time{1}, sink);
}

/// "rule resource mm:ss" of whatever fired, in order; the ids of templates are left out.
std::vector<std::string> firings() {
  std::map<Time, Batch> batches;
  const auto data = std::filesystem::path(SENTINELLA_SOURCE_DIR) / "src/codec/testdata";
  const auto files = codec::read_capture(data);
  for (const auto& [path, text] : files) read_file_of(path, text, batches);
  Simulation simulation(log_rules(), batches.begin()->first);
  for (auto& [at, batch] : batches) simulation.take(at, std::move(batch));
  std::vector<std::string> out;
  for (const Transition& one : simulation.transitions()) {
    if (one.signal.state == Signal::State::resolved) continue;
    const auto seconds = (one.at - kTen) / std::chrono::seconds(1);
    const std::string& resource = one.signal.resource;
    const std::size_t slash = resource.find('/');
    const std::size_t end = slash == std::string::npos ? slash : resource.find('/', slash + 1);
    out.push_back(fmt::format("{} {} {:02}:{:02}", one.signal.rule_id, resource.substr(0, end), seconds / 60,
                              seconds % 60));
  }
  return out;
}

TEST(RecordedPack, SaysOfEachOutageWhatItWasAndNothingElse) {
  EXPECT_THAT(firings(), ElementsAre(
                             // An exercise asks for more than there is.
                             "nova-no-valid-host controller/nova-conductor 05:36",
                             // The scheduler is away from 06:07 to 07:20: two requests time out, one too few
                             // for messaging-timeout. The database, from 07:20 to 07:25.
                             "log-critical controller/keystone 07:21", "database-errors controller 07:22",
                             // RabbitMQ, from 07:30 to 07:44.
                             "amqp-unreachable controller 07:30", "amqp-unreachable compute1 07:30",
                             "amqp-unreachable compute2 07:30",
                             // There is no volume service: every attempt to use a volume is an error 500.
                             "api-errors controller/cinder-api-uwsgi 09:04",
                             // Gnocchi, from 09:05 to 09:30: samples cannot be published.
                             "log-error-burst controller/ceilometer-agent-notification 09:19"));
}

}  // namespace
}  // namespace sentinella::rules
