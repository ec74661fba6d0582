#include "agent/collect/host_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(HostFigures, CpuTimeIsReadByMode) {
  const auto cpu = parse_cpu(
      "cpu  1000 200 300 4000 500 60 70 80 0 0\ncpu0 500 100 150 2000 250 30 35 40 0 0\n"
      "cpu1 500 100 150 2000 250 30 35 40 0 0\nintr 123 4 5\nctxt 77\nbtime 1\nprocesses 88\n"
      "procs_running 3\nprocs_blocked 2\n");
  ASSERT_TRUE(cpu);
  EXPECT_THAT(cpu->seconds, ElementsAre(10, 2, 3, 40, 5, 0.6, 0.7, 0.8));
  EXPECT_EQ(cpu->processors, 2u);
  EXPECT_NEAR(cpu->busy(), cpu->total() - 45, 1e-9);
  ASSERT_THAT(cpu->cores, SizeIs(2));
  EXPECT_EQ(cpu->cores[1].first, "1");
  EXPECT_EQ(cpu->cores[1].second.seconds[0], 5);
  EXPECT_EQ(cpu->interrupts, 123u);
  EXPECT_EQ(cpu->context_switches, 77u);
  EXPECT_EQ(cpu->forks, 88u);
  EXPECT_EQ(cpu->running, 3u);
  EXPECT_EQ(cpu->blocked, 2u);
}

TEST(HostFigures, MemoryIsInBytes) {
  const auto memory = parse_meminfo(
      "MemTotal:       24684084 kB\nMemFree:         1000000 kB\nMemAvailable:   12342042 kB\nSwapTotal:   "
      "1024 kB\n"
      "SwapFree:    1000 kB\nCached: 2048 kB\nHugePages_Total:      16\nHugePages_Free:       5\n");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->total, 24684084ull * 1024);
  EXPECT_EQ(memory->available, 12342042ull * 1024);
  EXPECT_EQ(memory->swap_used, 24u * 1024);
  EXPECT_EQ(memory->cached, 2048u * 1024);
  EXPECT_EQ(memory->hugepages, 16u) << "a number, not bytes";
  EXPECT_EQ(memory->hugepages_free, 5u);
}

TEST(HostFigures, LoadAndUptimeAreRead) {
  EXPECT_THAT(*parse_loadavg("2.41 3.20 2.50 2/345 6171\n"), ElementsAre(2.41, 3.20, 2.50));
  EXPECT_EQ(*parse_process_count("2.41 3.20 2.50 2/345 6171\n"), 345);
  EXPECT_FALSE(parse_process_count("1 2 3"));
  EXPECT_EQ(*parse_uptime("4382.20 5705.19\n"), 4382.20);
}

TEST(HostFigures, WholeDisksAreCountedAndPartitionsAreNot) {
  const auto disks = parse_diskstats(
      " 254       0 vda 100 0 8 250 200 0 16 500 3 1500 0 0 0 0 0 0 0\n 254       1 vda1 90 0 8 0 0 0 0 0 0 "
      "0 0\n"
      " 259       0 nvme0n1 1 0 2 0 1 0 4 0 0 0 0\n 259       1 nvme0n1p1 1 0 2 0 1 0 4 0 0 0 0\n"
      "   7       0 loop0 1 0 2 0 1 0 4 0 0 0 0\n 253       0 dm-0 1 0 2 0 1 0 4 0 0 0 0\n   8       0 sda "
      "1\n");
  ASSERT_THAT(disks, SizeIs(2));
  EXPECT_EQ(disks[0].device, "vda");
  EXPECT_EQ(disks[0].read_bytes, 8u * 512);
  EXPECT_EQ(disks[0].written_bytes, 16u * 512);
  EXPECT_EQ(disks[0].reads, 100u);
  EXPECT_EQ(disks[0].read_seconds, 0.25);
  EXPECT_EQ(disks[0].writes, 200u);
  EXPECT_EQ(disks[0].write_seconds, 0.5);
  EXPECT_EQ(disks[0].in_flight, 3u);
  EXPECT_EQ(disks[0].busy_seconds, 1.5);
  EXPECT_EQ(disks[1].device, "nvme0n1");
}

TEST(HostFigures, InterfacesOfInstancesAreLeftOut) {
  const auto net = parse_net_dev(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
      "    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n  eth0: 577325065 9 2 3 0 0 0 0 979971 8 4 5 0 0 0 0\n"
      "tap1234: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n bond0:7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0\n");
  ASSERT_THAT(net, SizeIs(2));
  EXPECT_EQ(net[0].interface, "eth0");
  EXPECT_EQ(net[0].received.bytes, 577325065u);
  EXPECT_EQ(net[0].received.packets, 9u);
  EXPECT_EQ(net[0].received.errors, 2u);
  EXPECT_EQ(net[0].received.dropped, 3u);
  EXPECT_EQ(net[0].sent.bytes, 979971u);
  EXPECT_EQ(net[0].sent.dropped, 5u);
  EXPECT_EQ(net[1].received.bytes, 7u);
}

TEST(HostFigures, TheLinksOfABondAreCountedWithoutTheBondItself) {
  const auto bond = parse_bond(
      "Ethernet Channel Bonding Driver: v6.1.0\n\nBonding Mode: IEEE 802.3ad Dynamic link aggregation\n"
      "MII Status: up\nMII Polling Interval (ms): 100\n\nSlave Interface: eno1\nMII Status: down\nSpeed: "
      "Unknown\n"
      "\nSlave Interface: eno2\nMII Status: up\nSpeed: 25000 Mbps\n");
  EXPECT_EQ(bond.links, 2u);
  EXPECT_EQ(bond.up, 1u);
  EXPECT_EQ(parse_bond("MII Status: up\n").links, 0u);
  EXPECT_EQ(parse_bond("MII Status: up\n").up, 0u) << "none is there";
}

TEST(HostFigures, NetworkFileSystemsAreNeverAsked) {
  std::vector<std::string> mounts;
  for (const MountFigures& mount :
       parse_mounts("/dev/vda1 / ext4 rw 0 0\nserver:/x /mnt/nfs nfs4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n"
                    "/dev/vda1 /bind ext4 rw 0 0\n/dev/vdb /srv/a\\040b xfs rw 0 0\n"
                    "overlay /var/lib/docker/x overlay rw 0 0\nmon:/ /ceph ceph rw 0 0\n"))
    mounts.push_back(fmt::format("{} {} {}", mount.path, mount.device, mount.type));
  EXPECT_THAT(mounts, ElementsAre("/ /dev/vda1 ext4", "/srv/a b /dev/vdb xfs"));
}

TEST(HostFigures, BrokenTextGivesErrorsOrNothing) {
  EXPECT_FALSE(parse_cpu(""));
  EXPECT_FALSE(parse_cpu("cpu 1 2"));
  EXPECT_FALSE(parse_meminfo("MemTotal: 1 kB\n"));
  EXPECT_FALSE(parse_loadavg("1.0 x"));
  EXPECT_FALSE(parse_uptime(""));
  EXPECT_THAT(parse_diskstats("x\n\n1 2 3"), IsEmpty());
  EXPECT_THAT(parse_net_dev("eth0:\nno colon\n"), IsEmpty());
  EXPECT_THAT(parse_mounts("\\ \n/dev/x"), IsEmpty());
}

}  // namespace
}  // namespace sentinella::agent
