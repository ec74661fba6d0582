#include "codec/syslog_framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "codec/syslog_head.h"

namespace sentinella::codec {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

std::vector<std::string> messages_of(std::string_view stream, std::size_t step = 1'000,
                                     std::size_t max = 100) {
  std::vector<std::string> found;
  const auto sink = [&](std::string_view message, bool cut) {
    found.push_back(std::string(message) + (cut ? "[cut]" : ""));
  };
  SyslogFramer framer(max);
  std::string unread;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    unread.append(stream.substr(at, step));
    unread.erase(0, framer.read(unread, sink));
  }
  framer.finish(unread, sink);
  return found;
}

TEST(SyslogFraming, CountedAndLinesMayBeMixed) {
  EXPECT_THAT(messages_of("<13>one\n7 <13>two<14>three\r\n8 <15>four"),
              ElementsAre("<13>one", "<13>two", "<14>three", "<15>four"));
  EXPECT_THAT(messages_of("9 <13>a\nb\n\n<13>c\0\n"s), ElementsAre("<13>a\nb", "<13>c"));
}

TEST(SyslogFraming, AMessageThatIsTooLongIsCutAndTheNextIsWhole) {
  const std::string big(250, 'x'), kept = std::string(100, 'x') + "[cut]";
  EXPECT_THAT(messages_of("250 " + big + "3 <1>" + big + "\n<2>\n"), ElementsAre(kept, "<1>", kept, "<2>"));
}

TEST(SyslogFraming, WhatTheConnectionBrokeOffIsKept) {
  EXPECT_THAT(messages_of("<13>unfinished"), ElementsAre("<13>unfinished"));
  EXPECT_THAT(messages_of("50 <13>unfinished"), ElementsAre("<13>unfinished[cut]"));
  EXPECT_THAT(messages_of("50"), ElementsAre());
}

TEST(SyslogFraming, ItDoesNotMatterHowTheStreamIsCutUp) {
  EXPECT_TRUE(rc::check([] {
    const auto texts = *rc::gen::container<std::vector<std::string>>(
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(" ab<1\r"s))));
    std::string stream;
    for (const std::string& text : texts) {
      const std::string message = "<1>" + text;
      stream += *rc::gen::arbitrary<bool>() ? std::to_string(message.size()) + " " + message : message + "\n";
    }
    const auto whole = messages_of(stream);
    RC_ASSERT(messages_of(stream, *rc::gen::inRange(1, 9)) == whole);
    RC_ASSERT(whole.size() == texts.size());
  }));
}

TEST(SyslogHead, SaysWhoAndWhen) {
  const Time near{1'772'446'272'000'000'000};  // 2026-03-02T10:11:12Z
  const auto modern =
      scan_syslog_head("<163>1 2026-03-02T10:11:12.345Z cmp-17 nova-compute 2712 - - text", near);
  ASSERT_TRUE(modern);
  EXPECT_EQ(modern->host, "cmp-17");
  EXPECT_EQ(modern->tag, "nova-compute");
  EXPECT_EQ(modern->pid, 2712u);
  EXPECT_EQ(modern->severity, Severity::error);
  EXPECT_EQ(modern->text, "text");
  const auto old = scan_syslog_head("<34>Mar  2 10:11:12 cmp-17 sshd[12]: Accepted", near);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->tag, "sshd");
  EXPECT_FALSE(scan_syslog_head("<34>no head at all", near));
  EXPECT_EQ(syslog_severity("<34>no head at all"), Severity::critical);
  EXPECT_FALSE(syslog_severity("<999>x"));
}

}  // namespace
}  // namespace sentinella::codec
