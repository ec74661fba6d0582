#include "agent/tail/journal_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kCursor =
    "s=0639c0a6ba3f4a58b8f4d7c0b7d3a4f1;i=4f2a;b=aa11bb22cc33dd44ee55ff6600112233;m=9f1a2b3c;t=5b8d3a2f1c0de;"
    "x=12ab34cd";

TEST(Journal, AServicesEntriesAreItsOwnAndWhatSystemdSaysOfItsUnit) {
  EXPECT_THAT(journal_terms("journal", "nova-compute"),
              ElementsAre(ElementsAre("_SYSTEMD_UNIT=nova-compute.service"),
                          ElementsAre("UNIT=nova-compute.service", "_PID=1")));
  EXPECT_THAT(journal_terms("journal:devstack@n-cpu.service", "nova-compute")[0],
              ElementsAre("_SYSTEMD_UNIT=devstack@n-cpu.service"));
  EXPECT_THAT(journal_terms("journal:CONTAINER_NAME=nova_compute", "nova-compute"),
              ElementsAre(ElementsAre("CONTAINER_NAME=nova_compute")));
  EXPECT_TRUE(is_journal("journal") && is_journal("journal:x"));
  EXPECT_FALSE(is_journal("journal:") || is_journal("/var/log/journal") || is_journal(""));
}

TEST(Journal, APlaceInItSurvivesTheWayThroughPositions) {
  const auto position = position_of_cursor(kCursor);
  ASSERT_TRUE(position);
  EXPECT_EQ(position->offset, 0x4f2au);
  const auto decoded = decode_positions(encode_positions({*position}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(cursor_of_position(decoded->front()),
            "s=0639c0a6ba3f4a58b8f4d7c0b7d3a4f1;i=4f2a;t=5b8d3a2f1c0de");
}

TEST(Journal, WhatIsNoCursorIsNotTakenForOne) {
  for (const char* text :
       {"", "s=12;i=1", "i=4f2a;t=1", "s=0639c0a6ba3f4a58b8f4d7c0b7d3a4fg;i=1", "nonsense"})
    EXPECT_FALSE(position_of_cursor(text)) << text;
}

TEST(Journal, APlaceBeforeTheFirstEntryIsATime) {
  FilePosition position;
  position.file.head_hash = 0x1234;
  EXPECT_EQ(cursor_of_position(position), "t=1234");
}

TEST(Journal, AnEntryTravelsAsTheJournalsOwnJson) {
  EXPECT_EQ(journal_line({{"MESSAGE", "two\n\"lines\""}, {"PRIORITY", "3"}}, kSomeTime),
            R"({"__REALTIME_TIMESTAMP":"1790000000000000","MESSAGE":"two\n\"lines\"","PRIORITY":"3"})");
}

}  // namespace
}  // namespace sentinella::agent
