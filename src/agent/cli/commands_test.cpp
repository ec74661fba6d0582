#include "agent/cli/commands.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/config/config.h"
#include "agent/testing.h"
#include "net/tls_certificate.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

struct Ran {
  int code = -1;
  std::string out, err;
};

class Commands : public ::testing::Test {
 protected:
  Ran run(std::vector<std::string> line, const std::string& typed = "") {
    line.insert(line.begin(), {"-c", config});
    const auto arguments = parse_arguments(line);
    if (!arguments) return {-1, "", arguments.error().message};
    std::istringstream in(typed);
    std::ostringstream out, err;
    const int code = run_command(*arguments, {in, out, err});
    return {code, out.str(), err.str()};
  }
  TemporaryDirectory directory;
  std::string config = directory / "etc/sentinella.conf";
};

TEST_F(Commands, InitWithYesWritesAFileForTheAgentAlone) {
  const Ran ran = run({"init", "--yes", "--account-key", "secret-key", "--server-url", "http://s:1"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("configuration file generated"));
  const auto loaded = parse_config(content_of(config));
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->config.account_key, "secret-key");
  EXPECT_EQ(loaded->config.server_url, "http://s:1");
  struct stat status{};
  ASSERT_EQ(::stat(config.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0007, 0u);
}

TEST_F(Commands, InitWritesWhomToTrustOverHttps) {
  std::string shown, pin;
  for (int i = 0; i < 32; ++i) shown += i == 0 ? "AB" : ":AB", pin += "ab";
  const Ran ran =
      run({"init", "--yes", "--account-key", "k", "--server-url", "https://s:1", "--pinned-sha256", shown});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto loaded = parse_config(content_of(config));
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->config.pinned_sha256, pin);
  EXPECT_EQ(loaded->config.ca_file, "");

  const net::TlsFiles files{directory / "c.pem", directory / "k.pem"};
  ASSERT_TRUE(net::ensure_self_signed(files, {"s"}));
  const auto relative = std::filesystem::relative(files.certificate).string();
  ASSERT_EQ(run({"init", "--force", "--ca-file", relative}, "k\nhttps://s:1\n" + std::string(300, '\n')).code,
            0);
  EXPECT_EQ(parse_config(content_of(config))->config.ca_file, files.certificate);
}

TEST_F(Commands, InitRefusesWhatCouldNeverBeTrusted) {
  append_to(directory / "no.pem", "hello");
  const auto refusal = [&](const std::string& url, const std::string& option, const std::string& value) {
    const Ran ran = run({"init", "--yes", "--account-key", "k", "--server-url", url, option, value});
    return ran.code == 0 ? "it was taken" : ran.err;
  };
  const std::string pin(64, 'a');
  EXPECT_THAT(refusal("https://s:1", "--pinned-sha256", "abc"),
              HasSubstr("--pinned-sha256: \"abc\" is no SHA-256"));
  EXPECT_THAT(refusal("https://s:1", "--pinned-sha256", ""), HasSubstr("64 hex digits"));
  EXPECT_THAT(refusal("https://s:1", "--pinned-sha256", pin + "aa"), HasSubstr("64 hex digits"));
  EXPECT_THAT(refusal("http://s:1", "--pinned-sha256", pin), HasSubstr("http://s:1 shows no certificate"));
  EXPECT_THAT(refusal("https://s:1", "--ca-file", directory / "none.pem"), HasSubstr("--ca-file"));
  EXPECT_THAT(refusal("https://s:1", "--ca-file", directory / "no.pem"),
              HasSubstr("holds no PEM certificate"));
  EXPECT_FALSE(std::filesystem::exists(config));
}

TEST_F(Commands, InitNeverOverwritesUnlessForced) {
  ASSERT_EQ(run({"init", "--yes", "--account-key", "one"}).code, 0);
  EXPECT_NE(run({"init", "--yes", "--account-key", "two"}).code, 0);
  EXPECT_THAT(content_of(config), HasSubstr("one"));
  EXPECT_EQ(run({"init", "--yes", "--account-key", "two", "--force"}).code, 0);
  EXPECT_THAT(content_of(config), HasSubstr("two"));
}

TEST_F(Commands, InitWithoutAnAccountKeyFailsAndWritesNothing) {
  EXPECT_NE(run({"init", "--yes"}).code, 0);
  EXPECT_NE(run({"init"}, "key\n").code, 0);
  EXPECT_FALSE(std::filesystem::exists(config));
}

TEST_F(Commands, BrokenConfigurationIsSaidInTheOldWords) {
  std::filesystem::create_directories(directory / "etc");
  append_to(config, "{broken");
  for (const char* command : {"show", "run", "clear", "status"}) {
    const Ran ran = run({command});
    EXPECT_EQ(ran.code, 1) << command;
    EXPECT_THAT(ran.err,
                HasSubstr("Invalid config: check permissions and/or if the config contains valid JSON"));
  }
}

TEST_F(Commands, PluginsAreEnabledShownDisabledAndCleared) {
  std::filesystem::create_directories(directory / "etc");
  append_to(config, R"({"account_key":"k","nova-api":false})");
  EXPECT_EQ(run({"show"}).out, "no enabled plugins\n");
  EXPECT_EQ(run({"enable", "sentinella.metrics=get_server_usage_stats"}).code, 0);
  EXPECT_EQ(run({"enable", "sentinella.metrics=get_server_usage_stats"}).code, 0);
  EXPECT_EQ(run({"show"}).out, "module: sentinella.metrics - functions: get_server_usage_stats\n");
  EXPECT_EQ(run({"disable", "sentinella.metrics=get_server_usage_stats"}).code, 0);
  EXPECT_EQ(run({"show"}).out, "no enabled plugins\n");
  EXPECT_EQ(run({"clear"}).out, "All plugins removed\n");
  EXPECT_TRUE(parse_config(content_of(config)));
}

TEST_F(Commands, UnknownPluginsAreRefusedInTheOldWords) {
  std::filesystem::create_directories(directory / "etc");
  append_to(config, "{}");
  EXPECT_THAT(run({"enable", "x="}).err, HasSubstr("plugin x= in not valid"));
  EXPECT_THAT(run({"enable", "x"}).err, HasSubstr("module x does not exists"));
  EXPECT_THAT(run({"enable", "x=y"}).err, HasSubstr("module x does not exists"));
  EXPECT_THAT(run({"enable", "sentinella.metrics=y"}).err,
              HasSubstr("module sentinella.metrics does not contains y"));
}

TEST_F(Commands, APlugInIsInstalledEnabledShownUpgradedAndRemoved) {
  std::filesystem::create_directories(directory / "etc");
  append_to(config, R"({"account_key":"k"})");
  const std::string source = directory / "demo";
  std::filesystem::create_directories(source);
  const auto write = [&](const std::string& version) {
    std::filesystem::remove(source + "/plugin.json");
    append_to(source + "/plugin.json",
              R"({"name":"demo","version":")" + version +
                  R"(","description":"shows how","author":"me","functions":{"a":{"command":["/bin/true"]},)"
                  R"("b":{"command":["/bin/false"]}}})");
  };
  write("1.0");
  const Ran installed = run({"install", source});
  ASSERT_EQ(installed.code, 0) << installed.err;
  EXPECT_THAT(installed.out, HasSubstr("sentinella enable demo=a,b"));
  EXPECT_THAT(run({"install", source}).err, HasSubstr("installed already"));
  EXPECT_THAT(run({"upgrade", source}).err, HasSubstr("has the version 1.0 already"));
  EXPECT_THAT(run({"list"}).out, HasSubstr("shows how"));
  EXPECT_THAT(run({"list", "--compact"}).out, HasSubstr("demo\n"));
  EXPECT_EQ(run({"enable", "demo"}).code, 0);
  EXPECT_EQ(run({"show"}).out, "module: demo - functions: a, b\n");
  write("1.1");
  EXPECT_EQ(run({"upgrade", source}).code, 0);
  EXPECT_EQ(run({"reinstall", source}).code, 0);
  EXPECT_THAT(run({"list"}).out, HasSubstr("1.1"));
  EXPECT_EQ(run({"disable", "demo"}).code, 0);
  EXPECT_EQ(run({"uninstall", "demo"}).code, 0);
  EXPECT_THAT(run({"reinstall", source}).err, HasSubstr("plugin demo not found!"));
  EXPECT_THAT(run({"install", "/nowhere"}).err, HasSubstr("plugin /nowhere not found!"));
  EXPECT_NE(run({"uninstall", "../etc"}).code, 0);
  EXPECT_TRUE(std::filesystem::exists(config));
}

TEST_F(Commands, TheDoctorNamesWhatIsWrongAndWhatMendsIt) {
  std::filesystem::create_directories(directory / "etc");
  append_to(config, R"({"account_key":"k","server_url":"http://127.0.0.1:1","state_dir":")" +
                        directory.path().string() +
                        R"(/state","nova-api":{"process":"no-such-process","log":"/no/such.log"}})");
  const Ran ran = run({"doctor"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("ok     configuration"));
  EXPECT_THAT(ran.out, HasSubstr("wrong  server http://127.0.0.1:1"));
  EXPECT_THAT(ran.out, HasSubstr("sentinella run"));
}

TEST_F(Commands, StatusWithoutARunningAgentSaysHowToStartOne) {
  std::filesystem::create_directories(directory / "etc");
  append_to(config, "{\"state_dir\":\"" + directory.path().string() + "\"}");
  const Ran ran = run({"status"});
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("sentinella run"));
}

TEST_F(Commands, MetricDocumentIsTheOneInDocs) {
  EXPECT_EQ(run({"metrics", "--markdown"}).out,
            content_of(std::string(SENTINELLA_SOURCE_DIR) + "/docs/metrics.md"))
      << "write docs/metrics.md anew: sentinella metrics --markdown > docs/metrics.md";
}

}  // namespace
}  // namespace sentinella::agent
