#include "agent/tail/log_source.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/testing.h"
#include "base/compress.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string line(int number) {
  return fmt::format("2026-11-21 10:00:00.000 7 INFO a.b [-] line {}\n", number);
}

class LogSourceTest : public ::testing::Test {
 protected:
  void SetUp() override { restart(PositionTable()); }
  void restart(const PositionTable& table) {
    source.emplace(log);
    source->start(table, now);
  }
  /// The numbers of the lines that came since the last call.
  std::vector<int> read() {
    const auto sink = [&](codec::FramedRecord record) {
      texts.push_back(record.text);
      history += record.history;
      const std::size_t at = record.text.rfind("line ");
      numbers.push_back(at == std::string::npos ? -1 : std::stoi(record.text.substr(at + 5)));
    };
    now = now + 1s;
    source->check(now, sink);
    source->read(1 << 20, now, sink);
    source->flush(Time{INT64_MAX}, sink);
    return std::exchange(numbers, {});
  }
  PositionTable positions() {
    PositionTable table;
    table.mark_known(log);
    for (const FilePosition& position : source->positions()) table.merge(position);
    return table;
  }

  TemporaryDirectory directory;
  std::string log = directory / "svc.log";
  Time now = kSomeTime;
  std::optional<LogSource> source;
  std::vector<int> numbers;
  int history = 0;
  std::vector<std::string> texts;
};

TEST_F(LogSourceTest, AtFirstSightTheLastLinesComeMarkedAsHistory) {
  append_to(log, line(1) + line(2));
  restart(PositionTable());
  EXPECT_THAT(read(), ElementsAre(1, 2));
  EXPECT_EQ(history, 2);
  append_to(log, line(3));
  EXPECT_THAT(read(), ElementsAre(3));
  EXPECT_EQ(history, 2);
}

TEST_F(LogSourceTest, HistoryIsBounded) {
  std::string much;
  for (int i = 1; i <= 2000; ++i) much += line(i);
  append_to(log, much);
  restart(PositionTable());
  const auto numbers_read = read();
  EXPECT_EQ(numbers_read.back(), 2000);
  EXPECT_GT(numbers_read.front(), 1000);
  EXPECT_EQ(history, static_cast<int>(numbers_read.size()));
}

TEST_F(LogSourceTest, FileThatAppearsLaterIsReadFromItsBeginning) {
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(source->problem(), HasSubstr("does not exist"));
  append_to(log, line(1));
  EXPECT_THAT(read(), ElementsAre(1));
  EXPECT_EQ(source->problem(), "");
}

TEST_F(LogSourceTest, LineWrittenInPiecesIsOneRecord) {
  append_to(log, "");
  read();
  append_to(log, line(1).substr(0, 30));
  EXPECT_THAT(read(), IsEmpty());
  append_to(log, line(1).substr(30));
  EXPECT_THAT(read(), ElementsAre(1));
}

TEST_F(LogSourceTest, RenamedFileIsReadToItsEndThenTheNewOne) {
  append_to(log, line(1));
  read();
  append_to(log, line(2));
  std::filesystem::rename(log, log + ".1");
  append_to(log, line(4));
  append_to(log + ".1", line(3));  // the service has not noticed the rotation yet
  EXPECT_THAT(read(), ElementsAre(2, 3, 4));
  append_to(log + ".1", line(5));
  append_to(log, line(6));
  EXPECT_THAT(read(), ElementsAre(5, 6));
  now = now + 60s;
  read();
  append_to(log + ".1", line(7));
  EXPECT_THAT(read(), IsEmpty()) << "half a minute of silence: the old file is closed";
}

TEST_F(LogSourceTest, QuietLogIsStillReadForHalfAMinuteAfterItsRotation) {
  append_to(log, line(1));
  read();
  now = now + 600s;
  std::filesystem::rename(log, log + ".1");
  append_to(log, line(2));
  EXPECT_THAT(read(), ElementsAre(2));
  append_to(log + ".1", line(3));
  EXPECT_THAT(read(), ElementsAre(3));
}

TEST_F(LogSourceTest, FileThatComesBackIsNotReadTwice) {
  append_to(log, line(1));
  EXPECT_THAT(read(), ElementsAre(1));
  for (const Duration away : {1s, 60s}) {
    std::filesystem::rename(log, log + ".away");
    EXPECT_THAT(read(), IsEmpty());
    now = now + away;
    EXPECT_THAT(read(), IsEmpty());
    std::filesystem::rename(log + ".away", log);
    EXPECT_THAT(read(), IsEmpty()) << "after " << away.count();
  }
  append_to(log, line(2));
  EXPECT_THAT(read(), ElementsAre(2));
}

TEST_F(LogSourceTest, RotationTakenBackGoesOnInTheOldFile) {
  append_to(log, line(1));
  read();
  std::filesystem::rename(log, log + ".1");
  append_to(log, line(2));
  EXPECT_THAT(read(), ElementsAre(2));
  std::filesystem::rename(log + ".1", log);
  append_to(log, line(3));
  EXPECT_THAT(read(), ElementsAre(3));
}

TEST_F(LogSourceTest, PathThatCannotBeLookedAtForAWhileIsNotReadTwice) {
  const auto folder = directory / "folder";
  std::filesystem::create_directory(folder);
  log = folder / "svc.log";
  append_to(log, line(1));
  restart(positions());
  EXPECT_THAT(read(), ElementsAre(1));
  std::filesystem::rename(folder, directory / "away");
  append_to(folder, "a file where a folder is expected");
  now = now + 60s;
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_NE(source->problem(), "");
  std::filesystem::remove(folder);
  std::filesystem::rename(directory / "away", folder);
  append_to(log, line(2));
  EXPECT_THAT(read(), ElementsAre(2));
  EXPECT_EQ(source->problem(), "");
}

TEST_F(LogSourceTest, FileThatCouldNotBeOpenedAtTheStartIsSeenForTheFirstTimeLater) {
  std::filesystem::create_symlink(log, log);  // ELOOP: refused to root, too
  restart(PositionTable());
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_TRUE(source->awaits_first_sight());
  std::filesystem::remove(log);
  append_to(log, line(1) + line(2));
  EXPECT_THAT(read(), ElementsAre(1, 2));
  EXPECT_EQ(history, 2);
  EXPECT_FALSE(source->awaits_first_sight());
}

TEST_F(LogSourceTest, EmptiedFileIsReadFromItsBeginning) {
  append_to(log, line(1));
  read();
  append_to(log, line(2) + line(3));
  EXPECT_THAT(read(), ElementsAre(2, 3));
  std::filesystem::resize_file(log, 0);
  append_to(log, line(4));
  EXPECT_THAT(read(), ElementsAre(4));
}

TEST_F(LogSourceTest, EmptiedFileIsNoticedThoughItHasGrownOverItsOldSize) {
  append_to(log, line(1));
  read();
  std::filesystem::resize_file(log, 0);
  append_to(log, line(10) + line(11) + line(12));
  EXPECT_THAT(read(), ElementsAre(10, 11, 12));
}

TEST_F(LogSourceTest, HoleLeftByAWriterThatDoesNotAppendIsSkipped) {
  append_to(log, line(1));
  read();
  std::filesystem::resize_file(log, 0);
  std::filesystem::resize_file(log, 1 << 20);
  append_to(log, line(2));
  EXPECT_THAT(read(), ElementsAre(2));
  EXPECT_THAT(texts.back(), ::testing::StartsWith("2026"));
}

TEST_F(LogSourceTest, DeletedFileIsReadToItsEndAndANewOneFromItsBeginning) {
  append_to(log, line(1));
  read();
  append_to(log, line(2));
  std::filesystem::remove(log);
  EXPECT_THAT(read(), ElementsAre(2));
  append_to(log, line(3));
  EXPECT_THAT(read(), ElementsAre(3));
}

TEST_F(LogSourceTest, RestartGoesOnWhereReadingStopped) {
  append_to(log, line(1));
  read();
  append_to(log, line(2));
  EXPECT_THAT(read(), ElementsAre(2));
  const PositionTable table = positions();
  append_to(log, line(3));
  restart(table);
  EXPECT_THAT(read(), ElementsAre(3));
}

TEST_F(LogSourceTest, RestartAfterARotationReadsTheRestOfTheOldFileFirst) {
  append_to(log, line(1));
  read();
  const PositionTable table = positions();
  append_to(log, line(2));
  std::filesystem::rename(log, log + ".1");
  append_to(log, line(3));
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2, 3));
}

TEST_F(LogSourceTest, RestartAfterTheFileWasEmptiedReadsItWhole) {
  append_to(log, line(1) + line(2));
  read();
  const PositionTable table = positions();
  std::filesystem::resize_file(log, 0);
  append_to(log, line(7) + line(8) + line(9));
  restart(table);
  EXPECT_THAT(read(), ElementsAre(7, 8, 9));
}

/// As logrotate's copytruncate does, one second later than whatever was before.
void copy_and_empty(const std::string& log, const std::string& copy) {
  std::filesystem::copy_file(log, copy);
  std::filesystem::resize_file(log, 0);
}

/// Rotations in a test are quicker than the file system's clock.
void make_younger(const std::string& path, int seconds) {
  std::filesystem::last_write_time(path,
                                   std::filesystem::last_write_time(path) + std::chrono::seconds(seconds));
}

TEST_F(LogSourceTest, PositionTakenWhileARecordIsHandedOverLeavesOutTheLineThatFollows) {
  append_to(log, line(1));
  read();
  append_to(log, line(2) + line(3));
  std::vector<std::uint64_t> positions_then;
  const auto sink = [&](codec::FramedRecord) { positions_then.push_back(source->positions()[0].offset); };
  source->read(1 << 20, now, sink);
  EXPECT_THAT(positions_then, ElementsAre(2 * line(1).size())) << "line 3 is not handed over yet";
}

TEST_F(LogSourceTest, RestOfALogThatWasCopiedAndEmptiedIsReadFromTheCopy) {
  append_to(log, line(1));
  read();
  append_to(log, line(2) + line(3));
  copy_and_empty(log, log + ".1");
  append_to(log, line(4));
  EXPECT_THAT(read(), ElementsAre(2, 3, 4));
  append_to(log, line(5));
  EXPECT_THAT(read(), ElementsAre(5));
}

TEST_F(LogSourceTest, CopyThatWasReadInFullIsNotReadTwice) {
  append_to(log, line(1) + line(2));
  EXPECT_THAT(read(), ElementsAre(1, 2));
  copy_and_empty(log, log + ".1");
  append_to(log, line(3));
  EXPECT_THAT(read(), ElementsAre(3));
}

TEST_F(LogSourceTest, OpenRecordOfAnEmptiedLogComesOnceAndWholeFromTheCopy) {
  append_to(log, line(1));
  read();
  append_to(log, line(2));
  std::vector<std::string> handed;
  const auto sink = [&](codec::FramedRecord record) { handed.push_back(record.text); };
  source->read(1 << 20, now, sink);
  ASSERT_THAT(handed, IsEmpty()) << "the framer waits for a traceback";
  append_to(log, line(3));
  copy_and_empty(log, log + ".1");
  append_to(log, line(4));
  EXPECT_THAT(read(), ElementsAre(2, 3, 4));
}

TEST_F(LogSourceTest, RestartAfterCopiesReadsAllThatWasNotRead) {
  append_to(log, line(1));
  read();
  const PositionTable table = positions();
  append_to(log, line(2));
  copy_and_empty(log, log + ".2");
  append_to(log, line(3));
  copy_and_empty(log, log + ".1");
  make_younger(log + ".1", 2);
  append_to(log, line(4));
  make_younger(log, 4);
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2, 3, 4));
}

TEST_F(LogSourceTest, LogThatWasEmptyWhenItsPositionWasSavedIsReadFromItsCopyToo) {
  append_to(log, "");
  read();
  PositionTable table = positions();
  append_to(log + ".3", line(0));  // of a time before the agent
  make_younger(log + ".3", -60);
  append_to(log, line(1) + line(2));
  copy_and_empty(log, log + ".1");
  make_younger(log + ".1", 1);
  append_to(log, line(3));
  make_younger(log, 2);
  // Other logs' batches were acknowledged, this one's were not.
  const auto saved = std::filesystem::last_write_time(log).time_since_epoch();
  table.set_saved(Time{std::chrono::duration_cast<Duration>(saved).count()} + 1h);
  restart(table);
  EXPECT_THAT(read(), ElementsAre(1, 2, 3));
}

TEST_F(LogSourceTest, RestartBetweenTheCopyingAndTheEmptyingReadsNothingTwice) {
  append_to(log, line(1) + line(2));
  read();
  const PositionTable table = positions();
  append_to(log, line(3));
  std::filesystem::copy_file(log, log + ".1");
  make_younger(log + ".1", 2);
  restart(table);
  EXPECT_THAT(read(), ElementsAre(3));
  std::filesystem::resize_file(log, 0);
  append_to(log, line(4));
  EXPECT_THAT(read(), ElementsAre(4));
}

TEST_F(LogSourceTest, RestartWhileACopyIsReadGoesOnInTheCopy) {
  append_to(log, line(1));
  read();
  PositionTable table = positions();
  append_to(log, line(2) + line(3));
  copy_and_empty(log, log + ".1");
  append_to(log, line(4));
  const auto sink = [](codec::FramedRecord) {};
  source->check(now, sink);
  source->read(line(1).size() + 1, now, sink);  // line 2 of the copy, nothing yet of what is at the path
  source->read(line(1).size() - 1, now, sink);
  for (const FilePosition& position : source->positions()) table.merge(position);
  restart(table);
  EXPECT_THAT(read(), ElementsAre(3, 4));
}

TEST_F(LogSourceTest, FileBegunAndRotatedAwayWhileNobodyLookedIsRead) {
  append_to(log, line(1));
  read();
  append_to(log, line(2));
  std::filesystem::rename(log, log + ".2");
  append_to(log, line(3));
  std::filesystem::rename(log, log + ".1");
  make_younger(log + ".1", 2);
  append_to(log, line(4));
  EXPECT_THAT(read(), ElementsAre(2, 3, 4));
}

TEST_F(LogSourceTest, RestartReadsFilesBegunAndRotatedAwayMeanwhile) {
  append_to(log, line(1));
  read();
  const PositionTable table = positions();
  append_to(log, line(2));
  std::filesystem::rename(log, log + ".2");
  append_to(log, line(3));
  std::filesystem::rename(log, log + ".1");
  make_younger(log + ".1", 2);
  append_to(log, line(4));
  make_younger(log, 4);
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2, 3, 4));
  restart(positions());
  EXPECT_THAT(read(), IsEmpty());
}

/// What logrotate's compression leaves: packed, with the time of the original.
void pack(const std::string& path, const std::string& end = ".gz") {
  const auto written = std::filesystem::last_write_time(path);
  const std::string text = content_of(path);
  append_to(path + end, end == ".gz" ? gzip_compress(text) : zstd_compress(text));
  std::filesystem::last_write_time(path + end, written);
  std::filesystem::remove(path);
}

TEST_F(LogSourceTest, RestartReadsTheRestOfWhatWasRotatedAwayAndCompressedMeanwhile) {
  for (const std::string end : {".gz", ".zst"}) {
    append_to(log, line(1));
    restart(PositionTable());
    read();
    const PositionTable table = positions();
    append_to(log, line(2));
    std::filesystem::rename(log, log + ".2");
    pack(log + ".2", end);
    append_to(log, line(3));
    std::filesystem::rename(log, log + ".1");
    make_younger(log + ".1", 2);
    append_to(log, line(4));
    make_younger(log, 4);
    restart(table);
    EXPECT_THAT(read(), ElementsAre(2, 3, 4)) << end;
    restart(positions());
    EXPECT_THAT(read(), IsEmpty()) << end;
    for (const auto& file : {log, log + ".1", log + ".2" + end}) std::filesystem::remove(file);
  }
}

TEST_F(LogSourceTest, RestartReadsWholeWhatWasBegunRotatedAwayAndCompressedMeanwhile) {
  append_to(log, line(1));
  read();
  const PositionTable table = positions();
  std::filesystem::rename(log, log + ".2");
  pack(log + ".2");
  append_to(log, line(2));
  std::filesystem::rename(log, log + ".1");
  make_younger(log + ".1", 2);
  pack(log + ".1");
  append_to(log, line(3));
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2, 3));
}

TEST_F(LogSourceTest, CompressedFilesThatWereReadOrAreOlderThanTheWatchAreLeftAlone) {
  append_to(log + ".3", line(7));
  pack(log + ".3");
  append_to(log, line(1));
  make_younger(log, 2);
  restart(PositionTable());
  EXPECT_THAT(read(), ElementsAre(1));
  PositionTable table = positions();
  std::filesystem::rename(log, log + ".1");
  pack(log + ".1");
  append_to(log, line(2));
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2));
}

TEST_F(LogSourceTest, ACopyThatWasCompressedGoesOnWhereTheEmptiedFileWasRead) {
  append_to(log, line(1));
  read();
  const PositionTable table = positions();
  append_to(log, line(2));
  std::filesystem::copy_file(log, log + ".1");
  pack(log + ".1");
  std::filesystem::resize_file(log, 0);
  append_to(log, line(3));
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2, 3));
}

TEST_F(LogSourceTest, ADamagedCompressedFileIsReadAsFarAsItGoes) {
  append_to(log, line(1));
  read();
  const PositionTable table = positions();
  append_to(log, line(2));
  std::filesystem::rename(log, log + ".1");
  pack(log + ".1");
  std::filesystem::resize_file(log + ".1.gz", std::filesystem::file_size(log + ".1.gz") - 8);
  append_to(log, line(3));
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2, 3));
}

TEST_F(LogSourceTest, EndOfAFileThatIsClosedAsSoonAsItIsReadIsNotReadAgain) {
  append_to(log, line(0));
  read();
  const auto nobody = [](codec::FramedRecord) {};
  for (int i = 1; i <= 20; ++i) {
    append_to(log, line(i));
    std::filesystem::rename(log, fmt::format("{}.{}", log, 100 - i));
    append_to(log, "");
    source->check(now, nobody);
  }
  // Their last lines are open records until the files are closed, the oldest at once.
  std::vector<std::string> handed;
  const auto sink = [&](codec::FramedRecord record) { handed.push_back(record.text); };
  PositionTable table;
  const auto acknowledge = [&] {
    for (const FilePosition& position : source->take_positions()) table.merge(position);
  };
  source->read(1 << 20, now, sink);
  acknowledge();
  source->check(now, sink);
  acknowledge();
  ASSERT_GE(handed.size(), 8u);
  restart(table);
  std::vector<int> rest(20 - handed.size());
  std::iota(rest.begin(), rest.end(), static_cast<int>(handed.size()) + 1);
  EXPECT_EQ(read(), rest);
}

TEST_F(LogSourceTest, RotatedFilesOlderThanTheWatchAreNotRead) {
  append_to(log + ".2", line(1));
  append_to(log + ".1", line(2));
  append_to(log, line(3));
  make_younger(log, 2);
  restart(PositionTable());
  EXPECT_THAT(read(), ElementsAre(3));
  restart(positions());
  EXPECT_THAT(read(), IsEmpty());
  std::filesystem::rename(log, log + ".0");
  append_to(log, line(4));
  EXPECT_THAT(read(), ElementsAre(4));
}

TEST_F(LogSourceTest, ManyRotationsBeforeTheFirstLookLoseNothing) {
  append_to(log, line(0));
  read();
  const auto ignore = [](codec::FramedRecord) {};
  for (int i = 1; i <= 20; ++i) {
    append_to(log, line(i));
    std::filesystem::rename(log, fmt::format("{}.{}", log, 100 - i));
    append_to(log, "");
    source->check(now, ignore);  // held, but not read: the spool was full, say
  }
  std::vector<int> wanted(20);
  std::iota(wanted.begin(), wanted.end(), 1);
  EXPECT_EQ(read(), wanted);
}

TEST_F(LogSourceTest, RecordStillOpenIsReadAgainAfterARestart) {
  append_to(log, line(1));
  read();
  append_to(log, line(2));
  std::vector<std::string> handed;
  const auto sink = [&](codec::FramedRecord record) { handed.push_back(record.text); };
  source->read(1 << 20, now, sink);
  ASSERT_THAT(handed, IsEmpty()) << "the framer waits for a traceback";
  const PositionTable table = positions();
  restart(table);
  EXPECT_THAT(read(), ElementsAre(2));
}

TEST_F(LogSourceTest, LineWithoutEndIsBounded) {
  append_to(log, "");
  read();
  append_to(log, std::string(3 << 20, 'x'));
  for (int i = 0; i < 5; ++i) read();
  for (const std::string& text : texts) EXPECT_LE(text.size(), 1u << 20);
  EXPECT_FALSE(texts.empty());
}

TEST_F(LogSourceTest, UnreadableFileNamesTheCommandThatMendsIt) {
  if (::geteuid() == 0) {
    // Root may read everything: only the explanation is tried.
    append_to(log, "x");
    ::chmod(log.c_str(), 0600);
    EXPECT_THAT(explain_unreadable(log, EACCES), HasSubstr("mend with: setfacl -m u:root:r " + log));
    ASSERT_EQ(::chown(log.c_str(), 0, 4), 0);
    ::chmod(log.c_str(), 0640);
    EXPECT_THAT(explain_unreadable(log, EACCES), HasSubstr("usermod -aG adm root"));
    return;
  }
  append_to(log, "x");
  ::chmod(log.c_str(), 0000);
  read();
  EXPECT_THAT(source->problem(), HasSubstr("mend with"));
  ::chmod(log.c_str(), 0600);
  read();
  EXPECT_EQ(source->problem(), "");
}

TEST_F(LogSourceTest, DirectoryInPlaceOfALogIsAProblemNotACrash) {
  std::filesystem::create_directory(log);
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_THAT(source->problem(), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace sentinella::agent
