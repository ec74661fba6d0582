// What the channels of other services send, by their documented forms.
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "net/testing.h"
#include "notify/alert_summary.h"
#include "notify/channel.h"
#include "notify/words.h"

namespace sentinella::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

Message message(const std::string& transition = "opened", const std::string& status = "open") {
  return {
      "0d1f",
      7,
      1,
      transition,
      R"({"id":"a-1","environment":"Production","resource":"c1/nova-compute","event":"ServiceDown","host":"c1",)"
      R"("service":["nova-compute"],"severity":"critical","tier":"page","text":"it died","status":")" +
          status +
          R"(","ruleId":"r","playbook":"# Do it","createTime":"2026-03-02T10:11:12.000Z",)"
          R"("updateTime":"2026-03-02T10:11:13.000Z","evidence":[{"text":"the last line"}],)"
          R"("together":{"total":40},"symptoms":3})",
      "https://watch.example/alerts/a-1",
      ""};
}

/// Answers every request alike and keeps them.
class Receiver {
 public:
  explicit Receiver(std::string body = "ok", int status = 202) {
    server_ = net::serve([this, body, status](net::Request request, net::Respond respond) {
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(std::move(request));
      }
      respond(net::text_response(body, status));
    });
  }
  Result<std::string> get(const std::string& kind, const std::string& settings, const Message& sent) {
    const auto channel = make_channel(kind, R"({"url":")" + net::url_of(*server_) + "\"" + settings + "}");
    if (!channel) return std::unexpected(channel.error());
    return (*channel)->deliver(sent);
  }
  net::Request last() {
    const std::scoped_lock lock(mutex_);
    return requests_.empty() ? net::Request() : requests_.back();
  }
  boost::json::object body() { return parse_json_object(last().body).value(); }

 private:
  std::mutex mutex_;
  std::vector<net::Request> requests_;
  std::unique_ptr<net::HttpServer> server_;
};

/// About forty alerts, of which the first twenty are listed, this one among them.
Message message_of_many() {
  std::string alerts =
      R"({"id":"a-1","event":"ServiceDown","resource":"c1/nova-compute","severity":"critical"})";
  for (int i = 2; i <= 20; ++i)
    alerts += fmt::format(
        R"(,{{"id":"a-{0}","event":"ServiceDown","resource":"c{0}/nova-compute","severity":"critical","status":"{1}",)"
        R"("text":"nova-compute on c{0} <died>"}})",
        i, i == 2 ? "closed" : "open");
  Message out = message();
  const std::string_view total = R"("total":40)";
  out.alert_json.insert(out.alert_json.find(total) + total.size(), R"(,"alerts":[)" + alerts + "]");
  return out;
}

TEST(Groups, AMessageForPeopleNamesTheOtherAlertsItIsAbout) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("opsgenie", R"(,"api_key":"K")", message_of_many()));
  const std::string text(receiver.body().at("description").as_string());
  EXPECT_THAT(
      text, HasSubstr("it died\n\n(closed) critical ServiceDown c2/nova-compute: nova-compute on c2 <died>\n"
                      "critical ServiceDown c3/nova-compute"));
  EXPECT_THAT(text, HasSubstr("c16/nova-compute"));
  EXPECT_THAT(text, Not(HasSubstr("c17/nova-compute")));
  EXPECT_THAT(text, HasSubstr("\n... and 24 more\n"));
  EXPECT_THAT(text, Not(HasSubstr("c1/nova-compute: "))) << "the alert itself";
  ASSERT_TRUE(receiver.get("slack", "", message_of_many()));
  EXPECT_THAT(receiver.last().body, HasSubstr("nova-compute on c9 &lt;died&gt;"));
  ASSERT_TRUE(receiver.get("alertmanager", "", message_of_many()));
  EXPECT_EQ(receiver.body().at("truncatedAlerts"), 39);
  const auto words = Words::read(parse_json_object(R"({"text":"{text}; also:\n{members}"})").value()).value();
  EXPECT_THAT(words.text(message_of_many(), summarise(message_of_many().alert_json)),
              HasSubstr("it died; also:\n(closed) critical ServiceDown c2"));
  const auto asked = Words::read(parse_json_object(R"({"title":"{owner}: {event}"})").value()).value();
  EXPECT_EQ(asked.title(message_of_many(), summarise(R"({"event":"ServiceDown","owner":"bob"})")),
            "bob: ServiceDown");
}

TEST(PagerDuty, TriggersAcknowledgesAndResolvesOneIncidentPerAlert) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("pagerduty", R"(,"routing_key":"K")", message()));
  auto body = receiver.body();
  EXPECT_EQ(body.at("event_action"), "trigger");
  EXPECT_EQ(body.at("dedup_key"), "a-1");
  EXPECT_EQ(body.at("routing_key"), "K");
  const auto payload = body.at("payload").as_object();
  EXPECT_EQ(payload.at("severity"), "critical");
  EXPECT_EQ(payload.at("source"), "c1");
  EXPECT_EQ(payload.at("summary"),
            "[CRITICAL] ServiceDown: c1/nova-compute and 39 more (3 alerts follow from it)");
  ASSERT_TRUE(receiver.get("pagerduty", R"(,"routing_key":"K")", message("status", "ack")));
  EXPECT_EQ(receiver.body().at("event_action"), "acknowledge");
  ASSERT_TRUE(receiver.get("pagerduty", R"(,"routing_key":"K")", message("closed", "closed")));
  EXPECT_EQ(receiver.body().at("event_action"), "resolve");
  EXPECT_EQ(receiver.body().at("dedup_key"), "a-1");
}

TEST(Opsgenie, OpensAndClosesByTheAlertsIdAsAlias) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("opsgenie", R"(,"api_key":"K")", message()));
  EXPECT_EQ(receiver.last().path, "/v2/alerts");
  EXPECT_EQ(receiver.last().headers.get("Authorization"), "GenieKey K");
  EXPECT_EQ(receiver.body().at("alias"), "a-1");
  EXPECT_EQ(receiver.body().at("priority"), "P1");
  ASSERT_TRUE(receiver.get("opsgenie", R"(,"api_key":"K")", message("closed", "closed")));
  EXPECT_EQ(receiver.last().path, "/v2/alerts/a-1/close");
  EXPECT_EQ(receiver.last().query, "identifierType=alias");
}

TEST(Teams, GetsAnAdaptiveCard) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("teams", "", message()));
  const auto attachment = receiver.body().at("attachments").as_array().at(0).as_object();
  EXPECT_EQ(attachment.at("contentType"), "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(attachment.at("content").as_object().at("body").as_array().at(0).as_object().at("color"),
            "Attention");
}

TEST(AlertmanagerWebhook, HasAlertmanagersFormVersionFour) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("alertmanager", "", message()));
  const auto body = receiver.body();
  EXPECT_EQ(body.at("version"), "4");
  EXPECT_EQ(body.at("status"), "firing");
  const auto alert = body.at("alerts").as_array().at(0).as_object();
  EXPECT_EQ(alert.at("labels").as_object().at("alertname"), "ServiceDown");
  EXPECT_EQ(alert.at("endsAt"), "0001-01-01T00:00:00Z");
  ASSERT_TRUE(receiver.get("alertmanager", "", message("closed", "closed")));
  EXPECT_EQ(receiver.body().at("status"), "resolved");
}

TEST(AlertmanagerWebhook, TheTeamOfOurRuleStandsBesideWhatTheAlertIsCalled) {
  Receiver receiver;
  const auto labels_of = [&](const std::string& fields) {
    Message sent = message();
    sent.alert_json.insert(1, fields);
    EXPECT_TRUE(receiver.get("alertmanager", "", sent));
    return receiver.body().at("alerts").as_array().at(0).as_object().at("labels").as_object();
  };
  const auto ours = labels_of(R"("labels":{"team":"storage","host":"c9"},"origin":"",)");
  EXPECT_EQ(ours.at("team"), "storage");
  EXPECT_EQ(ours.at("alertname"), "ServiceDown");
  EXPECT_EQ(ours.at("host"), "c9") << "the rule's own word";
  EXPECT_EQ(labels_of(R"("labels":{"device":"sda"},"origin":"prometheus/-",)").size(), 1u);
  EXPECT_EQ(labels_of(R"("labels":{"alertname":"Down"},)").size(), 1u);
}

TEST(MonascaWebhook, SaysStatesAsMonascaDoes) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("monasca", R"(,"bearer_token":"T")", message()));
  EXPECT_EQ(receiver.last().headers.get("Authorization"), "Bearer T");
  EXPECT_EQ(receiver.last().headers.get("X-OpenStack-Request-Id"), "req-0d1f");
  EXPECT_EQ(receiver.body(), parse_json_object(R"({"alarm_id":"a-1","alarm_definition_id":"r",
      "alarm_name":"ServiceDown","alarm_description":"c1/nova-compute","alarm_timestamp":1772446273,
      "state":"ALARM","old_state":"OK","message":"it died","tenant_id":"Production",
      "metrics":[{"id":null,"name":"ServiceDown","dimensions":{"hostname":"c1","service":"nova-compute",
      "resource":"c1/nova-compute","severity":"critical"}}]})")
                                 .value());
  ASSERT_TRUE(receiver.get("monasca", "", message("closed", "closed")));
  EXPECT_EQ(receiver.body().at("state"), "OK");
  EXPECT_EQ(receiver.body().at("old_state"), "ALARM");
}

TEST(AodhWebhook, SaysStatesAsAodhDoes) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("aodh", "", message()));
  EXPECT_EQ(receiver.body(),
            parse_json_object(R"({"alarm_name":"ServiceDown c1/nova-compute","alarm_id":"a-1",
      "severity":"critical","previous":"ok","current":"alarm","reason":"it died",
      "reason_data":{"type":"threshold","disposition":"outside","count":1,"most_recent":""}})")
                .value());
  ASSERT_TRUE(receiver.get("aodh", "", message("closed", "closed")));
  EXPECT_EQ(receiver.body().at("current"), "ok");
  EXPECT_EQ(receiver.body().at("reason_data").as_object().at("disposition"), "inside");
}

TEST(Thunderpush, IsGivenTheMessageForOneOfItsChannelsWithTheSecret) {
  Receiver receiver(R"({"count":2})", 200);
  const auto told =
      receiver.get("thunderpush", R"(,"api_key":"web","secret_key":"hush","channel":"tenant.7")", message());
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(receiver.last().path, "/api/1.0.0/web/channels/tenant.7/");
  EXPECT_EQ(receiver.last().headers.get("X-Thunder-Secret-Key"), "hush");
  const auto body = receiver.body();
  EXPECT_EQ(body.at("event"), "alert.opened");
  EXPECT_EQ(body.at("alert").as_object().at("id"), "a-1");
  Receiver refuses(R"({"message":"wrong key","status":401})", 401);
  const auto refused = refuses.get("thunderpush", R"(,"api_key":"web","secret_key":"wrong")", message());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("wrong\""), std::string::npos) << "no secret is quoted";
  EXPECT_EQ(refuses.last().path, "/api/1.0.0/web/channels/alerts/");
  for (const char* bad : {R"(,"api_key":"a/b","secret_key":"s")", R"(,"api_key":"..","secret_key":"s")",
                          R"(,"api_key":"a","secret_key":"s","channel":"x y")", R"(,"api_key":"a")"})
    EXPECT_FALSE(refuses.get("thunderpush", bad, message())) << bad;
}

TEST(SlackBot, ChangesItsMessageInPlace) {
  Receiver receiver(R"({"ok":true,"channel":"C9","ts":"1503435956.000247"})", 200);
  const auto first = receiver.get("slack_bot", R"(,"token":"xoxb","channel":"#ops")", message());
  ASSERT_TRUE(first);
  EXPECT_EQ(receiver.last().path, "/chat.postMessage");
  EXPECT_EQ(receiver.last().headers.get("Authorization"), "Bearer xoxb");
  Message next = message("closed", "closed");
  next.last_answer = *first;
  ASSERT_TRUE(receiver.get("slack_bot", R"(,"token":"xoxb","channel":"#ops")", next));
  EXPECT_EQ(receiver.last().path, "/chat.update");
  EXPECT_EQ(receiver.body().at("ts"), "1503435956.000247");
  EXPECT_EQ(receiver.body().at("channel"), "C9");
}

TEST(SlackBot, TellsALimitFromARefusal) {
  Receiver limited(R"({"ok":false,"error":"ratelimited"})", 200);
  Receiver refused(R"({"ok":false,"error":"channel_not_found"})", 200);
  const std::string settings = R"(,"token":"xoxb","channel":"#ops")";
  EXPECT_EQ(limited.get("slack_bot", settings, message()).error().code, Errc::kUnavailable);
  const auto error = refused.get("slack_bot", settings, message()).error();
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_THAT(error.message, HasSubstr("channel_not_found"));
}

TEST(Templates, WordTitleAndText) {
  Receiver receiver;
  ASSERT_TRUE(receiver.get("slack", R"(,"title":"{severity} {{x} {event}","text":"{host}: {text} <{url}>")",
                           message()));
  EXPECT_EQ(receiver.body().at("text"), "critical {x} ServiceDown");
  const auto attachment = receiver.body().at("attachments").as_array().at(0).as_object();
  EXPECT_THAT(std::string(attachment.at("text").as_string()),
              testing::StartsWith("c1: it died &lt;https://watch.example/alerts/a-1&gt;"));
}

TEST(Templates, AnUnknownFieldIsRefusedWhenTheChannelIsMade) {
  for (const char* bad : {"{evnet}", "{event", "{}"}) {
    const auto channel =
        make_channel("teams", fmt::format(R"({{"url":"http://127.0.0.1:9/","title":"{}"}})", bad));
    ASSERT_FALSE(channel) << bad;
    EXPECT_EQ(channel.error().field, "title");
  }
}

}  // namespace
}  // namespace sentinella::notify
