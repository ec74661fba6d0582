#include "net/udp_listener.h"

#include <gmock/gmock.h>

#include "base/mutex.h"
#include "net/testing.h"

namespace sentinella::net {
namespace {

sockaddr_storage address(const std::string& text) {
  sockaddr_storage out{};
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    std::memcpy(&out, &v4, sizeof v4);
  } else if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    std::memcpy(&out, &v6, sizeof v6);
  }
  return out;
}

TEST(AddressRange, HoldsWhatItsPrefixSays) {
  const struct {
    const char *range, *address;
    bool inside;
  } table[] = {{"10.0.0.0/8", "10.255.1.2", true},
               {"10.0.0.0/8", "11.0.0.1", false},
               {"192.0.2.4", "192.0.2.4", true},
               {"192.0.2.4", "192.0.2.5", false},
               {"192.0.2.0/23", "192.0.3.9", true},
               {"192.0.2.0/23", "192.0.4.1", false},
               {"0.0.0.0/0", "203.0.113.9", true},
               {"0.0.0.0/0", "::1", false},
               {"10.0.0.0/8", "::ffff:10.1.1.1", true},
               {"::/0", "10.0.0.1", true},
               {"2001:db8::/33", "2001:db8:7fff::1", true},
               {"2001:db8::/33", "2001:db8:8000::1", false},
               {"::1", "::1", true}};
  for (const auto& row : table)
    EXPECT_EQ(AddressRange::parse(row.range)->contains(address(row.address)), row.inside)
        << row.range << " " << row.address;
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8", "10.0.0.0/", "10.0.0.0/x", "/8"})
    EXPECT_FALSE(AddressRange::parse(bad)) << bad;
  EXPECT_EQ(AddressRange::parse_list("10.0.0.0/8, ::1 192.0.2.1")->size(), 3u);
  EXPECT_FALSE(AddressRange::parse_list("10.0.0.0/8,x"));
}

class Sender {
 public:
  explicit Sender(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    to_.sin_family = AF_INET;
    to_.sin_port = htons(port);
    to_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  void send(std::string_view datagram) {
    EXPECT_EQ(sendto(socket_.get(), datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&to_),
                     sizeof to_),
              static_cast<ssize_t>(datagram.size()));
  }

 private:
  FileDescriptor socket_;
  sockaddr_in to_{};
};

TEST(UdpListener, HandsOverDatagramsOfTheAllowedNetworkOnly) {
  Mutex mutex;
  std::vector<std::string> got;
  const auto handler = [&](std::string_view datagram, const sockaddr_storage&) {
    Lock lock(mutex);
    got.emplace_back(datagram);
  };
  const auto open = start_udp_listener({.allow = AddressRange::parse_list("127.0.0.0/8").value()}, handler);
  ASSERT_TRUE(open) << open.error().message;
  const auto closed = start_udp_listener({.allow = AddressRange::parse_list("10.0.0.0/8").value()}, handler);
  ASSERT_TRUE(closed) << closed.error().message;
  Sender((*closed)->port()).send("refused");
  Sender((*open)->port()).send("one");
  Sender((*open)->port()).send("");
  Sender((*open)->port()).send(std::string(60'000, 'x'));
  EXPECT_TRUE(eventually([&] { return (*open)->statistics().datagrams == 3; }));
  EXPECT_TRUE(eventually([&] { return (*closed)->statistics().refused == 1; }));
  Lock lock(mutex);
  EXPECT_THAT(got, testing::ElementsAre("one", "", std::string(60'000, 'x')));
}

TEST(UdpListener, SaysWhyItCannotListen) {
  const auto first = start_udp_listener({}, [](std::string_view, const sockaddr_storage&) {});
  ASSERT_TRUE(first);
  const auto second =
      start_udp_listener({.port = (*first)->port()}, [](std::string_view, const sockaddr_storage&) {});
  EXPECT_EQ(second.error().code, Errc::kUnavailable);
  EXPECT_EQ(start_udp_listener({.host = "203.0.113.9"}, [](std::string_view, const sockaddr_storage&) {})
                .error()
                .code,
            Errc::kInvalid);
  EXPECT_EQ(
      start_udp_listener({.host = "a name"}, [](std::string_view, const sockaddr_storage&) {}).error().code,
      Errc::kInvalid);
}

}  // namespace
}  // namespace sentinella::net
