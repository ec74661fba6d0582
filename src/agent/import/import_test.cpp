#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>

#include "agent/import/import_positions.h"
#include "agent/import/record_chunks.h"
#include "agent/import/text_source.h"
#include "base/compress.h"
#include "base/file.h"
#include "base/temporary_directory.h"

namespace sentinella::agent {
namespace {

using testing::HasSubstr;

Result<std::string> text_of(const std::filesystem::path& file) {
  SENT_TRY_ASSIGN(const auto source, TextSource::open(file));
  std::string all;
  for (;;) {
    SENT_TRY_ASSIGN(const std::string piece, source->read());
    if (piece.empty()) return all;
    all += piece;
  }
}

std::string many_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += fmt::format("2026-03-02 10:{:02}:{:02}.000 7 INFO nova.x [-] line {} of many\n", i / 60 % 60,
                        i % 60, i);
  return text;
}

/// As `xz` packs it.
std::string packed_by_xz(std::string_view text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                    reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                    reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

TEST(TextSource, ReadsPlainAndPackedFilesAlike) {
  const TemporaryDirectory directory;
  const std::string text = many_lines(30'000), gzip = gzip_compress(text);
  const struct {
    std::string name, bytes, text;
  } kFiles[] = {{"plain", text, text},
                {"gzip", gzip, text},
                {"two members", gzip + gzip_compress("more\n"), text + "more\n"},
                {"zstd", zstd_compress(text), text},
                {"xz", packed_by_xz("one\n") + packed_by_xz("two\n"), "one\ntwo\n"},
                {"empty", "", ""}};
  for (const auto& one : kFiles) {
    const auto file = directory.path() / one.name;
    ASSERT_TRUE(write_file_atomic(file, one.bytes));
    const auto read = text_of(file);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(*read == one.text) << one.name;
  }
}

TEST(TextSource, WhatIsCutDamagedOrUnknownIsSaid) {
  const TemporaryDirectory directory;
  const std::string gzip = gzip_compress(many_lines(100)), zstd = zstd_compress(many_lines(100));
  for (const auto& [bytes, why] :
       {std::pair<std::string, std::string>{gzip.substr(0, gzip.size() - 9), "cut"},
        {zstd.substr(0, zstd.size() - 9), "cut"},
        {std::string(gzip).replace(gzip.size() - 8, 4, "\x55\x55\x55\x55"), "damaged"},
        {packed_by_xz("text\n").substr(0, 60), "cut"},
        {std::string(packed_by_xz("text\n")).replace(20, 2, "\x55\x55"), "damaged"},
        {"BZh91AY&SY", "bzip2 -dc"}}) {
    ASSERT_TRUE(write_file_atomic(directory.path() / "log", bytes));
    const auto read = text_of(directory.path() / "log");
    ASSERT_FALSE(read) << why;
    EXPECT_THAT(read.error().message, HasSubstr(why));
  }
  EXPECT_EQ(text_of(directory.path() / "none").error().code, Errc::kNotFound);
}

std::vector<RecordChunk> chunks_of(std::string_view text, std::size_t step) {
  RecordChunks chunks;
  std::vector<RecordChunk> all;
  const auto drain = [&] {
    while (auto chunk = chunks.next()) all.push_back(*std::move(chunk));
  };
  for (std::size_t at = 0; at < text.size(); at += step) {
    chunks.put(text.substr(at, step));
    drain();
  }
  chunks.finish();
  drain();
  return all;
}

TEST(RecordChunks, AreTheTextCutAlwaysAtTheSameEndsOfRecords) {
  std::string text;
  for (int i = 0; i < 3'000; ++i)
    text += fmt::format(
        "2026-03-02 10:{:02}:{:02}.000 7 ERROR nova.x [-] boom\nTraceback (most recent call last):\n  "
        "{}\nValueError: x\n",
        i / 60, i % 60, std::string(900, 'x'));
  text += "no newline at the end";
  const auto chunks = chunks_of(text, 70'000);
  std::string whole;
  for (const auto& chunk : chunks) {
    EXPECT_TRUE(chunk.text.starts_with("2026-")) << chunk.text.substr(0, 40);
    whole += chunk.text;
    EXPECT_EQ(chunk.end, whole.size());
  }
  EXPECT_TRUE(whole == text);
  EXPECT_GE(chunks.size(), 2u);
  const auto others = chunks_of(text, 1'000'000);
  ASSERT_EQ(others.size(), chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) EXPECT_EQ(chunks[i].end, others[i].end);
}

TEST(RecordChunks, ALineWithoutEndIsCut) {
  const auto chunks = chunks_of(std::string(40u << 20, 'x'), 1u << 20);
  std::size_t bytes = 0;
  for (const auto& chunk : chunks) {
    bytes += chunk.text.size();
    EXPECT_LE(chunk.text.size(), 2 * RecordChunks::kMost);
  }
  EXPECT_EQ(bytes, 40u << 20);
}

TEST(ImportPositions, AreRememberedByTheLogsBeginning) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "imported.json";
  const auto key = import_key(many_lines(100), "c1", "nova-api");
  EXPECT_EQ(key, import_key(many_lines(200), "c1", "nova-api"));
  EXPECT_NE(key, import_key(many_lines(100), "c2", "nova-api"));
  auto positions = ImportPositions::load(file);
  ASSERT_TRUE(positions);
  EXPECT_EQ(positions->of(key), 0u);
  ASSERT_TRUE(positions->advance(key, 1'234'567'890'123));
  EXPECT_EQ(ImportPositions::load(file)->of(key), 1'234'567'890'123u);
  ASSERT_TRUE(write_file_atomic(file, "no json"));
  EXPECT_FALSE(ImportPositions::load(file));
}

}  // namespace
}  // namespace sentinella::agent
