#include <fstream>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/json.h"
#include "base/temporary_directory.h"
#include "codec/msgpack.h"
#include "codec/remote_write.h"
#include "codec/snappy_block.h"
#include "net/loopback_socket.h"
#include "telemetry/message_signature.h"
#include "telemetry/publish/publish_testing.h"
#include "telemetry/publish/publisher_queue.h"
#include "telemetry/publish/publisher_url.h"
#include "telemetry/publish/wire_forms.h"

namespace sentinella::telemetry {
namespace {

using publish_testing::event;
using publish_testing::publisher;
using publish_testing::Receiver;
using publish_testing::sample;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(PublisherUrl, IsTakenApartAndNeverSaysThePassword) {
  auto url = parse_publisher_url("HTTPS://me:top%40secret@[::1]:8080/a/b?timeout=3&x=y%20z");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->password, "top@secret");
  EXPECT_EQ(url->host, "[::1]");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(*url->take_number("timeout", 5, 10), 3u);
  EXPECT_EQ(url->query(), "?x=y%20z");
  EXPECT_THAT(url->name(), Not(HasSubstr("secret")));
  EXPECT_THAT(describe(parse_publisher_url("http://me:topsecret@h:x/").error()), Not(HasSubstr("topsecret")));
}

TEST(HttpPublisher, PostsSamplesAndEventsAsCeilometerDoes) {
  Receiver receiver;
  const auto http = publisher(receiver.at("http", "/in?tag=1&max_retry=7").replace(7, 0, "me:pw@"));
  MeterSample memory = sample("memory", 512);
  memory.origin = std::make_shared<const SampleOrigin>(SampleOrigin{"region2", "ana", {}});
  ASSERT_TRUE(http->publish({"", {sample(), memory}, {event()}}));
  const auto requests = receiver.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].path, "/in");
  EXPECT_EQ(requests[0].query, "tag=1");
  EXPECT_EQ(requests[0].headers.get("Authorization"), "Basic bWU6cHc=");
  const auto samples = *parse_json(requests[0].body);
  ASSERT_EQ(samples.as_array().size(), 2u);
  EXPECT_EQ(samples.at(0).at("name"), "cpu_util");
  EXPECT_EQ(samples.at(0).at("volume"), 12.5);
  EXPECT_EQ(samples.at(1).at("volume"), 512);
  EXPECT_TRUE(samples.at(0).at("user_id").is_null());
  EXPECT_EQ(samples.at(0).at("source"), "openstack");
  EXPECT_FALSE(samples.at(0).as_object().contains("user_name"));
  EXPECT_EQ(samples.at(1).at("source"), "region2");
  EXPECT_EQ(samples.at(1).at("user_name"), "ana");
  EXPECT_EQ(boost::json::serialize(parse_json(requests[1].body)->at(0)),
            R"({"message_id":"e-1","event_type":"image.delete","generated":"2023-11-14T22:13:20.000Z",)"
            R"("traits":[["size",2,5],["name",1,"img"]],"raw":{}})");
}

TEST(HttpPublisher, SaysWhetherItIsWorthTryingAgain) {
  Receiver receiver;
  const auto http = publisher(receiver.at("http", "/?batch=false"));
  receiver.status = 503;
  EXPECT_EQ(http->publish({"", {sample()}, {}}).error().code, Errc::kUnavailable);
  receiver.status = 422;
  EXPECT_EQ(http->publish({"", {sample()}, {}}).error().code, Errc::kInvalid);
  receiver.status = 204;
  EXPECT_TRUE(http->publish({"", {sample(), sample()}, {}}));
  EXPECT_THAT(receiver.requests(), SizeIs(4));
}

TEST(HttpPublisher, ForwardsEventsAsATemplateSays) {
  Receiver receiver;
  const auto zenoss = publisher(receiver.at("http", "?template=zenoss").replace(7, 0, "admin:pw@"));
  EXPECT_TRUE(zenoss->one_by_one());
  receiver.answer(200, R"({"result":{"success":true}})");
  ASSERT_TRUE(zenoss->publish({"", {sample()}, {event()}}));
  receiver.answer(200, R"({"result":{"success":false}})");
  EXPECT_EQ(zenoss->publish({"", {}, {event()}}).error().code, Errc::kInvalid);
  receiver.status = 503;
  EXPECT_EQ(zenoss->publish({"", {}, {event()}}).error().code, Errc::kUnavailable);
  const auto requests = receiver.requests();
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(requests[0].path + requests[0].query, "/zport/dmd/evconsole_router");
  EXPECT_EQ(requests[0].headers.get("Authorization"), "Basic YWRtaW46cHc=");
  EXPECT_EQ(parse_json(requests[0].body)->at("data").at(0).at("component"), "img");
  EXPECT_THAT(describe(make_publisher("http://h?template=nagios").error()), HasSubstr("nagios"));
  EXPECT_EQ(make_publisher("otlp://h?template=zenoss").error().field, "template");
}

TEST(HttpPublisher, SpeaksRemoteWrite) {
  Receiver receiver;
  ASSERT_TRUE(publisher(receiver.at("remote-write", "/api/v1/write"))->publish({"", {sample()}, {event()}}));
  const auto requests = receiver.requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].headers.get("Content-Encoding"), "snappy");
  const auto raw = codec::snappy_decompress(requests[0].body, 1 << 20);
  ASSERT_TRUE(raw);
  EXPECT_EQ(*raw, write_request({sample()}));
  EXPECT_THAT(*raw, HasSubstr("ceilometer_cpu_util"));
}

TEST(HttpPublisher, SpeaksOtlpAndPushesToGateways) {
  Receiver receiver;
  ASSERT_TRUE(publisher(receiver.at("otlp"))->publish({"", {sample()}, {event()}}));
  ASSERT_TRUE(
      publisher(receiver.at("prometheus", "/metrics/job/x"))->publish({"", {sample("disk.read", 7)}, {}}));
  const auto requests = receiver.requests();
  ASSERT_THAT(requests, SizeIs(3));
  EXPECT_EQ(requests[0].path, "/v1/metrics");
  EXPECT_EQ(requests[1].path, "/v1/logs");
  EXPECT_EQ(requests[2].body,
            "# TYPE disk_read gauge\ndisk_read{resource_id=\"r\",user_id=\"\",project_id=\"p\"} 7\n");
}

TEST(HttpPublisher, SpeaksMonascaWithTheTokenOfTheMoment) {
  Receiver receiver;
  TemporaryDirectory directory;
  const auto file = directory.path() / "token";
  const auto monasca = publisher(receiver.at(
      "monasca://http", "/v2.0?batch_mode=True&cluster=c1&cloud_name=&token_file=" + file.string()));
  EXPECT_FALSE(monasca->publish({"", {sample()}, {}}));
  for (const std::string token : {"first", "second"}) {
    ASSERT_TRUE(write_file_atomic(file, token + "\n"));
    ASSERT_TRUE(monasca->publish({"", {sample()}, {event()}}));
  }
  const auto requests = receiver.requests();
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].path + "?" + requests[0].query, "/v2.0/metrics?");
  EXPECT_EQ(requests[0].headers.get("X-Auth-Token"), "first");
  EXPECT_EQ(requests[1].headers.get("X-Auth-Token"), "second");
  const auto metric = parse_json(requests[0].body)->at(0);
  EXPECT_EQ(metric.at("name"), "cpu_util");
  EXPECT_EQ(metric.at("timestamp"), 1'700'000'000'000);
  EXPECT_EQ(
      boost::json::serialize(metric.at("dimensions")),
      R"({"datasource":"ceilometer","resource_id":"r","project_id":"p","user_id":"None","region":"None",)"
      R"("type":"gauge","unit":"%","source":"openstack","cloud_name":"None","cluster":"c1",)"
      R"("control_plane":"None"})");
  EXPECT_TRUE(metric.at("value_meta").get_object().empty());
}

TEST(FilePublisher, WritesLinesAndTurnsFilesOver) {
  TemporaryDirectory directory;
  const std::string path = (directory.path() / "out").string();
  const auto file = publisher("file://" + path + "?max_bytes=500&backup_count=2");
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(file->publish({"", {sample()}, {}}));
  EXPECT_TRUE(std::filesystem::exists(path + ".2"));
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
  const std::string line = *read_file(path);
  EXPECT_EQ(parse_json(std::string_view(line).substr(0, line.find('\n')))->at("resource_id"), "r");
  EXPECT_FALSE(make_publisher("file://relative"));
}

TEST(SocketPublisher, SendsOneMapPerDatagram) {
  const net::LoopbackSocket receiver(SOCK_DGRAM);
  ASSERT_TRUE(publisher(fmt::format("udp://127.0.0.1:{}", receiver.port()))->publish({"", {sample()}, {}}));
  char buffer[4096];
  const auto got = recv(receiver.get(), buffer, sizeof buffer, 0);
  ASSERT_GT(got, 0);
  JsonWriter json;
  ASSERT_TRUE(codec::msgpack_to_json({buffer, static_cast<std::size_t>(got)}, json));
  const auto map = *parse_json(json.str());
  EXPECT_EQ(map.at("counter_name"), "cpu_util");
  EXPECT_EQ(map.at("counter_volume"), 12.5);
  EXPECT_TRUE(map.at("user_id").is_null());
  EXPECT_EQ(map.at("message_signature"), "");
  EXPECT_FALSE(make_publisher("tcp://host"));
}

TEST(SocketPublisher, ByTcpTheHostThatSendsIsNamed) {
  FileDescriptor listener(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  ASSERT_EQ(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  {
    const auto tcp = publisher(fmt::format("tcp://127.0.0.1:{}", ntohs(address.sin_port)));
    ASSERT_TRUE(tcp->publish({"", {sample()}, {}}));
  }
  const FileDescriptor connection(accept(listener.get(), nullptr, nullptr));
  std::string bytes(4096, '\0');
  const auto got = recv(connection.get(), bytes.data(), bytes.size(), MSG_WAITALL);
  ASSERT_GT(got, 8);
  bytes.resize(static_cast<std::size_t>(got));
  EXPECT_EQ(static_cast<unsigned char>(bytes[0]) + 256 * static_cast<unsigned char>(bytes[1]), got - 8);
  JsonWriter json;
  ASSERT_TRUE(codec::msgpack_to_json(std::string_view(bytes).substr(8), json));
  EXPECT_EQ(std::string_view(parse_json(json.str())->at("publisher_id").as_string()), own_host());
}

TEST(SignedSamples, TheSecretIsTheFirstLineOfAFile) {
  TemporaryDirectory directory;
  const std::string file = directory.path() / "secret";
  ASSERT_TRUE(write_file_atomic(file, "s3cret\nmore\n"));
  JsonWriter json;
  ASSERT_TRUE(codec::msgpack_to_json(packed_sample(sample(), "s3cret"), json));
  std::size_t allowance = kMostSignedBytesOfMessage;
  EXPECT_TRUE(is_signed(*parse_json_object(json.str()), "s3cret", allowance));
  EXPECT_FALSE(is_signed(*parse_json_object(json.str()), "other", allowance));
  for (const char* url : {"udp://h", "tcp://h:1", "notifier://h"}) {
    EXPECT_TRUE(make_publisher(fmt::format("{}?secret_file={}", url, file))) << url;
    const auto refused = make_publisher(fmt::format("{}?secret_file=/nowhere", url));
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().field, "secret_file");
  }
  ASSERT_TRUE(write_file_atomic(file, "\n"));
  EXPECT_FALSE(make_publisher("udp://h?secret_file=" + file)) << "an empty secret would sign nothing";
}

TEST(Publishers, AnUnknownOneIsRefused) {
  EXPECT_EQ(make_publisher("kafka://h").error().code, Errc::kUnsupported);
  EXPECT_FALSE(make_publisher("http://"));
  EXPECT_FALSE(make_publisher("nothing"));
  EXPECT_FALSE(PublisherSet::make({"sentinella://", "kafka://x"}));
  EXPECT_TRUE(PublisherSet::make({"sentinella://", "gnocchi://"})->status().empty());
}

}  // namespace
}  // namespace sentinella::telemetry
