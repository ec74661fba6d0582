#include "agent/collect/kernel_figures.h"

#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

TEST(KernelFigures, PressureIsAShareOfTime) {
  const auto io = parse_pressure(
      "some avg10=12.50 avg60=0.76 avg300=0.61 total=2500000\nfull avg10=0.25 avg60=0.5 avg300=0.4 "
      "total=500000\n");
  ASSERT_TRUE(io.some && io.full);
  EXPECT_DOUBLE_EQ(io.some->ratio, 0.125);
  EXPECT_DOUBLE_EQ(io.some->seconds, 2.5);
  EXPECT_DOUBLE_EQ(io.full->seconds, 0.5);
  EXPECT_FALSE(parse_pressure("some avg10=1.00\n").some) << "a line cut short is none";
  EXPECT_FALSE(parse_pressure("").full);
}

TEST(KernelFigures, SocketsAndCountersAreFoundByName) {
  const char* sockstat =
      "sockets: used 290\nTCP: inuse 12 orphan 1 tw 34 alloc 56 mem 7\nUDP: inuse 3 mem 2\nUDPLITE: inuse "
      "9\n";
  EXPECT_EQ(parse_keyed_value(sockstat, "TCP:", "tw"), 34);
  EXPECT_EQ(parse_keyed_value(sockstat, "UDP:", "inuse"), 3);
  EXPECT_FALSE(parse_keyed_value(sockstat, "TCP:", "mem2"));
  const char* snmp =
      "Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm RtoMin MaxConn OutSegs RetransSegs\nTcp: 1 200 "
      "-1 5000 42\n";
  EXPECT_EQ(parse_counter(snmp, "Tcp:", "RetransSegs"), 42);
  EXPECT_EQ(parse_counter(snmp, "Tcp:", "MaxConn"), -1);
  EXPECT_FALSE(parse_counter(snmp, "Tcp:", "Nothing"));
  EXPECT_FALSE(parse_counter("Tcp: A B\nTcp: 1\n", "Tcp:", "B"));
  EXPECT_EQ(parse_named_value("pgfault 7\npgmajfault 9\noom_kill 2\n", "oom_kill"), 2);
  EXPECT_FALSE(parse_named_value("oom_kill_x 2\n", "oom_kill"));
}

TEST(KernelFigures, OpenFilesStandBesideTheirLimit) {
  const auto files = parse_file_nr("1344\t0\t9223372036854775807\n");
  ASSERT_TRUE(files);
  EXPECT_EQ(files->open, 1344);
  EXPECT_FALSE(parse_file_nr("1 2"));
  EXPECT_FALSE(parse_file_nr("a b c"));
}

}  // namespace
}  // namespace sentinella::agent
