#include "server/backup.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "bus/embedded/segment_journal.h"
#include "events/embedded/embedded_event_store.h"
#include "logs/embedded/embedded_log_store.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::server {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr Time kNow{1'772'446'272'000'000'000};

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    EXPECT_TRUE(write_file_atomic(data() / "watermarks", "w"));
    EXPECT_TRUE(write_file_atomic(data() / "bootstrap.json", "{}", 0600));
    open();
  }
  fs::path data() const { return make("data"); }
  fs::path backup() const { return directory.path() / "backup"; }
  fs::path make(const std::string& name) const {
    fs::create_directories(directory.path() / name);
    return directory.path() / name;
  }
  void open() {
    journal = *bus::open_segment_journal({.directory = data() / "journal"});
    series = *series::open_embedded_series_store({.directory = data() / "series"});
    logs = *logs::open_embedded_log_store({.directory = data() / "logs"});
    events = *events::open_embedded_event_store({.directory = data() / "events"});
    database = *catalog::open_sqlite(data() / "catalog.db");
  }
  void close() {
    database.reset();
    events.reset();
    logs.reset();
    series.reset();
    journal.reset();
  }
  Result<BackupReport> take(const fs::path& to) {
    return take_backup({data(), *journal, *series, *logs, *events, *database}, to, kNow,
                       [this](std::string_view part) { parts += std::string(part) + " "; });
  }

  TemporaryDirectory directory;
  std::unique_ptr<bus::Journal> journal;
  std::unique_ptr<series::SeriesStore> series;
  std::unique_ptr<logs::LogStore> logs;
  std::unique_ptr<events::EventStore> events;
  std::unique_ptr<catalog::Database> database;
  std::string parts;
};

TEST_F(BackupTest, IsADataDirectoryAgainAfterItIsRestored) {
  ASSERT_TRUE(take(backup()));
  EXPECT_EQ(parts, "settings catalogue metrics logs events journal ");
  EXPECT_EQ(fs::status(backup()).permissions(), fs::perms::owner_all);
  close();
  fs::remove_all(data());
  const auto restored = restore_backup(backup(), directory.path() / "data");
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(*read_file(data() / "watermarks"), "w");
  EXPECT_FALSE(fs::exists(data() / "backup.json"));
  EXPECT_EQ(fs::status(data() / "bootstrap.json").permissions(), fs::perms(0600));
  EXPECT_TRUE(check_restored(data()));
  open();
}

TEST_F(BackupTest, NothingIsOverwritten) {
  ASSERT_TRUE(take(backup()));
  EXPECT_EQ(take(backup()).error().code, Errc::kConflict);
  EXPECT_EQ(restore_backup(backup(), data()).error().code, Errc::kConflict);
  EXPECT_TRUE(fs::exists(data() / "catalog.db"));
}

TEST_F(BackupTest, AnEmptyDirectoryWillDo) {
  ASSERT_TRUE(take(make("mounted")));
  EXPECT_TRUE(restore_backup(directory.path() / "mounted", make("other")));
}

TEST_F(BackupTest, WhatIsNotWholeIsNotRestored) {
  EXPECT_EQ(restore_backup(directory.path() / "none", directory.path() / "new").error().code,
            Errc::kNotFound);
  EXPECT_EQ(restore_backup(make("empty"), directory.path() / "new").error().code, Errc::kCorrupt);
  ASSERT_TRUE(take(backup()));
  const auto manifest = *read_file(backup() / "backup.json");
  const auto with = [&](std::string_view was, std::string_view is) {
    std::string text = manifest;
    text.replace(text.find(was), was.size(), is);
    EXPECT_TRUE(write_file_atomic(backup() / "backup.json", text));
    return restore_backup(backup(), directory.path() / "new").error();
  };
  EXPECT_EQ(with("\"format\":1", "\"format\":2").code, Errc::kUnsupported);
  EXPECT_EQ(with("\"catalog.db\"", "\"../catalog.db\"").code, Errc::kCorrupt);
  EXPECT_EQ(with("\"catalog.db\"", "\"/etc/passwd\"").code, Errc::kCorrupt);
  EXPECT_EQ(with("{", "[").code, Errc::kInvalid);
  ASSERT_TRUE(write_file_atomic(backup() / "backup.json", manifest));
  ASSERT_TRUE(write_file_atomic(backup() / "watermarks", "longer"));
  EXPECT_THAT(restore_backup(backup(), directory.path() / "new").error().message, HasSubstr("watermarks"));
  EXPECT_FALSE(fs::exists(directory.path() / "new"));
}

TEST_F(BackupTest, ARestoreThatWasBrokenOffIsNoDataDirectory) {
  ASSERT_TRUE(write_file_atomic(data() / "restoring", ""));
  EXPECT_EQ(check_restored(data()).error().code, Errc::kCorrupt);
}

TEST_F(BackupTest, AStoppedServersDirectoryIsCopiedAndARunningOnesIsNot) {
  EXPECT_EQ(copy_stopped(data(), backup(), kNow).error().code, Errc::kConflict);
  EXPECT_FALSE(fs::exists(backup()));
  close();
  const auto copied = copy_stopped(data(), backup(), kNow);
  ASSERT_TRUE(copied) << copied.error().message;
  EXPECT_EQ(copy_stopped(directory.path() / "none", backup(), kNow).error().code, Errc::kNotFound);
  fs::remove_all(data());
  ASSERT_TRUE(restore_backup(backup(), directory.path() / "data"));
  open();
}

}  // namespace
}  // namespace sentinella::server
