#include "scrape/target_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_directory.h"

namespace sentinella::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct TargetFiles : testing::Test {
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(directory.path() / name, text));
  }
  void SetUp() override {
    write("prometheus.yml",
          "scrape_configs:\n- job_name: j\n  file_sd_configs: [{files: ['nodes-*.json', one.yml]}]\n");
    write("nodes-1.json", R"([{"targets":["a:1","b:1"]}])");
    write("one.yml", "- targets: [c:1]\n  labels: {env: test}\n");
  }
  std::vector<std::string> urls() const {
    std::vector<std::string> all;
    for (const auto& [key, wanted] : list.targets()) all.push_back(wanted.target.url);
    return all;
  }

  TemporaryDirectory directory;
  TargetList list{directory.path() / "prometheus.yml"};
};

TEST_F(TargetFiles, AreReadByNameAndByPattern) {
  EXPECT_TRUE(list.refresh());
  EXPECT_THAT(urls(), testing::UnorderedElementsAre("http://a:1/metrics", "http://b:1/metrics",
                                                    "http://c:1/metrics"));
  EXPECT_THAT(list.problems(), IsEmpty());
}

TEST_F(TargetFiles, NothingChangedIsNoNews) {
  list.refresh();
  EXPECT_FALSE(list.refresh());
}

TEST_F(TargetFiles, AChangedNewOrRemovedFileChangesTheTargets) {
  list.refresh();
  write("nodes-1.json", R"([{"targets":["a:1"]}])");
  write("nodes-2.json", R"([{"targets":["d:1"]}])");
  EXPECT_TRUE(list.refresh());
  EXPECT_THAT(urls(), testing::UnorderedElementsAre("http://a:1/metrics", "http://d:1/metrics",
                                                    "http://c:1/metrics"));
  std::filesystem::remove(directory.path() / "one.yml");
  std::filesystem::remove(directory.path() / "nodes-2.json");
  EXPECT_TRUE(list.refresh());
  EXPECT_THAT(urls(), ElementsAre("http://a:1/metrics"));
  EXPECT_THAT(list.problems(), ElementsAre(HasSubstr("one.yml does not exist")));
}

TEST_F(TargetFiles, ABrokenFileKeepsItsTargetsAndIsNamed) {
  list.refresh();
  write("nodes-1.json", R"([{"targets":["a:1")");
  EXPECT_FALSE(list.refresh());
  EXPECT_THAT(urls(), SizeIs(3));
  EXPECT_THAT(list.problems(), ElementsAre(HasSubstr("nodes-1.json")));
}

TEST_F(TargetFiles, ABrokenConfigurationLeavesTheOneBeforeInForce) {
  list.refresh();
  write("prometheus.yml", "scrape_configs: [{job_nam: j}]");
  EXPECT_FALSE(list.refresh());
  EXPECT_THAT(urls(), SizeIs(3));
  EXPECT_THAT(list.problems(), ElementsAre(HasSubstr("did you mean job_name?")));
  write("prometheus.yml", "scrape_configs: [{job_name: k, static_configs: [{targets: [x, x, 'bad/']}]}]");
  EXPECT_TRUE(list.refresh());
  EXPECT_THAT(urls(), ElementsAre("http://x:80/metrics"));
  EXPECT_THAT(list.problems(), ElementsAre(HasSubstr("job k")));
}

TEST_F(TargetFiles, OverTheTargetLimitNoneIsScraped) {
  write("prometheus.yml",
        "scrape_configs: [{job_name: k, target_limit: 1, static_configs: [{targets: [x, y]}]}]");
  list.refresh();
  ASSERT_THAT(list.targets(), SizeIs(2));
  for (const auto& [key, wanted] : list.targets())
    EXPECT_THAT(wanted.refusal, HasSubstr("target_limit of 1"));
}

}  // namespace
}  // namespace sentinella::scrape
