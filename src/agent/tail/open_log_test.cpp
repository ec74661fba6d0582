#include "agent/tail/open_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

TEST(OpenLogTest, AFileThatWasEmptyIsKnownByWhatWasReadOfIt) {
  const TemporaryDirectory directory;
  const auto path = directory / "svc.log";
  append_to(path, "");
  FileDescriptor file = open_file(path, O_RDONLY).value();
  const FileIdentity empty = identify(file.get()).value();
  OpenLog log(std::move(file), empty, 0, kSomeTime);
  append_to(path, "2026-11-21 10:00:00.000 7 INFO a.b [-] line 1\n");
  log.read(1 << 20, kSomeTime, [](codec::FramedRecord) {});
  EXPECT_TRUE(head_matches(log.fd(), log.identity()).value());
  EXPECT_GE(log.identity().head_size, kTellingHead);
}

}  // namespace
}  // namespace sentinella::agent
