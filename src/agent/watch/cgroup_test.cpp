#include "agent/watch/cgroup.h"

#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

const std::string kId = "3f4c1b0a9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a";

TEST(Cgroup, AUnitIsKnownByItsSlice) {
  const auto place = parse_cgroup("0::/system.slice/nova-api.service\n");
  EXPECT_EQ(place.unit, "nova-api.service");
  EXPECT_EQ(place.path, "/system.slice/nova-api.service");
  EXPECT_EQ(place.container, "");
}

TEST(Cgroup, ContainersAreKnownWhoeverRunsThem) {
  const std::string pod = "kubepods-burstable-pod6d4c1f2e_1111_2222_3333_444455556666.slice";
  for (const std::string& line :
       {// Docker: with systemd's driver, with its own, without root.
        "0::/system.slice/docker-" + kId + ".scope\n", "0::/docker/" + kId + "\n",
        "0::/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + kId + ".scope\n",
        // Docker with version 1, whose hierarchies are mounted one by one, and with both.
        "12:memory:/docker/" + kId + "\n11:cpu,cpuacct:/docker/" + kId + "\n1:name=systemd:/docker/" + kId +
            "\n",
        "9:memory:/system.slice/docker-" + kId + ".scope\n1:name=systemd:/system.slice/docker-" + kId +
            ".scope\n0::/system.slice/docker-" + kId + ".scope\n",
        // Podman, with its sub-group of version 2, without root, and its own driver of version 1.
        "0::/machine.slice/libpod-" + kId + ".scope/container\n",
        "0::/machine.slice/libpod-" + kId + ".scope\n",
        "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope/container\n",
        "11:memory:/libpod_parent/libpod-" + kId + "\n1:name=systemd:/libpod_parent/libpod-" + kId + "\n",
        // Kubernetes, by containerd and CRI-O, with systemd's driver, without it, and with each side its own.
        "0::/kubepods.slice/kubepods-burstable.slice/" + pod + "/cri-containerd-" + kId + ".scope\n",
        "0::/kubepods.slice/kubepods-burstable.slice/" + pod + "/crio-" + kId + ".scope\n",
        "0::/kubepods/burstable/pod6d4c1f2e-1111-2222-3333-444455556666/" + kId + "\n",
        "0::/" + pod + ":cri-containerd:" + kId + "\n"}) {
    EXPECT_EQ(parse_cgroup(line).container, "3f4c1b0a9d8e") << line;
    EXPECT_EQ(parse_cgroup(line).unit, "") << line;
  }
}

TEST(Cgroup, AContainerThatAUnitHoldsHasBoth) {
  // Podman with --cgroups=split, as units made for Kolla's containers may have it.
  const auto place =
      parse_cgroup("0::/system.slice/kolla-nova_api-container.service/libpod-payload-" + kId + "\n");
  EXPECT_EQ(place.unit, "kolla-nova_api-container.service");
  EXPECT_EQ(place.container, "3f4c1b0a9d8e");
}

TEST(Cgroup, UnitsWithinAContainerAreItsOwn) {
  for (const std::string& line :
       {std::string("0::/lxc.payload.infra1_nova_api_container-1a2b3c4d/system.slice/x.service\n"),
        std::string("9:memory:/lxc/infra1_nova_api_container-1a2b3c4d/system.slice/x.service\n")}) {
    EXPECT_EQ(parse_cgroup(line).container, "infra1_nova_api_container-1a2b3c4d") << line;
    EXPECT_EQ(parse_cgroup(line).unit, "") << line;
  }
  const auto nested =
      parse_cgroup("0::/docker/" + kId + "/kubelet/kubepods/pod1/" + std::string(64, 'b') + "\n");
  EXPECT_EQ(nested.container, "3f4c1b0a9d8e") << "the outermost is the one that this host knows";
}

TEST(Cgroup, WhatOnlyStandsBesideAContainerIsNotInOne) {
  for (const std::string& line : {"0::/machine.slice/libpod-conmon-" + kId + ".scope\n",
                                  "0::/machine.slice/crio-conmon-" + kId + ".scope\n",
                                  "0::/system.slice/docker-" + kId.substr(1) + ".scope\n",
                                  std::string("0::/system.slice/docker.service\n"),
                                  std::string("0::/lxc.monitor.infra1\n"), std::string("0::/lxc\n")})
    EXPECT_EQ(parse_cgroup(line).container, "") << line;
}

TEST(Cgroup, ADesktopSessionIsNoUnitOfAService) {
  EXPECT_EQ(parse_cgroup("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n").unit, "");
  EXPECT_EQ(parse_cgroup("0::/\n").unit, "");
  EXPECT_EQ(parse_cgroup("rubbish\n:\n::").unit, "");
}

TEST(Cgroup, FiguresAreReadAndNoLimitIsNone) {
  TemporaryDirectory root;
  std::filesystem::create_directories(root / "system.slice/a.service");
  const auto put = [&](const std::string& name, const std::string& text) {
    append_to(root / "system.slice/a.service" / name, text);
  };
  put("memory.current", "104857600\n");
  put("memory.max", "max\n");
  put("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 0\n");
  put("cpu.stat", "usage_usec 5000000\nnr_throttled 4\nthrottled_usec 2500000\n");
  const auto figures = read_cgroup(root.path().string(), "/system.slice/a.service");
  EXPECT_EQ(figures.memory_bytes, 104857600.0);
  EXPECT_FALSE(figures.memory_limit_bytes);
  EXPECT_EQ(figures.oom_kills, 2.0);
  EXPECT_EQ(figures.throttled_seconds, 2.5);
  EXPECT_FALSE(read_cgroup(root.path().string(), "/").memory_bytes) << "the whole machine is no service";
  EXPECT_FALSE(read_cgroup(root.path().string(), "/../a.service").memory_bytes);
}

}  // namespace
}  // namespace sentinella::agent
