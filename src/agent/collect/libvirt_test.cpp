#include "agent/collect/libvirt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/collect/testing.h"

namespace sentinella::agent {
namespace {

/// As libvirt 9 starts it for nova, the longest arguments left out.
const std::vector<std::string> kArguments = {
    "/usr/bin/qemu-system-x86_64",
    "-name",
    "guest=instance-0000002a,debug-threads=on",
    "-S",
    "-machine",
    "pc-i440fx-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram",
    "-accel",
    "kvm",
    "-m",
    "size=2097152k",
    "-overcommit",
    "mem-lock=off",
    "-smp",
    "2,sockets=2,cores=1,threads=1",
    "-uuid",
    "5f3b5c0e-7a53-4f7a-9d0c-2f5d1c7b8a90",
    "-smbios",
    "type=1,manufacturer=OpenStack Foundation"};

TEST(Libvirt, AMachineIsKnownByItsArguments) {
  const auto domain = parse_qemu_arguments(kArguments);
  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->name, "instance-0000002a");
  EXPECT_EQ(domain->uuid, "5f3b5c0e-7a53-4f7a-9d0c-2f5d1c7b8a90");
  EXPECT_EQ(domain->processors, 2);
  EXPECT_EQ(domain->memory_bytes, 2.0 * 1024 * 1024 * 1024);
}

TEST(Libvirt, OlderFormsAreReadAndOtherProgramsAreNoMachines) {
  const auto old =
      parse_qemu_arguments({"qemu-kvm", "-name", "instance-1,process=qemu:instance-1", "-m", "512"});
  ASSERT_TRUE(old);
  EXPECT_EQ(old->name, "instance-1");
  EXPECT_EQ(old->memory_bytes, 512.0 * 1024 * 1024);
  EXPECT_FALSE(parse_qemu_arguments({"/usr/bin/vim", "-name", "guest=x"}));
  EXPECT_FALSE(parse_qemu_arguments({"qemu-img", "convert"}));
  EXPECT_FALSE(parse_qemu_arguments({}));
}

TEST(Libvirt, WhatTheKernelSaysOfDisksAndInterfacesIsRead) {
  const auto io = parse_process_io(
      "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 40960\nwrite_bytes: 8192\n"
      "cancelled_write_bytes: 0\n");
  ASSERT_TRUE(io);
  EXPECT_EQ(io->read_bytes, 40960);
  EXPECT_EQ(io->written_bytes, 8192);
  EXPECT_FALSE(parse_process_io("rchar: 1\n"));
  EXPECT_EQ(parse_tap_device("pos:\t12\nflags:\t0104002\nmnt_id:\t15\niff:\ttap5f3b5c0e-7a\n"),
            "tap5f3b5c0e-7a");
  EXPECT_EQ(parse_tap_device("pos:\t0\nflags:\t02\n"), "");
  const auto interfaces = parse_interfaces(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
      "colls carrier "
      "compressed\n"
      "tap5f3b5c0e-7a: 1500      10    1    2    0     0          0         0    3000      20    3    4    0 "
      "    0       "
      "0          0\n");
  ASSERT_TRUE(interfaces.contains("tap5f3b5c0e-7a"));
  EXPECT_EQ(interfaces.find("tap5f3b5c0e-7a")->second.received_bytes, 1500);
  EXPECT_EQ(interfaces.find("tap5f3b5c0e-7a")->second.sent_dropped, 4);
}

TEST(Libvirt, ThreadsOfVirtualProcessorsAreKnownByTheirNames) {
  EXPECT_EQ(parse_vcpu_thread("CPU 0/KVM\n"), 0u);
  EXPECT_EQ(parse_vcpu_thread("CPU 127/KVM\n"), 127u);
  EXPECT_EQ(parse_vcpu_thread("CPU 3/TCG\n"), 3u);
  for (const char* other : {"qemu-system-x86\n", "IO mon_iothread\n", "vhost-4711\n", "CPU x/KVM\n",
                            "CPU 99999/KVM\n", "CPU 1", "worker\n", ""})
    EXPECT_FALSE(parse_vcpu_thread(other)) << other;
  EXPECT_EQ(parse_run_delay("81234567890 1500000000 90210\n"), 1.5);
  for (const char* broken : {"", "1", "1 x 2", "-1 -2 3"}) EXPECT_FALSE(parse_run_delay(broken)) << broken;
}

TEST(Libvirt, MachinesAreFoundByTheIdsThatLibvirtLeaves) {
  TemporaryDirectory directory;
  const auto proc = directory / "proc";
  std::filesystem::create_directories(proc / "4711/fdinfo");
  std::filesystem::create_directories(proc / "net");
  std::filesystem::create_directories(directory / "run");
  append_to(directory / "run/instance-0000002a.pid", "4711\n");
  append_to(directory / "run/gone.pid", "4712\n");
  append_to(directory / "run/broken.pid", "x\n");
  std::string stat = "4711 (qemu-system-x86) S 1 1 1 0 -1 4194624 1 0 0 0 300 200 0 0 20 0 6 0 7000 1 256";
  for (int i = 0; i < 28; ++i) stat += " 0";
  append_to(proc / "4711/stat", stat + "\n");
  std::string arguments;
  for (const std::string& argument : kArguments) arguments += argument + '\0';
  append_to(proc / "4711/cmdline", arguments);
  append_to(proc / "4711/io", "read_bytes: 40960\nwrite_bytes: 8192\n");
  for (const auto& [thread, name] :
       {std::pair{"4711", "qemu-system-x86"}, {"4720", "CPU 0/KVM"}, {"4721", "CPU 1/KVM"}}) {
    const auto task = proc / "4711/task" / thread;
    std::filesystem::create_directories(task);
    append_to(task / "comm", std::string(name) + "\n");
    append_to(task / "schedstat", std::string("900 2500000000 ") + thread + "\n");
  }
  append_to(proc / "4711/fdinfo/0", "pos:\t0\n");
  append_to(proc / "4711/fdinfo/1", "pos:\t0\niff:\ttap1\n");
  append_to(proc / "net/dev", "tap1: 1500 10 1 2 0 0 0 0 3000 20 3 4 0 0 0 0\n");

  SourceConfig config;
  config.url = directory / "run";
  LibvirtSource source(config, ProcFs(proc));
  Written written;
  ASSERT_TRUE(source.collect(written.out));
  const std::string labels = R"(domain="instance-0000002a")";
  const std::string uuid = R"(uuid="5f3b5c0e-7a53-4f7a-9d0c-2f5d1c7b8a90")";
  EXPECT_EQ(written["libvirt_domains"], 1);
  EXPECT_EQ(written["libvirt_domain_info_cpu_time_seconds_total{" + labels + "," + uuid + "}"], 5);
  EXPECT_EQ(written["libvirt_domain_info_memory_usage_bytes{" + labels + "," + uuid + "}"],
            256.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(written["libvirt_domain_vcpu_delay_seconds_total{" + labels + "," + uuid + R"(,vcpu="1"})"], 2.5);
  EXPECT_EQ(written["libvirt_domain_vcpu_delay_seconds_total{" + labels + "," + uuid + R"(,vcpu="0"})"], 2.5);
  EXPECT_EQ(written["libvirt_domain_block_stats_read_bytes_total{" + labels + "," + uuid + "}"], 40960);
  EXPECT_EQ(written["libvirt_domain_interface_stats_receive_bytes_total{" + labels +
                    R"(,target_device="tap1",)" + uuid + "}"],
            3000)
      << "the host sends what the machine receives";
}

TEST(Libvirt, AHostWithoutItIsTold) {
  SourceConfig config;
  config.url = "/no/such/directory";
  Written written;
  const auto collected = LibvirtSource(config).collect(written.out);
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace sentinella::agent
