#include "codec/remote_write.h"

#include "codec/native_histogram.h"
#include "codec/remote_write_labels.h"
#include "codec/wire_reader.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kMostReasons = 20;
constexpr std::size_t kMostRows = 2'000'000;
constexpr std::int64_t kNsPerMs = 1'000'000;

// Tags of prompb's messages: field number << 3 | type.
constexpr std::uint64_t kTimeSeries = 1 << 3 | 2;
constexpr std::uint64_t kLabel = 1 << 3 | 2;
constexpr std::uint64_t kSample = 2 << 3 | 2;
constexpr std::uint64_t kHistogram = 4 << 3 | 2;
constexpr std::uint64_t kSampleValue = 1 << 3 | 1;
constexpr std::uint64_t kSampleTime = 2 << 3 | 0;

class Decoder {
 public:
  Decoder(AccountId account, RemoteWriteCache& cache, const ResolveSeries& resolve, const AreDefined& defined,
          SampleBlock& out)
      : seed_(series_key_seed(account)), cache_(cache), resolve_(resolve), defined_(defined), out_(out) {}

  Result<RemoteWriteReport> run(std::string_view protobuf) {
    WireReader message(protobuf);
    while (message.more()) {
      const std::uint64_t tag = message.tag();
      if (tag != kTimeSeries) {
        message.skip(tag);
        continue;
      }
      const std::string_view series = message.bytes();
      if (message.ok() && !take_series(series)) return bad(series.data() - protobuf.data());
      if (out_.ids.size() > kMostRows)
        return fail(Errc::kTooLarge, "over {} samples in one message: send fewer at a time", kMostRows);
    }
    if (!message.ok()) return bad(static_cast<std::ptrdiff_t>(protobuf.size()));
    return std::move(report_);
  }

 private:
  static std::unexpected<Error> bad(std::ptrdiff_t at) {
    return fail(Errc::kInvalid,
                "the body is not a WriteRequest of remote write 1.0: it breaks at or after byte {}", at);
  }

  /// False: not a TimeSeries.
  bool take_series(std::string_view message) {
    WireReader reader(message);
    const char* const labels = reader.position();
    while (reader.next_tag() == kLabel) reader.tag(), reader.bytes();
    const std::string_view in_front(labels, reader.position());
    const std::size_t first_row = out_.values.size();
    histograms_.clear();
    bool scattered = false;
    while (reader.more()) {
      const std::uint64_t tag = reader.tag();
      if (tag == kSample) {
        if (!take_sample(reader.bytes())) return false;
      } else if (tag == kHistogram) {
        histograms_.push_back(reader.bytes());
      } else {
        scattered = scattered || tag == kLabel;
        reader.skip(tag);
      }
    }
    if (!reader.ok()) return false;
    const std::string_view raw = scattered ? gather_labels(message) : in_front;
    if (const auto taken = name_rows(raw, first_row); !taken) {
      out_.values.resize(first_row);
      out_.times.resize(first_row);
      refuse(taken.error().message);
    }
    return true;
  }

  bool take_sample(std::string_view message) {
    WireReader reader(message);
    double value = 0;
    std::int64_t ms = 0;
    while (reader.more()) {
      const std::uint64_t tag = reader.tag();
      if (tag == kSampleValue)
        value = reader.real();
      else if (tag == kSampleTime)
        ms = static_cast<std::int64_t>(reader.varint());
      else
        reader.skip(tag);
    }
    const bool in_range = ms <= INT64_MAX / kNsPerMs && ms >= INT64_MIN / kNsPerMs;
    times_good_ = times_good_ && in_range;
    out_.values.push_back(value);
    out_.times.push_back({in_range ? ms * kNsPerMs : 0});
    return reader.ok();
  }

  /// Labels that do not stand together at the front, put there.
  std::string_view gather_labels(std::string_view message) {
    gathered_.clear();
    for (WireReader reader(message); reader.more();) {
      const char* const from = reader.position();
      const std::uint64_t tag = reader.tag();
      reader.skip(tag);
      if (tag == kLabel) gathered_.append(from, reader.position());
    }
    return gathered_;
  }

  /// Gives the rows from `first` on their series.
  Result<void> name_rows(std::string_view raw, std::size_t first) {
    const std::size_t rows = out_.values.size() - first;
    if (!std::exchange(times_good_, true)) {
      SENT_TRY_ASSIGN(const RemoteLabels labels, RemoteLabels::read(raw));
      return fail(Errc::kInvalid, "{} has a time beyond the years 1677 to 2262", labels.to_string());
    }
    if (rows > 0) {
      const SeriesKey key = series_key(raw, seed_);
      ResolvedSeries* const known = cache_.find(key);
      SeriesId id{};
      if (known != nullptr && (known->lasting || defined_({&known->id, 1}))) {
        known->lasting = true;
        id = known->id;
      } else {
        SENT_TRY_ASSIGN(id, look_up(key, raw));
      }
      out_.ids.insert(out_.ids.end(), rows, id);
      report_.samples += rows;
    }
    ++report_.series;
    if (!histograms_.empty()) take_histograms(raw);
    return {};
  }

  Result<SeriesId> look_up(const SeriesKey& key, std::string_view raw) {
    SENT_TRY_ASSIGN(const RemoteLabels labels, RemoteLabels::read(raw));
    SENT_TRY_ASSIGN(const ResolvedSeries series, resolve_(labels.canonical(), labels.kind()));
    cache_.remember(key, series);
    return series.id;
  }

  void take_histograms(std::string_view raw) {
    const auto labels = RemoteLabels::read(raw);
    for (const std::string_view message : histograms_) {
      const auto taken =
          labels ? take_histogram(*labels, message) : Result<void>(std::unexpected(labels.error()));
      if (taken)
        ++report_.histograms;
      else
        refuse(taken.error().message);
    }
  }

  Result<void> take_histogram(const RemoteLabels& labels, std::string_view message) {
    auto parts = classic_parts(message);
    if (!parts) return fail(parts.error().code, "{}: {}", labels.to_string(), parts.error().message);
    const std::size_t rows = out_.ids.size();
    for (const auto& part : *parts) {
      const RemoteLabels whole = labels.with(part.suffix, part.le);
      const auto series = resolve_(whole.canonical(), SeriesKind::histogram);
      if (!series) {
        out_.ids.resize(rows), out_.times.resize(rows), out_.values.resize(rows);
        return std::unexpected(series.error());
      }
      out_.add(series->id, part.at, part.value);
    }
    report_.samples += parts->size();
    return {};
  }

  void refuse(std::string reason) {
    ++report_.refused;
    if (report_.reasons.size() < kMostReasons) report_.reasons.push_back(std::move(reason));
  }

  const std::uint64_t seed_;
  RemoteWriteCache& cache_;
  const ResolveSeries& resolve_;
  const AreDefined& defined_;
  SampleBlock& out_;
  RemoteWriteReport report_;
  std::vector<std::string_view> histograms_;  ///< of the series at hand
  bool times_good_ = true;
  std::string gathered_;
};

}  // namespace

Result<RemoteWriteReport> decode_remote_write(std::string_view protobuf, AccountId account,
                                              RemoteWriteCache& cache, const ResolveSeries& resolve,
                                              const AreDefined& defined, SampleBlock& out) {
  return Decoder(account, cache, resolve, defined, out).run(protobuf);
}

}  // namespace sentinella::codec
