#include "agent/check/service_links.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"
#include "net/loopback_socket.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using State = ServiceLinks::State;

std::vector<ServiceConfig> named(std::initializer_list<const char*> names) {
  std::vector<ServiceConfig> services;
  for (const char* name : names) {
    ServiceConfig service;
    service.name = name;
    services.push_back(std::move(service));
  }
  return services;
}

/// One service, one round at a time.
class OneService {
 public:
  OneService() : links_(named({"nova-compute"})) {}
  State round(std::uint64_t run, std::size_t broker, bool by_owner = false) {
    links_.take({{run, {}}}, {run ? std::optional(LinkCount{broker, 0, by_owner}) : std::nullopt});
    return links_.view("nova-compute").state;
  }
  std::vector<std::string> written() {
    std::vector<SeriesSamples> samples;
    SampleWriter out(samples, "h", kSomeTime);
    links_.write(out);
    std::vector<std::string> texts;
    for (const SeriesSamples& s : samples)
      texts.push_back(fmt::format("{} {}", s.labels.to_string(), s.samples[0].value));
    return texts;
  }
  ServiceLinks& links() { return links_; }

 private:
  ServiceLinks links_;
};

TEST(ServiceLinks, OnlyConnectionsThatStandCount) {
  const auto sockets = parse_peer_sockets(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:8A2C 0100007F:1628 01 00000000:00000000 00:00000000 00000000   110        0 501 1 x\n"
      "   1: 0100007F:8A2D 0100007F:0CEA 01 00000000:00000000 00:00000000 00000000   110        0 502 1 x\n"
      "   2: 0100007F:8A2E 0100007F:1628 08 00000000:00000000 00:00000000 00000000   110        0 503 1 x\n"
      "   3: 0100007F:1628 0100007F:8A2C 01 00000000:00000000 00:00000000 00000000   111        0 504 1 x\n"
      "   4: 0100007F:8A2F 0100007F:1629 0A 00000000:00000000 00:00000000 00000000   110        0 505 1 x\n"
      "broken\n",
      PeerPorts{});
  EXPECT_THAT(sockets, ElementsAre(PeerSocket{true, 110, 501}, PeerSocket{false, 110, 502}));
}

TEST(ServiceLinks, ServicesWithAPortOfTheirOwnAreLeftToTheirChecks) {
  const ServiceLinks links(
      named({"nova-api", "haproxy", "nova-conductor", "unheard-of", "swift-object-auditor"}));
  EXPECT_THAT(links.services(), ElementsAre(2));
}

TEST(ServiceLinks, WhoNeverWasConnectedIsNotSaidToHaveLostIt) {
  OneService service;
  for (int i = 0; i < 30; ++i) EXPECT_EQ(service.round(7, 0), State::unknown);
  EXPECT_THAT(service.links().take_changes(), IsEmpty());
}

TEST(ServiceLinks, ALostConnectionIsToldAfterSomeRoundsAndItsReturnAtOnce) {
  OneService service;
  EXPECT_EQ(service.round(7, 2), State::connected);
  EXPECT_THAT(service.written(),
              ElementsAre(R"(service_connections{host="h",peer="broker",service="nova-compute"} 2)",
                          R"(service_connections{host="h",peer="database",service="nova-compute"} 0)",
                          R"(service_broker_connected{host="h",service="nova-compute"} 1)"));
  for (int i = 1; i < ServiceLinks::kLostRounds; ++i) {
    EXPECT_EQ(service.round(7, 0), State::connected);
    EXPECT_THAT(service.written(), SizeIs(2)) << "neither yes nor no";
  }
  EXPECT_EQ(service.round(7, 0), State::lost);
  EXPECT_EQ(service.written().back(), R"(service_broker_connected{host="h",service="nova-compute"} 0)");
  EXPECT_EQ(service.round(7, 0), State::lost);
  auto changes = service.links().take_changes();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_TRUE(changes[0].lost);
  EXPECT_EQ(service.round(7, 1), State::connected);
  changes = service.links().take_changes();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_FALSE(changes[0].lost);
}

TEST(ServiceLinks, ARestartedServiceHasTimeToConnectAndMustInTheEnd) {
  OneService service;
  service.round(7, 2);
  EXPECT_EQ(service.round(0, 0), State::unknown);
  for (int i = 0; i < ServiceLinks::kStartRounds + ServiceLinks::kLostRounds - 1; ++i)
    EXPECT_EQ(service.round(8, 0), State::connected) << i;
  EXPECT_EQ(service.round(8, 0), State::lost);
  // Replaced without being seen absent.
  EXPECT_EQ(service.round(9, 0), State::connected);
  EXPECT_EQ(service.round(9, 1), State::connected);
}

TEST(ServiceLinks, OfAnOwnersConnectionsNoNumberIsTold) {
  OneService service;
  service.round(7, 5, true);
  EXPECT_THAT(service.written(),
              ElementsAre(R"(service_broker_connected{host="h",service="nova-compute"} 1)"));
  EXPECT_TRUE(service.links().view("nova-compute").by_owner);
}

/// A /proc of one process at whose files nobody may look: the connections of its user count.
class SavedProc {
 public:
  SavedProc() {
    std::filesystem::create_directories(root() / "7");
    std::filesystem::create_directories(root() / "net");
    write("7/stat", "7 (nova-compute) S 1" + repeated(" 0", 48) + "\n");
  }
  std::filesystem::path root() const { return directory_.path(); }
  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(write_file_atomic(root() / name, text));
  }
  std::optional<LinkCount> count() const {
    return count_links(ProcFs(root()), {{7, {7}}}, PeerPorts{}).at(0);
  }
  static std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
  }

 private:
  TemporaryDirectory directory_;
};

TEST(ServiceLinks, ATableOfAnySizeIsReadToItsEnd) {
  SavedProc proc;
  const std::string waits = fmt::format(
      "   0: 0100007F:8A2C 0100007F:1628 06 00000000:00000000 00:00000000 00000000   {}        0 0 1\n",
      ::getuid());
  const std::string stands = fmt::format(
      "   1: 0100007F:8A2D 0100007F:1628 01 00000000:00000000 00:00000000 00000000   {}        0 9 1\n",
      ::getuid());
  proc.write("net/tcp", SavedProc::repeated(waits, (5 << 20) / waits.size()) + stands);
  ASSERT_TRUE(proc.count());
  EXPECT_EQ(proc.count()->broker, 1u);
  EXPECT_TRUE(proc.count()->by_owner);
}

TEST(ServiceLinks, OfATableThatCannotBeReadNothingIsSaid) {
  SavedProc proc;
  EXPECT_FALSE(proc.count()) << "there is none";
  proc.write("net/tcp", "");
  ASSERT_TRUE(proc.count()) << "without IPv6";
  EXPECT_EQ(proc.count()->broker, 0u);
  std::filesystem::create_directories(proc.root() / "net/tcp6");  // cannot be read
  EXPECT_FALSE(proc.count());
}

TEST(ServiceLinks, ConnectionsOfARealProcessAreCounted) {
  const net::LoopbackSocket broker;
  const sockaddr_in address = broker.address();
  const PeerPorts ports{.broker = {broker.port()}, .database = {}};
  const std::vector<LinkQuestion> questions = {{1, {::getpid()}}, {0, {}}, {1, {999'999'999}}};
  const auto count = [&] { return count_links(ProcFs(), questions, ports); };

  auto counts = count();
  ASSERT_THAT(counts, SizeIs(3));
  ASSERT_TRUE(counts[0]);
  EXPECT_EQ(counts[0]->broker, 0u);
  EXPECT_FALSE(counts[1]) << "does not run";
  EXPECT_FALSE(counts[2]) << "is gone";
  FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(count()[0]->broker, 1u);
  EXPECT_FALSE(count()[0]->by_owner);
  client = FileDescriptor();
  EXPECT_EQ(count()[0]->broker, 0u);
}

}  // namespace
}  // namespace sentinella::agent
