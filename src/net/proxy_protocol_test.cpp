#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

namespace sentinella::net {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

/// A version 2 header: version and command, family and protocol, the block behind.
std::string binary(char command, char family, const std::string& block) {
  return kSignature + command + family + static_cast<char>(block.size() >> 8) +
         static_cast<char>(block.size()) + block;
}

TEST(ProxyProtocol, TheTextFormNamesWhoIsBehindTheProxy) {
  const auto header = read_proxy_header("PROXY TCP4 192.0.2.7 198.51.100.1 40000 514\r\n<13>hello");
  ASSERT_TRUE(header && *header);
  EXPECT_EQ((*header)->peer, "192.0.2.7");
  EXPECT_EQ((*header)->size, 45u);
  const auto six = read_proxy_header("PROXY TCP6 2001:db8::7 2001:db8::1 40000 514\r\n");
  ASSERT_TRUE(six && *six);
  EXPECT_EQ((*six)->peer, "2001:db8::7");
  const auto own = read_proxy_header("PROXY UNKNOWN\r\n");
  ASSERT_TRUE(own && *own);
  EXPECT_EQ((*own)->peer, "");
}

TEST(ProxyProtocol, TheBinaryFormNamesWhoIsBehindTheProxy) {
  const auto four =
      read_proxy_header(binary(0x21, 0x11, "\xc0\x00\x02\x07\xc6\x33\x64\x01\x9c\x40\x02\x02"s));
  ASSERT_TRUE(four && *four);
  EXPECT_EQ((*four)->peer, "192.0.2.7");
  EXPECT_EQ((*four)->size, 28u);
  const std::string six_block = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" + std::string(20, '\0');
  const auto six = read_proxy_header(binary(0x21, 0x21, six_block + "\x04\x00\x01x"s));
  ASSERT_TRUE(six && *six);
  EXPECT_EQ((*six)->peer, "2001:db8::7");
  const auto health_check = read_proxy_header(binary(0x20, 0x00, ""));
  ASSERT_TRUE(health_check && *health_check);
  EXPECT_EQ((*health_check)->peer, "");
}

TEST(ProxyProtocol, AHeaderIsAwaitedToItsLastByte) {
  for (const std::string& whole : {"PROXY TCP4 192.0.2.7 198.51.100.1 40000 514\r\n"s,
                                   binary(0x21, 0x11, "\xc0\x00\x02\x07\xc6\x33\x64\x01\x9c\x40\x02\x02"s)})
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto part = read_proxy_header(std::string_view(whole).substr(0, size));
      ASSERT_TRUE(part) << size;
      EXPECT_FALSE(*part) << size;
    }
}

TEST(ProxyProtocol, WhatIsNoHeaderIsRefused) {
  for (const std::string& bytes :
       {"<13>hello"s, "PROXY TCP4 not-an-address 198.51.100.1 1 2\r\n"s, "PROXY TCP4 192.0.2.7\r\n"s,
        "PROXY " + std::string(200, 'x'), binary(0x11, 0x11, std::string(12, '\0')),
        binary(0x2f, 0x11, std::string(12, '\0')), binary(0x21, 0x11, "short"),
        kSignature + "\x21\x11\xff\xff"s})
    EXPECT_FALSE(read_proxy_header(bytes)) << bytes;
}

}  // namespace
}  // namespace sentinella::net
