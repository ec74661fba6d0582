#include "agent/cli/init_dialogue.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

Finding found(const std::string& name, bool runs) {
  return {{.name = name, .enabled = runs, .process = name, .log = "/var/log/" + name + ".log", .check = {}},
          runs ? "pid 7" : ""};
}

struct Session {
  Result<InitAnswers> answers;
  std::string shown;
};

Session run(const std::string& typed, const std::vector<Finding>& findings) {
  std::istringstream in(typed);
  std::ostringstream out;
  auto answers = ask_configuration({"", "http://127.0.0.1:8420", {}}, findings, in, out);
  return {std::move(answers), out.str()};
}

TEST(InitDialogue, AsksInTheWordsOfTheFirstRelease) {
  const Session session =
      run("32j4u23iy4u23i\n\n\n\n\nn\n", {found("nova-api", false), found("nova-cert", false)});
  ASSERT_TRUE(session.answers) << describe(session.answers.error());
  EXPECT_EQ(session.shown,
            "Configure Sentinel.la agent\n"
            "Enter your Account Key []: "
            "Server URL [http://127.0.0.1:8420]: "
            "\nOpenStack configuration\n"
            "\nMonitor nova-api? [yes]: "
            "Name of the nova-api process [nova-api]: "
            "nova-api log file [/var/log/nova-api.log]: "
            "\nMonitor nova-cert? [yes]: ");
  const InitAnswers& answers = *session.answers;
  EXPECT_EQ(answers.account_key, "32j4u23iy4u23i");
  ASSERT_EQ(answers.services.size(), 2u);
  EXPECT_TRUE(answers.services[0].enabled);
  EXPECT_EQ(answers.services[0].log, "/var/log/nova-api.log");
  EXPECT_FALSE(answers.services[1].enabled);
}

TEST(InitDialogue, ProposesWhatRunsHereAndDeclinesWhatDoesNot) {
  const Session session = run("key\n\n\n\n\n\n", {found("nova-compute", true), found("nova-api", false)});
  ASSERT_TRUE(session.answers) << describe(session.answers.error());
  EXPECT_THAT(session.shown, HasSubstr("(nova-compute runs here: pid 7)\nMonitor nova-compute? [yes]: "));
  EXPECT_THAT(session.shown, HasSubstr("Monitor nova-api? [no]: "));
  EXPECT_TRUE(session.answers->services[0].enabled);
  EXPECT_FALSE(session.answers->services[1].enabled);
}

TEST(InitDialogue, BadAnswersAreAskedAgain) {
  const Session session =
      run("\nkey\nftp://x\nhttps://server:8420\nperhaps\ny\nother\nrelative.log\n/abs.log\n",
          {found("svc", true)});
  ASSERT_TRUE(session.answers) << describe(session.answers.error());
  EXPECT_EQ(session.answers->account_key, "key");
  EXPECT_EQ(session.answers->server_url, "https://server:8420");
  EXPECT_EQ(session.answers->services[0].process, "other");
  EXPECT_EQ(session.answers->services[0].log, "/abs.log");
  EXPECT_THAT(session.shown, HasSubstr("please answer yes or no"));
}

TEST(InitDialogue, EndOfInputWritesNothing) {
  EXPECT_FALSE(run("key\n", {found("svc", true)}).answers);
}

TEST(InitDialogue, FileHasTheShapeOfTheFirstRelease) {
  const Session session = run("key\n\n\n\n\nn\n", {found("nova-api", false), found("nova-cert", false)});
  const auto object = to_config_object(*session.answers, "/var/log/s.log", "");
  const auto loaded = parse_config(to_pretty_json(object));
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_FALSE(object.contains("state_dir"));
  EXPECT_EQ(object.at("nova-cert"), boost::json::value(false));
  EXPECT_EQ(object.at("nova-api").at("process"), "nova-api");
}

TEST(InitDialogue, SeveralLogsOfAServiceAreAListInTheFile) {
  InitAnswers answers{.account_key = "k", .server_url = "http://s", .ca_file = {}, .pinned_sha256 = {}};
  answers.services.push_back(found("libvirtd", true).service);
  answers.services[0].more_logs = {"/var/log/libvirt/qemu/*.log"};
  const auto loaded = parse_config(to_pretty_json(to_config_object(answers, "/var/log/s.log", "")));
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->config.services.at(0).logs(), answers.services[0].logs());
}

}  // namespace
}  // namespace sentinella::agent
