#include "codec/secret_mask.h"

#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

std::string masked(std::string text) {
  const std::string before = text;
  const bool changed = mask_secrets(text);
  EXPECT_EQ(changed, text != before);
  return text;
}

const std::string kToken = "gAAAAABm2zT8" + std::string(170, 'x') + "-_Q==";

TEST(SecretMask, PasswordsInAddressesOfBrokersAndDatabasesGo) {
  EXPECT_EQ(masked("DB mysql+pymysql://nova:s3cr@t!x@10.0.0.1/nova?charset=utf8 is away"),
            "DB mysql+pymysql://nova:***@10.0.0.1/nova?charset=utf8 is away");
  EXPECT_EQ(masked("transport_url = rabbit://openstack:abc@ctl-1:5672,openstack:def@ctl-2:5672//nova"),
            "transport_url = rabbit://openstack:***@ctl-1:5672,openstack:***@ctl-2:5672//nova");
  EXPECT_EQ(masked("'amqp://u:p@h'"), "'amqp://u:***@h'");
}

TEST(SecretMask, NamedSecretsGoInEveryNotation) {
  EXPECT_EQ(masked("neutron.admin_password = hunter2"), "neutron.admin_password = ***");
  EXPECT_EQ(masked("[keystone_authtoken] password=hunter2, username=nova"),
            "[keystone_authtoken] password=***, username=nova");
  EXPECT_EQ(masked(R"({"server": {"adminPass": "T7mXQ", "id": "1"}})"),
            R"({"server": {"adminPass": "***", "id": "1"}})");
  EXPECT_EQ(masked("{'password': u'a b, c', 'name': 'x'}"), "{'password': u'***', 'name': 'x'}");
  EXPECT_EQ(masked(R"(body: "{\"password\": \"abc\", \"n\": 1}")"),
            R"(body: "{\"password\": \"***\", \"n\": 1}")");
  EXPECT_EQ(masked("POST /x?api_key=abc&limit=1"), "POST /x?api_key=***&limit=1");
  EXPECT_EQ(masked("admin_secret: 'abc'"), "admin_secret: '***'");
}

TEST(SecretMask, TokensGoWhereverTheyStand) {
  EXPECT_EQ(masked("-H \"X-Auth-Token: " + kToken + "\" -H \"Accept: application/json\""),
            "-H \"X-Auth-Token: ***\" -H \"Accept: application/json\"");
  EXPECT_EQ(masked("token " + kToken + " is not known"), "token *** is not known");
  EXPECT_EQ(masked("http://" + kToken + ":x@h/"), "http://***:***@h/");
  EXPECT_EQ(masked("X-Subject-Token: 0f1e2d3c4b5a69788796a5b4c3d2e1f0"), "X-Subject-Token: ***");
}

TEST(SecretMask, WhatIsNoSecretStaysAsItIs) {
  for (const char* line :
       {"2026-11-21 10:05:10.130 14606 ERROR nova.compute.manager [req-1 - - - - -] failed at 10:05",
        "GET http://10.0.0.1:8774/v2.1/servers?limit=1 HTTP/1.1", "see https://docs.openstack.org/a:b@c",
        "Invalid password: too short", "-H \"X-Auth-Token: {SHA256}3f0a5b\"", "password=***", "password=None",
        "the secret is out", "password", "password=", "token gAAAAB is short", "://", "a://:@",
        "'password': ''", "tcp://[::1]:5672", "admin_password = <SANITIZED>"})
    EXPECT_EQ(masked(line), line);
}

TEST(SecretMask, DoingItAgainChangesNothing) {
  std::string text = "rabbit://a:b@c,d:e@f password='x' X-Auth-Token: y " + kToken;
  EXPECT_TRUE(mask_secrets(text));
  const std::string once = text;
  EXPECT_FALSE(mask_secrets(text));
  EXPECT_EQ(text, once);
}

}  // namespace
}  // namespace sentinella::codec
