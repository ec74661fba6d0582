// Reads the expositions of one target, scrape after scrape.
//
// An exporter writes the same series in the same order every time. So the reader remembers each line's series
// text of the last body: where the next line begins with the same bytes, the series is known without looking
// at a single label, and only the number is read. Other lines are looked up by their text; only a series
// never seen is taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "codec/exposition_line.h"
#include "model/series.h"

namespace sentinella::codec {

struct ExpositionValue {
  double value = 0;
  std::int64_t at_ns = 0;    ///< when `timed`: what the exporter says
  std::uint32_t series = 0;  ///< the reader's number of the series
  bool timed = false;
};

struct FreshSeries {
  std::uint32_t series = 0;
  std::vector<Label> labels;  ///< as written, __name__ first, empty values kept
};

struct ExpositionFault {
  std::size_t line = 0;  ///< from 1
  std::string_view reason;
};

/// One body's content. Kept by the caller over scrapes, so that nothing is allocated for known series.
struct Exposition {
  std::vector<ExpositionValue> values;  ///< in the body's order
  std::vector<FreshSeries> fresh;       ///< numbers that read() gave out this time, ascending
  std::size_t refused = 0;              ///< bad lines
  std::vector<ExpositionFault> faults;  ///< the first kMaxFaults of them

  static constexpr std::size_t kMaxFaults = 10;
  void clear();
};

/// What a # TYPE, # HELP and # UNIT say of a metric family.
struct MetricFamily {
  std::string type, help, unit;
};

/// Not thread-safe.
class ExpositionReader {
 public:
  static constexpr std::size_t kMaxBody = 1u << 30;
  static constexpr std::uint32_t kGone = UINT32_MAX;

  /// Bad lines are left out and counted, one by one; of a series twice in one body without timestamps the
  /// first line counts. kTooLarge: over kMaxBody. kCorrupt: OpenMetrics without its "# EOF" at the end, that
  /// is, cut short; then `out` is empty.
  Result<void> read(std::string_view body, ExpositionFormat format, Exposition& out);

  SeriesKind kind(std::uint32_t series) const { return series_[series].kind; }
  std::size_t series_count() const { return series_.size(); }
  const std::unordered_map<std::string, MetricFamily>& families() const { return families_; }

  /// Much of what is kept belongs to series that the last body did not have.
  bool wasteful() const;
  /// Forgets them. The new number of each series by its old one, or kGone.
  std::vector<std::uint32_t> compact();

 private:
  struct Series {
    std::uint64_t hash = 0;
    std::uint32_t offset = 0, length = 0;  ///< of its text in texts_
    std::uint32_t read = 0;                ///< the last read that had it
    std::uint32_t place = 0;               ///< in that read's lines
    SeriesKind kind = SeriesKind::gauge;
  };
  /// A line of the body that was read last: series text or a whole comment.
  struct Line {
    std::uint32_t offset = 0, length = 0;
    std::uint32_t series = kComment;
  };
  struct Pass;
  static constexpr std::uint32_t kComment = UINT32_MAX;

  std::string_view text(std::uint32_t offset, std::uint32_t length) const {
    return std::string_view(texts_).substr(offset, length);
  }
  std::uint32_t keep_text(std::string_view text);
  std::uint32_t* find_slot(std::string_view text, std::uint64_t hash);
  void grow_table(std::size_t slots);
  void take_comment(const CommentLine& comment);
  void assign_kinds(std::size_t first);
  SeriesKind kind_of(std::string_view series) const;

  std::string texts_;
  std::vector<Series> series_;
  std::vector<std::uint32_t> table_;  ///< open addressing: number of the series + 1, 0 = free
  std::vector<Line> lines_, next_lines_;
  std::unordered_map<std::string, MetricFamily> families_;
  bool types_changed_ = false;
  std::uint32_t reads_ = 0;
  std::size_t live_ = 0;       ///< series of the last body
  std::size_t live_text_ = 0;  ///< bytes of texts_ that its lines use
};

}  // namespace sentinella::codec
