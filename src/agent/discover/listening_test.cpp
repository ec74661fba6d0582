#include "agent/discover/listening.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Listening, ListeningSocketsOfTheKernelsTableAreRead) {
  const auto sockets = parse_net_tcp(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11421 1 ff "
      "100 0\n"
      "   1: 00000000:2CA9 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 22 1 ff "
      "100 0\n"
      "   2: 0100007F:1388 0100007F:8A2C 01 00000000:00000000 00:00000000 00000000     0        0 33 1 ff 20 "
      "4\n");
  EXPECT_THAT(sockets, ElementsAre(ListeningSocket{"127.0.0.1", 5000, 11421},
                                   ListeningSocket{"127.0.0.1", 11433, 22}));
}

TEST(Listening, AddressesOfVersionSixAreRead) {
  const auto sockets = parse_net_tcp(
      "   0: 00000000000000000000000000000000:0CEA 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 7 "
      "1\n"
      "   1: 00000000000000000000000001000000:0CEB 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 8 "
      "1\n"
      "   2: 0000000000000000FFFF00000A00000A:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 9 "
      "1\n");
  EXPECT_THAT(sockets, ElementsAre(ListeningSocket{"127.0.0.1", 3306, 7}, ListeningSocket{"::1", 3307, 8},
                                   ListeningSocket{"10.0.0.10", 80, 9}));
}

TEST(Listening, BrokenLinesAreLeftOut) {
  EXPECT_THAT(parse_net_tcp("1 2 3 0A 5 6 7 8 9 10\nx\n\n0: 01:1 0:0 0A 0 0 0 0 0 1\n"), IsEmpty());
  EXPECT_EQ(socket_inode("socket:[123]"), 123u);
  EXPECT_EQ(socket_inode("/dev/null"), 0u);
  EXPECT_EQ(socket_inode("socket:[x]"), 0u);
}

TEST(Listening, ATableOfManyMegabytesIsReadToItsEnd) {
  const TemporaryDirectory proc;
  std::filesystem::create_directory(proc / "net");
  const std::string established =
      "   0: 0100007F:1388 0100007F:8A2C 01 00000000:00000000 00:00000000 00000000     0        0 33 1 ff 20 "
      "4\n";
  const std::string listening =
      "   1: 00000000:2CA9 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 22 1 ff "
      "100 0\n";
  std::string table = "  sl  local_address rem_address   st\n";
  while (table.size() < (5u << 20)) table += established;
  append_to(proc / "net/tcp", table + listening);
  EXPECT_THAT(listening_sockets(ProcFs(proc.path())), ElementsAre(ListeningSocket{"127.0.0.1", 11433, 22}));
}

TEST(Listening, MoreSocketsThanAreOfUseAreNotKept) {
  const TemporaryDirectory proc;
  std::filesystem::create_directory(proc / "net");
  std::string table;
  for (int i = 0; i < 10'000; ++i) table += "0: 0100007F:1388 00000000:0000 0A 0:0 00:0 0 0 0 7 1\n";
  append_to(proc / "net/tcp", table);
  append_to(proc / "net/tcp6", table);
  EXPECT_EQ(listening_sockets(ProcFs(proc.path())).size(), 2 * 4'096u);
}

}  // namespace
}  // namespace sentinella::agent
