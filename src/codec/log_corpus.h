// A log of any size made of a small real one, for measurements: its records again and again with fresh times,
// ids, addresses and process numbers. Only for benches and tests, therefore in no library.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/chrono.h>

#include "codec/log_line.h"
#include "codec/log_scan.h"
#include "codec/record_joiner.h"

namespace sentinella::codec {

struct CorpusOptions {
  std::size_t bytes = 64u << 20;   ///< at least so many
  std::uint64_t seed = 1;          ///< the same seed gives the same corpus
  std::int64_t step_us = 3'000;    ///< the longest time between two records
  std::uint32_t workers = 64;      ///< processes that write into the one file
  std::uint32_t objects = 20'000;  ///< how many UUIDs stand for instances, ports, images ...
  std::uint32_t users = 64;        ///< how many ids of 32 digits there are
};

/// The records of a log's text.
inline std::vector<std::string> records_of(std::string_view text) {
  std::vector<std::string> records;
  RecordJoiner joiner(std::size_t{1} << 20);
  const auto keep = [&](const JoinedRecord& record) { records.emplace_back(record.text); };
  std::uint64_t offset = 0;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    joiner.line(line, offset, offset + line.size() + 1, Time{0}, keep);
    offset += line.size() + 1;
  }
  joiner.flush(Time{1}, keep);
  return records;
}

/// Makes text out of the records it is given, in turn. What is replaced keeps its length; what is replaced
/// twice in a record (the head of a traceback's lines) is replaced by the same.
class CorpusMaker {
 public:
  CorpusMaker(const std::vector<std::string>& records, const CorpusOptions& options)
      : options_(options), random_(options.seed), now_us_(kBegin) {
    for (const std::string& record : records) models_.push_back(study(record));
  }

  /// At least options.bytes of text, ending with a newline.
  std::string make() {
    std::string out;
    out.reserve(options_.bytes + (1u << 20));
    for (std::size_t i = 0; out.size() < options_.bytes; ++i) add(models_[i % models_.size()], out);
    return out;
  }

 private:
  static constexpr std::int64_t kBegin = 1'772'446'272'000'000;  // 2026-03-02 10:11:12 UTC
  enum class Kind : std::uint8_t { date, millis, pid, request, object, user, number };
  struct Edit {
    Kind kind;
    std::size_t offset, length;
  };
  struct Model {
    std::string text;
    std::vector<Edit> edits;
  };

  static bool is_uuid(std::string_view text) {
    if (text.size() < 36) return false;
    for (std::size_t i = 0; i < 36; ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
  }

  static Model study(const std::string& record) {
    Model model{record + "\n", {}};
    const std::string_view all = model.text;
    for (std::size_t line = 0; line < all.size(); line = all.find('\n', line) + 1) {
      const std::string_view text = all.substr(line, all.find('\n', line) - line);
      const auto head = scan_oslo_head(text);
      std::size_t at = line;
      if (const auto time = scan_iso_time(text)) {
        model.edits.push_back({Kind::date, line, 19});
        if (time->length >= 23) model.edits.push_back({Kind::millis, line + 20, 3});
        at += time->length;
      }
      if (head && head->pid != 0) {
        const std::size_t digits = std::to_string(head->pid).size();
        model.edits.push_back({Kind::pid, at + 1, digits});
        at += 1 + digits;
      }
      study_text(all, at, line + text.size(), model.edits);
    }
    return model;
  }

  static void study_text(std::string_view all, std::size_t at, std::size_t end, std::vector<Edit>& edits) {
    while (at < end) {
      if (!is_hex(all[at])) {
        ++at;
        continue;
      }
      std::size_t stop = at;
      while (stop < end && is_hex(all[stop])) ++stop;
      if (is_uuid(all.substr(at, end - at))) {
        const bool request = at >= 4 && all.substr(at - 4, 4) == "req-";
        edits.push_back({request ? Kind::request : Kind::object, at, 36});
        stop = at + 36;
      } else if (stop - at == 32) {
        edits.push_back({Kind::user, at, 32});
      } else if (at > 0 && all[at - 1] == '.' && is_digit(all[at]) &&
                 std::ranges::all_of(all.substr(at, stop - at), is_digit)) {
        edits.push_back({Kind::number, at, stop - at});  // of addresses, versions and seconds
      }
      at = stop;
    }
  }

  static void write_hex(std::uint64_t high, std::uint64_t low, std::string_view shape, char* out) {
    for (std::size_t i = 0, digit = 0; i < shape.size(); ++i) {
      if (shape[i] == '-') continue;
      const std::uint64_t half = digit < 16 ? high : low;
      out[i] = "0123456789abcdef"[half >> (digit % 16 * 4) & 15];
      ++digit;
    }
  }

  void add(const Model& model, std::string& out) {
    now_us_ += static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(options_.step_us));
    const auto pid = 10'000 + random_() % options_.workers * 37;
    if (random_() % 10 < 6) request_ = {random_(), random_()};
    const std::string when = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(now_us_ / 1'000'000));
    const std::size_t base = out.size();
    out += model.text;
    for (const Edit& edit : model.edits) {
      char* const place = out.data() + base + edit.offset;
      const std::string_view shape(model.text.data() + edit.offset, edit.length);
      const std::uint64_t object = random_() % options_.objects, user = random_() % options_.users;
      switch (edit.kind) {
        case Kind::date:
          std::ranges::copy(when, place);
          break;
        case Kind::millis:
          fmt::format_to_n(place, 3, "{:03}", now_us_ / 1'000 % 1'000);
          break;
        case Kind::pid:
          fmt::format_to_n(place, edit.length, "{:0{}}", pid, edit.length);
          break;
        case Kind::request:
          write_hex(request_.first, request_.second, shape, place);
          break;
        case Kind::object:
          write_hex(object * 0x9e3779b97f4a7c15, (object + 1) * 0xbf58476d1ce4e5b9, shape, place);
          break;
        case Kind::user:
          write_hex(user * 0x94d049bb133111eb, (user + 1) * 0x9e3779b97f4a7c15, shape, place);
          break;
        case Kind::number:
          for (std::size_t i = 0; i < edit.length; ++i) place[i] = static_cast<char>('1' + random_() % 9);
          break;
      }
    }
  }

  CorpusOptions options_;
  std::mt19937_64 random_;
  std::int64_t now_us_;
  std::pair<std::uint64_t, std::uint64_t> request_;
  std::vector<Model> models_;
};

}  // namespace sentinella::codec
