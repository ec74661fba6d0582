// Where samples live: a mapping from (account, labels) to samples in time.
//
// A series has an id for as long as it lives. Doors turn labels into ids (resolve), batches carry ids through
// the journal, one thread gives them to the store (append). Readers choose series by labels.
//
// Two kinds of intervals: a TimeRange is closed at its start and open at its end; lookbacks and windows are
// PromQL's, open at their start and closed at their end: (end - width, end].
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/account.h"
#include "model/sample_block.h"
#include "model/series.h"
#include "model/staleness.h"

namespace sentinella::series {

/// What became of a batch. The counts add up to the number of samples given.
struct AppendReport {
  std::size_t stored = 0;
  std::size_t replaced = 0;  ///< the instant already had a sample in memory; the newer write won
  std::size_t expired = 0;   ///< older than retention, or later than the store takes late samples; dropped
  std::size_t refused = 0;   ///< of a series that is not known: it was retired while the batch was on its way
};

struct Resolved {
  SeriesId id{};
  /// No batch that defines the series is known to be durable: the batch that uses the id must define it.
  bool needs_definition = false;
};

struct Selector {
  std::vector<LabelMatcher> matchers;  ///< all must hold; at least one must not match ""
};

/// One series' answer, as columns of equal length, ascending in time, one per instant.
struct SeriesColumns {
  Labels labels;
  SeriesKind kind = SeriesKind::gauge;
  std::vector<Time> times;
  std::vector<double> values;
};

struct Limits {
  std::size_t max_series = 10'000;
  std::size_t max_samples = 5'000'000;  ///< read, not answered: of windows and folds too
  /// Fail with kTooLarge rather than read the disk, or look at more series than a few times max_series.
  bool in_memory = false;
  /// Asked now and then while much is read; its error ends the reading.
  std::function<Result<void>()> interrupted = {};
};

/// The newest sample of a series.
struct InstantSample {
  SeriesId id{};
  SeriesKind kind = SeriesKind::gauge;
  std::shared_ptr<const Labels> labels;
  Time at;
  double value = 0;
};

/// How series fall into groups: by the values of `names`, or by all labels without `names` and __name__.
struct Grouping {
  bool without = false;
  std::vector<std::string> names;
};

/// Values of one group, folded as PromQL's aggregations do: in sum a NaN stays, min and max prefer a number.
struct FoldedGroup {
  Labels labels;  ///< those that the grouping keeps; labels that a series lacks are absent
  std::uint64_t count = 0;
  double sum = 0;
  double min = 0, max = 0;
};

/// `count` windows (end - width, end] with end = first_end, first_end + step ...
struct Windows {
  Time first_end;
  Duration step{};
  std::size_t count = 0;
  Duration width{};
};
/// Over the samples of a window that are not staleness markers. sum and avg are plain left-to-right sums of
/// chunk sums: equal to PromQL's within rounding. min and max prefer a number to NaN.
enum class WindowFunction : std::uint8_t { count, sum, min, max, avg, first, last };

/// A stricter retention of an account's metrics, or of some.
struct SeriesLimit {
  std::optional<AccountId> account;  ///< nullopt = each of them by itself
  std::string metric = "*";          ///< its name; may have * and ?
  Duration max_age{0}, raw_age{0};   ///< 0 = as everywhere
  std::uint64_t max_bytes = 0;       ///< of all the account has; 0 = no limit. Only with the metric "*"
};

struct Retention {
  Duration max_age = std::chrono::hours(24 * 400);
  std::uint64_t max_bytes = 50ull << 30;
  /// Older samples of whole days are rolled up: of each span a gauge keeps mean, least, greatest and count,
  /// what only grows its first and last value.
  Duration raw_age = std::chrono::hours(24 * 30), roll_up_span = std::chrono::minutes(5);
  std::vector<SeriesLimit> limits = {};    ///< of several for a series the strictest holds
  std::string raw_label = {};              ///< series that have this label are never rolled up
  std::function<bool()> interrupted = {};  ///< asked now and then; true: the rest is for the next time
};

struct Statistics {
  std::uint64_t series = 0;
  std::uint64_t samples_in_head = 0;
  std::uint64_t bytes_on_disk = 0;
  std::uint64_t head_bytes = 0;      ///< of the samples in memory
  std::uint64_t refused_series = 0;  ///< resolve() said no: the account is at its limit
  std::uint64_t damaged_chunks = 0;  ///< found by readers since the start; their samples are left out
};

struct MetricKind {
  std::string name;
  SeriesKind kind = SeriesKind::gauge;
};

/// Thread-safe; append, erase, flush and enforce may do disk I/O and so may all that read samples.
///
/// Durability: the caller gives journal batches in offset order, from one thread, and after a crash replays
/// from durable_offset() + 1. Giving a batch twice changes nothing.
class SeriesStore {
 public:
  virtual ~SeriesStore() = default;

  // ---- the way in

  /// The id of the series whose Labels::canonical() this is; a new one when there is none. For any thread,
  /// does no I/O and waits for none. kTooLarge: the account has as many series as it may (counted).
  virtual Result<Resolved> resolve(AccountId account, std::string_view canonical, SeriesKind kind) = 0;

  /// Changes when ids have been retired: whoever remembers ids must then forget them all. An id that needs a
  /// definition may be used without one only after are_defined() said so.
  virtual std::uint64_t epoch() const = 0;

  /// Readable once this returns. Samples may come in any order; of several at one instant the last holds.
  /// kNoSpace, kIo: nothing of the batch may be relied on; give it again.
  virtual Result<AppendReport> append(AccountId account, const SampleBlock& block,
                                      std::uint64_t journal_offset) = 0;

  /// Deletes samples for good. Series that are left without any stay known until retention forgets them.
  /// kInvalid as select().
  virtual Result<void> erase(AccountId account, const SeriesErasure& erasure,
                             std::uint64_t journal_offset) = 0;

  // ---- reading

  /// null when there is no such series.
  virtual std::shared_ptr<const Labels> labels(AccountId account, SeriesId id) const = 0;

  /// Samples with range.from <= at < range.until of every matching series. kTooLarge over `limits`.
  /// kInvalid: a bad regex or a selector that matches everything.
  virtual Result<std::vector<SeriesColumns>> select(AccountId account, const Selector& selector,
                                                    TimeRange range, const Limits& limits = {}) const = 0;

  /// The newest sample of each matching series in (at - lookback, at]; a series whose newest sample there is
  /// a staleness marker is left out. Errors as select().
  virtual Result<std::vector<InstantSample>> instants(AccountId account, const Selector& selector, Time at,
                                                      Duration lookback, const Limits& limits = {}) const = 0;

  /// The same samples, folded group by group without naming the series. Groups in no particular order.
  virtual Result<std::vector<FoldedGroup>> fold_instants(AccountId account, const Selector& selector, Time at,
                                                         Duration lookback, const Grouping& grouping,
                                                         const Limits& limits = {}) const = 0;

  /// One function of each window that has samples; `times` are the windows' ends. Where a whole chunk lies in
  /// one window it need not be decoded. Errors as select(); kInvalid also when step or width is not positive.
  virtual Result<std::vector<SeriesColumns>> windows(AccountId account, const Selector& selector,
                                                     const Windows& windows, WindowFunction function,
                                                     const Limits& limits = {}) const = 0;

  /// The labels of matching series; an empty selector lists all. kTooLarge over `max_series`.
  virtual Result<std::vector<Labels>> find(AccountId account, const Selector& selector,
                                           std::size_t max_series = 10'000) const = 0;

  /// Sorted, of matching series; an empty selector means all.
  virtual Result<std::vector<std::string>> label_names(AccountId account, const Selector& selector) const = 0;
  virtual Result<std::vector<std::string>> label_values(AccountId account, std::string_view name,
                                                        const Selector& selector) const = 0;
  /// What each metric was when it was first seen; sorted by name.
  virtual std::vector<MetricKind> metric_kinds(AccountId account) const = 0;

  // ---- keeping

  /// Everything up to this journal offset is on disk here.
  virtual std::uint64_t durable_offset() const = 0;
  /// The first journal record that a replay would need; the greatest number when everything given so far is
  /// durable.
  virtual std::uint64_t needed_from() const = 0;
  /// Moves durable_offset() forward when that is worth its cost; every call brings it nearer.
  virtual Result<void> flush() = 0;
  /// Drops what is older than max_age, then the oldest until under max_bytes; rolls up.
  virtual Result<void> enforce(const Retention& retention, Time now) = 0;
  virtual Statistics statistics() const = 0;
  /// A copy of the store in `directory`, which must not exist: it opens as the store would after a crash now,
  /// with a durable_offset() that the journal has reached already. Not beside whoever makes the journal
  /// forget.
  virtual Result<void> copy_to(const std::filesystem::path& directory) const = 0;

  // ---- for doors that remember

  /// Whether each of these ids, which resolve() gave in this epoch, needs no definition by now. For any
  /// thread; waits for nobody: says no when the answer is not at hand.
  virtual bool are_defined(std::span<const SeriesId> ids) const = 0;
};

/// For tests and slow doors: resolves `series` and adds its samples to `block`, with the definition when that
/// is needed.
Result<void> resolve_into(SeriesStore& store, AccountId account, const SeriesSamples& series,
                          SampleBlock& block);

}  // namespace sentinella::series
