#include "codec/log_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

TEST(LogTemplate, WhatVariesBecomesAHole) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Instance 3f0c2a7e-1111-4222-8333-944455556666 failed after 3 s", "Instance <*> failed after <*> s"},
      {"No valid host was found. ", "No valid host was found."},
      {"AMQP server on 10.0.0.5:5672 is unreachable: timed out. Trying again in 2 seconds.",
       "AMQP server on <*> is unreachable: timed out. Trying again in <*> seconds."},
      {"Deleting instance files /var/lib/nova/instances/abc_del", "Deleting instance files <*>"},
      {"GET http://a/b?x=y&z=w done", "GET <*> done"},
      {"host='cmp one', name=\"it's\" can't", "host=<*>, name=<*> can't"},
      {"wait for [('network-vif-plugged', 'x')] for instance", "wait for [(<*>, <*>)] for instance"},
      {"read/write and/or deadbeef beef", "read/write and/or <*> beef"},
      {"  a \t b\n\nc ", "a b c"},
      {"option ``noauth2``, ok", "option ``<*>``, ok"},
      {"an 'open quote", "an 'open quote"},
      {"line 'one\nline' two", "line 'one line' two"},
      {"café naïve", "café naïve"},
      {"request req-abcdef-x took 0.25s!", "request <*> took <*>!"},
      {"Why?! ... :", "Why?! ... :"},
      {"", ""},
      {"/ - --", "/ - --"},
  };
  for (const auto& [message, expected] : cases) EXPECT_EQ(log_template(message), expected) << message;
}

TEST(LogTemplate, MessagesThatDifferInIdsShareAnIdAndOthersDoNot) {
  EXPECT_EQ(log_template_id("Took 1.5 seconds to build 7855ebe6-1bf4-4202-9f81-27ec8d69fcd1"),
            log_template_id("Took 22 seconds to build aaf02bd3-819e-462e-84df-4ed227888291"));
  EXPECT_NE(log_template_id("Took 1.5 seconds to build it"), log_template_id("Took 1.5 seconds to spawn it"));
  EXPECT_NE(log_template_id(""), 0u);
}

TEST(LogTemplate, TheIdIsTheHashOfTheTemplateOnEveryMachine) {
  // XXH3_64bits of "Instance <*> failed after <*> s": a change here is a change of the format on disk.
  EXPECT_EQ(log_template_id("Instance 3f0c failed after 3 s"), 0x091fae54ef120763u);
  EXPECT_EQ(log_template_id("Instance <*> failed after <*> s"),
            log_template_id("Instance 1 failed after 2 s"));
}

TEST(LogTemplate, ATextFullOfQuotesIsStillFast) {
  std::string hostile;
  for (int i = 0; i < 200'000; ++i) hostile += i % 2 ? " 'a" : " \"b";
  const std::string result = log_template(hostile);
  EXPECT_EQ(result.size(), hostile.size() - 1);
}

}  // namespace
}  // namespace sentinella::codec
