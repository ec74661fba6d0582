// What each kind of channel sends, and what it makes of the answers.
#include <map>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "net/testing.h"
#include "notify/alert_summary.h"
#include "notify/channel.h"
#include "notify/fake_mail_server.h"
#include "notify/mail_message.h"
#include "notify/slack.h"

namespace sentinella::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Message message(const std::string& transition = "opened") {
  return {
      "0d1f",
      7,
      2,
      transition,
      R"({"id":"a-1","environment":"Production","resource":"c1/nova-compute","event":"ServiceDown",)"
      R"("severity":"critical","tier":"page","text":"it <died> & \"stays\" so","ruleId":"r","playbook":"# Do\n.it",)"
      R"("updateTime":"2026-03-02T10:11:12.345Z","evidence":[{"text":"line `one` <x>"}]})",
      "https://watch.example/alerts/a-1",
      ""};
}

struct Received {
  std::mutex mutex;
  std::vector<net::Request> requests;
};

std::unique_ptr<net::HttpServer> answer(Received& received, int status, std::string body = "ok") {
  return net::serve([&, status, body](net::Request request, net::Respond respond) {
    {
      const std::scoped_lock lock(received.mutex);
      received.requests.push_back(std::move(request));
    }
    respond(net::text_response(body, status));
  });
}

TEST(AlertLink, LeadsToTheTimeAroundTheAlert) {
  const auto link = [](std::string_view json) {
    return link_to("https://watch.example", "a-1", summarise(json));
  };
  EXPECT_EQ(link(R"({"createTime":"2026-03-02T10:11:12Z","updateTime":"2026-03-02T10:12:00Z",)"
                 R"("lastReceiveTime":"2026-03-02T12:00:00Z"})"),
            "https://watch.example/alerts/a-1?from=2026-03-02T09:11:12.000Z&to=2026-03-02T12:15:00.000Z");
  EXPECT_EQ(link(R"({"createTime":"2026-03-02T10:11:12Z"})"),
            "https://watch.example/alerts/a-1?from=2026-03-02T09:11:12.000Z&to=2026-03-02T10:26:12.000Z");
  EXPECT_EQ(link("{}"), "https://watch.example/alerts/a-1");
}

TEST(Webhook, PostsTheAlertSignedAndNamed) {
  Received received;
  const auto server = answer(received, 200);
  const auto channel = make_channel(
      "webhook", fmt::format(R"({{"url":"{}","secret":"s3cret"}})", net::url_of(*server, "/hook")));
  ASSERT_TRUE(channel) << channel.error().message;
  ASSERT_TRUE((*channel)->deliver(message()));
  ASSERT_EQ(received.requests.size(), 1u);
  const net::Request& request = received.requests[0];
  EXPECT_EQ(request.path, "/hook");
  EXPECT_EQ(request.headers.get("X-Sentinella-Delivery"), "0d1f");
  EXPECT_EQ(request.headers.get("X-Sentinella-Signature"),
            "sha256=" + to_hex(hmac_sha256("s3cret", request.body)));
  const auto body = parse_json_object(request.body);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->at("event").as_string(), "alert.opened");
  EXPECT_EQ(body->at("seq").to_number<int>(), 7);
  EXPECT_EQ(body->at("attempt").to_number<int>(), 2);
  EXPECT_EQ(body->at("delivery_id").as_string(), "0d1f");
  EXPECT_EQ(body->at("alert").as_object().at("id").as_string(), "a-1");
  EXPECT_EQ(body->at("alert_url").as_string(), "https://watch.example/alerts/a-1");
  EXPECT_EQ(body->at("playbook").as_string(), "# Do\n.it");
}

TEST(Webhook, OnlyAnswersThatMayChangeAreTriedAgain) {
  for (const auto& [status, code] : {std::pair(500, Errc::kUnavailable),
                                     {503, Errc::kUnavailable},
                                     {429, Errc::kUnavailable},
                                     {408, Errc::kUnavailable},
                                     {400, Errc::kInvalid},
                                     {401, Errc::kForbidden},
                                     {404, Errc::kNotFound},
                                     {410, Errc::kNotFound},
                                     {301, Errc::kInvalid}}) {
    Received received;
    const auto server = answer(received, status, "because");
    const auto channel = make_channel("webhook", fmt::format(R"({{"url":"{}"}})", net::url_of(*server)));
    const auto result = (*channel)->deliver(message());
    ASSERT_FALSE(result) << status;
    EXPECT_EQ(result.error().code, code) << status;
    EXPECT_THAT(result.error().message, HasSubstr("because"));
  }
}

TEST(Channel, BadSettingsNameTheFieldAndNeverTheSecret) {
  for (const auto& [kind, settings, field] : std::initializer_list<std::array<const char*, 3>>{
           {"pager", "{}", "kind"},
           {"webhook", "{}", "url"},
           {"webhook", R"({"url":"ftp://x"})", "url"},
           {"webhook", R"({"url":"http://x","timeout_seconds":0})", "timeout_seconds"},
           {"slack", R"({"url":"hooks.slack.com/T0/B0/hush"})", "url"},
           {"smtp", R"({"host":"m","from":"a@b","to":["x@y\r\nRCPT"],"password":"hush"})", "to"},
           {"smtp", R"({"host":"m","from":"a b@c","to":["x@y"]})", "from"},
           {"smtp",
            R"({"host":"m","from":"a@b","to":["x@y"],"username":"u","password":"hush","security":"none"})",
            "security"},
           {"smtp", R"({"host":"m","from":"a@b","to":[]})", "to"},
           {"smtp", R"({"host":"m","from":"a@b","to":["x@y"],"port":0})", "port"}}) {
    const auto channel = make_channel(kind, settings);
    ASSERT_FALSE(channel) << settings;
    EXPECT_EQ(channel.error().field, field) << settings;
    EXPECT_THAT(channel.error().message, Not(HasSubstr("hush")));
  }
  EXPECT_EQ(make_channel("webhook", R"({"url":"http://x","sekret":"a"})").error().code, Errc::kInvalid);
}

TEST(Slack, TextCannotBecomeMarkup) {
  const auto payload = parse_json_object(slack_payload(message()));
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->at("text").as_string(), "[CRITICAL] ServiceDown: c1/nova-compute");
  const auto& attachment = payload->at("attachments").as_array().at(0).as_object();
  EXPECT_EQ(attachment.at("color").as_string(), "#c62828");
  EXPECT_EQ(attachment.at("title_link").as_string(), "https://watch.example/alerts/a-1");
  EXPECT_EQ(std::string(attachment.at("text").as_string()),
            "it &lt;died&gt; &amp; \"stays\" so\n```\nline 'one' &lt;x&gt;\n```");
}

TEST(Slack, AClosedAlertIsGreenAndShort) {
  const auto payload = parse_json_object(slack_payload(message("closed")));
  EXPECT_EQ(payload->at("text").as_string(), "[CLOSED] ServiceDown: c1/nova-compute");
  const auto& attachment = payload->at("attachments").as_array().at(0).as_object();
  EXPECT_EQ(attachment.at("color").as_string(), "#2e7d32");
  EXPECT_THAT(std::string(attachment.at("text").as_string()), Not(HasSubstr("```")));
}

TEST(Mail, IsOneThreadPerAlertWithTwoReadableParts) {
  const std::string mail = mail_message(message(), "watch@example.org", {"a@example.org", "b@example.org"});
  for (const char* line :
       {"From: watch@example.org\r\n", "To: a@example.org,\r\n b@example.org\r\n",
        "Subject: [CRITICAL] ServiceDown: c1/nova-compute\r\n", "Date: Mon, 02 Mar 2026 10:11:12 +0000\r\n",
        "Message-ID: <0d1f@example.org>\r\n", "References: <alert-a-1@example.org>\r\n",
        "Auto-Submitted: auto-generated\r\n", "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/html; charset=utf-8\r\n"})
    EXPECT_THAT(mail, HasSubstr(line));
  const std::size_t begin = mail.find("\r\n\r\n", mail.find("text/html")) + 4;
  std::string code = mail.substr(begin, mail.find("\r\n\r\n", begin) - begin);
  std::erase_if(code, [](char c) { return c == '\r' || c == '\n'; });
  EXPECT_THAT(from_base64(code).value_or(""), HasSubstr("it &lt;died&gt; &amp; &quot;stays&quot; so"));
}

TEST(Mail, NoTextOfAnAlertBecomesAHeader) {
  Message m = message();
  m.alert_json = R"({"id":"x>\r\nBcc: evil@x","event":"E\r\nBcc: evil@x","resource":"ü","severity":"major"})";
  m.delivery_id = "d\r\nBcc: evil@x";
  const std::string mail = mail_message(m, "a@b", {"c@d"});
  EXPECT_THAT(mail, Not(HasSubstr("\nBcc")));
  EXPECT_THAT(mail, HasSubstr("Subject: =?UTF-8?B?"));
}

TEST(Mail, LinesThatBeginWithADotGetAnother) {
  EXPECT_EQ(dot_stuffed(".a\r\nb.\r\n..\r\n"), "..a\r\nb.\r\n...\r\n.\r\n");
  EXPECT_EQ(dot_stuffed("x"), "x\r\n.\r\n");
}

Result<std::string> send_mail(std::uint16_t port, const std::string& extra = "") {
  const auto channel = make_channel(
      "smtp",
      fmt::format(
          R"({{"host":"127.0.0.1","port":{},"security":"none","from":"w@x.org","to":["a@x.org","b@x.org"]{}}})",
          port, extra));
  if (!channel) return std::unexpected(channel.error());
  return (*channel)->deliver(message());
}

TEST(Smtp, SpeaksTheProtocolInOrder) {
  FakeMailServer server(
      {{"EHLO", "250-mail.example\r\n250-SIZE 1000\r\n250 AUTH LOGIN PLAIN"}, {".", "250 queued as 7"}});
  const auto sent = send_mail(server.port(), R"(,"username":"u","password":"p")");
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_THAT(*sent, HasSubstr("queued as 7"));
  const auto lines = server.said();
  ASSERT_GT(lines.size(), 8u);
  EXPECT_THAT(std::vector(lines.begin(), lines.begin() + 6),
              ElementsAre("EHLO sentinella", "AUTH PLAIN " + to_base64(std::string("\0u\0p", 4)),
                          "MAIL FROM:<w@x.org>", "RCPT TO:<a@x.org>", "RCPT TO:<b@x.org>", "DATA"));
  EXPECT_EQ(lines.back(), "QUIT");
  EXPECT_EQ(lines[lines.size() - 2], ".");
}

TEST(Smtp, FallsBackToLogin) {
  FakeMailServer server(Replies{{"EHLO", "250-x\r\n250 AUTH LOGIN"},
                                {"AUTH", "334 VXNlcm5hbWU6"},
                                {to_base64("u"), "334 UGFzc3dvcmQ6"},
                                {to_base64("p"), "235 welcome"}});
  EXPECT_TRUE(send_mail(server.port(), R"(,"username":"u","password":"p")"));
}

TEST(Smtp, TemporaryRefusalsAreTriedAgainAndPermanentOnesAreNot) {
  for (const auto& [word, reply, code] : std::initializer_list<std::tuple<const char*, const char*, Errc>>{
           {"MAIL", "451 later", Errc::kUnavailable},
           {"MAIL", "550 no", Errc::kInvalid},
           {"RCPT", "450 busy", Errc::kUnavailable},
           {"RCPT", "550 unknown", Errc::kInvalid},
           {".", "554 spam", Errc::kInvalid},
           {"EHLO", "nonsense", Errc::kUnavailable}}) {
    FakeMailServer server(Replies{{word, reply}});
    const auto sent = send_mail(server.port());
    ASSERT_FALSE(sent) << word << reply;
    EXPECT_EQ(sent.error().code, code) << word << reply;
  }
}

TEST(Smtp, WrongCredentialsAreForGoodAndNeverQuoted) {
  FakeMailServer server(Replies{{"EHLO", "250-x\r\n250 AUTH PLAIN"}, {"AUTH", "535 no"}});
  const auto sent = send_mail(server.port(), R"(,"username":"u","password":"hush-hush")");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Errc::kForbidden);
  EXPECT_THAT(sent.error().message, Not(HasSubstr("hush")));
}

TEST(Smtp, OneRefusedRecipientDoesNotKeepTheMailFromTheOthers) {
  FakeMailServer server(Replies{{"RCPT TO:<a@x.org>", "550 unknown"}, {".", "250 queued"}});
  const auto sent = send_mail(server.port());
  ASSERT_TRUE(sent);
  EXPECT_THAT(*sent, HasSubstr("recipient a@x.org"));
}

TEST(Smtp, WithoutStarttlsNothingIsSent) {
  FakeMailServer server(Replies{{"EHLO", "250 x"}});
  const auto channel = make_channel(
      "smtp",
      fmt::format(R"({{"host":"127.0.0.1","port":{},"from":"w@x.org","to":["a@x.org"]}})", server.port()));
  const auto sent = (*channel)->deliver(message());
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, HasSubstr("no STARTTLS"));
  EXPECT_THAT(server.said(), ElementsAre("EHLO sentinella"));
}

}  // namespace
}  // namespace sentinella::notify
