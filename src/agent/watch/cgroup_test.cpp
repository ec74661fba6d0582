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

TEST(Cgroup, ContainersAreKnownByDockerPodmanAndVersionOne) {
  for (const std::string& line : {"0::/system.slice/docker-" + kId + ".scope\n",
                                  "0::/machine.slice/libpod-" + kId + ".scope/container\n",
                                  "12:memory:/docker/" + kId + "\n1:name=systemd:/docker/" + kId + "\n"})
    EXPECT_EQ(parse_cgroup(line).container, "3f4c1b0a9d8e") << line;
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
