#include "codec/batch_codec.h"

#include <unordered_map>
#include <utility>

#include "base/bytes.h"
#include "codec/batch_codec_samples.h"

namespace sentinella::codec {
namespace {

constexpr std::uint8_t kVersion = 3;
/// From here on a batch has samples by id, and erasures.
constexpr std::uint8_t kFirstWithIds = 2;
/// And from here on signals. Only batches that have some are written so: an older program can read the rest.
constexpr std::uint8_t kFirstWithSignals = 3;
/// What the texts of one batch may come to, the dictionary resolved.
constexpr std::uint64_t kMaxTextBytes = 256u << 20;

/// About as many words as reports of one sender have in common.
constexpr std::size_t kWordsOfSignals = 64;

enum BatchFlag : std::uint8_t { kHasId = 1, kTick = 2, kServerStarted = 4 };
enum ReportFlag : std::uint8_t { kEverSeen = 1, kHasExitCode = 2, kHasSignal = 4 };

/// a - b for any two instants; deltas wrap, and unwrap on the way back.
std::int64_t wrapped_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t wrapped_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

class Encoder {
 public:
  explicit Encoder(const Batch& batch) : last_(batch.received.ns) {
    if (!batch.signals.empty()) numbers_.reserve(kWordsOfSignals + 8 * batch.signals.size());
    writer_.varint(batch.series.size());
    for (const SeriesSamples& series : batch.series) put(series);
    writer_.varint(batch.logs.size());
    for (const LogRecord& record : batch.logs) put(record);
    writer_.varint(batch.events.size());
    for (const Event& event : batch.events) put(event);
    writer_.varint(batch.reports.size());
    for (const StateReport& report : batch.reports) put(report);
    encode_samples(batch.samples, body_);
    writer_.varint(batch.erasures.size());
    for (const SeriesErasure& erasure : batch.erasures) put(erasure);
    if (!batch.signals.empty()) writer_.varint(batch.signals.size());
    for (const Signal& signal : batch.signals) put(signal);
    put_head(batch);
  }
  Result<std::string> take() {
    if (text_bytes_ > kMaxTextBytes)
      return fail(Errc::kTooLarge, "a batch holds {} bytes of text, at most {}", text_bytes_, kMaxTextBytes);
    head_.append(body_);
    return std::move(head_);
  }

 private:
  void put(const SeriesSamples& series) {
    writer_.varint(series.labels.size());
    for (const Label& label : series.labels) word(label.name), word(label.value);
    writer_.fixed(series.kind);
    writer_.varint(series.samples.size());
    for (const Sample& sample : series.samples) time(sample.at), writer_.fixed(sample.value);
  }

  void put(const LogRecord& record) {
    time(record.time);
    for (const std::string* field :
         {&record.host, &record.service, &record.source, &record.component, &record.request_id,
          &record.global_request_id, &record.user_id, &record.project_id, &record.instance})
      word(*field);
    writer_.fixed(record.severity);
    writer_.varint(record.pid);
    writer_.fixed(record.template_id);
    writer_.varint(record.flags);
    text(record.raw);
    text(record.traceback);
    // A message mostly is the end of its line: then its length + 1 stands for it, else 0 and the text.
    if (record.raw.ends_with(record.message)) {
      writer_.varint(record.message.size() + 1);
      text_bytes_ += record.message.size();
    } else {
      writer_.varint(0);
      text(record.message);
    }
  }

  void put(const Event& event) {
    text(event.id);
    word(event.type);
    time(event.time);
    word(event.host);
    word(event.service);
    text(event.summary);
    word(event.origin);
    writer_.varint(event.traits.size());
    for (const auto& [name, value] : event.traits) word(name), word(value);
  }

  void put(const StateReport& report) {
    writer_.fixed(report.kind);
    time(report.at);
    word(report.host);
    word(report.service);
    writer_.varint(report.pid);
    writer_.varint(report.processes);
    writer_.fixed(report.exit);
    writer_.fixed(static_cast<std::uint8_t>((report.ever_seen ? kEverSeen : 0) |
                                            (report.exit_code ? kHasExitCode : 0) |
                                            (report.signal ? kHasSignal : 0)));
    if (report.exit_code) writer_.svarint(*report.exit_code);
    if (report.signal) writer_.svarint(*report.signal);
    text(report.detail);
  }

  void put(const SeriesErasure& erasure) {
    writer_.varint(erasure.matchers.size());
    for (const LabelMatcher& matcher : erasure.matchers) {
      writer_.fixed(matcher.op);
      word(matcher.name);
      word(matcher.value);
    }
    writer_.fixed(erasure.range.from.ns);
    writer_.fixed(erasure.range.until.ns);
  }

  void put(const Signal& signal) {
    writer_.fixed(signal.state);
    for (const std::string* field : {&signal.rule_id, &signal.event, &signal.resource, &signal.host,
                                     &signal.service, &signal.environment, &signal.playbook, &signal.text})
      word(*field);
    writer_.fixed(signal.severity);
    writer_.fixed(signal.tier);
    writer_.fixed(static_cast<std::uint8_t>(signal.status ? std::to_underlying(*signal.status) + 1 : 0));
    time(signal.at);
    word(signal.value);
    writer_.varint(signal.count);
    put(signal.extras);
  }

  void put(const AlertExtras& extras) {
    for (const std::string* field : {&extras.fingerprint, &extras.origin, &extras.group, &extras.type})
      word(*field);
    for (const Labels* labels : {&extras.labels, &extras.annotations}) {
      writer_.varint(labels->size());
      for (const Label& label : *labels) word(label.name), word(label.value);
    }
    for (const std::vector<std::string>* words : {&extras.tags, &extras.correlate}) {
      writer_.varint(words->size());
      for (const std::string& one : *words) word(one);
    }
    writer_.svarint(extras.timeout.count());
  }

  /// The head comes first but holds the dictionary, which is known last.
  void put_head(const Batch& batch) {
    ByteWriter head(head_);
    head.fixed(batch.signals.empty() ? kFirstWithIds : kFirstWithSignals);
    head.fixed(static_cast<std::uint8_t>((batch.id ? kHasId : 0) | (batch.tick ? kTick : 0) |
                                         (batch.server_started ? kServerStarted : 0)));
    head.varint(static_cast<std::uint32_t>(batch.account));
    head.fixed(batch.received.ns);
    if (batch.id) {
      head.text(batch.id->agent_id);
      head.fixed(batch.id->epoch);
      head.varint(batch.id->sequence);
      head.fixed(batch.id->signal);
    }
    head.varint(words_.size());
    for (const std::string_view value : words_) head.text(value);
  }

  void word(std::string_view value) {
    const auto [at, added] = numbers_.try_emplace(value, words_.size());
    if (added) words_.push_back(value);
    writer_.varint(at->second);
    text_bytes_ += value.size();
  }

  void text(std::string_view value) {
    writer_.text(value);
    text_bytes_ += value.size();
  }

  void time(Time t) {
    writer_.svarint(wrapped_difference(t.ns, last_));
    last_ = t.ns;
  }

  std::string head_, body_;
  ByteWriter writer_{body_};
  std::int64_t last_;
  std::uint64_t text_bytes_ = 0;
  std::vector<std::string_view> words_;  // into the batch
  std::unordered_map<std::string_view, std::size_t> numbers_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : whole_(bytes), reader_(bytes) {}

  Result<Batch> run() {
    Batch batch;
    const auto version = reader_.fixed<std::uint8_t>();
    if (version > kVersion)
      return fail(Errc::kUnsupported,
                  "a batch has format version {}, this program knows {}: run the newer program", version,
                  kVersion);
    if (version == 0) return corrupt();
    get_head(batch);
    fill(batch.series, [&](SeriesSamples& series) { get(series); });
    fill(batch.logs, [&](LogRecord& record) { get(record); });
    fill(batch.events, [&](Event& event) { get(event); });
    fill(batch.reports, [&](StateReport& report) { get(report); });
    if (version >= kFirstWithIds) {
      if (!decode_samples(reader_, batch.samples)) return corrupt();
      fill(batch.erasures, [&](SeriesErasure& erasure) { get(erasure); });
    }
    if (version >= kFirstWithSignals) {
      fill(batch.signals, [&](Signal& signal) { get(signal, batch.account); });
      if (batch.signals.empty()) return corrupt();
    }
    if (!good() || !reader_.at_end()) return corrupt();
    return batch;
  }

 private:
  void get_head(Batch& batch) {
    const auto flags = reader_.fixed<std::uint8_t>();
    if (flags > (kHasId | kTick | kServerStarted)) good_ = false;
    batch.tick = (flags & kTick) != 0;
    batch.server_started = (flags & kServerStarted) != 0;
    batch.account = static_cast<AccountId>(narrow());
    batch.received.ns = last_ = reader_.fixed<std::int64_t>();
    if (flags & kHasId) {
      BatchId& id = batch.id.emplace();
      id.agent_id = reader_.text();
      id.epoch = reader_.fixed<std::uint64_t>();
      id.sequence = reader_.varint();
      id.signal = choice(SignalKind::logs);
    }
    fill(words_, [&](std::string_view& word) { word = reader_.text(); });
  }

  void get(SeriesSamples& series) {
    std::vector<Label> labels;
    fill(labels, [&](Label& label) { label.name = word(), label.value = word(); });
    series.labels = Labels(std::move(labels));
    series.kind = choice(SeriesKind::histogram);
    fill(series.samples, [&](Sample& sample) { sample.at = time(), sample.value = reader_.fixed<double>(); });
  }

  void get(LogRecord& record) {
    record.time = time();
    for (std::string* field :
         {&record.host, &record.service, &record.source, &record.component, &record.request_id,
          &record.global_request_id, &record.user_id, &record.project_id, &record.instance})
      *field = word();
    record.severity = choice(Severity::critical);
    record.pid = narrow();
    record.template_id = reader_.fixed<std::uint64_t>();
    record.flags = narrow();
    record.raw = text();
    record.traceback = text();
    const std::uint64_t tail = reader_.varint();
    if (tail == 0) {
      record.message = text();
    } else if (tail - 1 <= record.raw.size()) {
      record.message = spend(std::string_view(record.raw).substr(record.raw.size() - (tail - 1)));
    } else {
      good_ = false;
    }
  }

  void get(Event& event) {
    event.id = text();
    event.type = word();
    event.time = time();
    event.host = word();
    event.service = word();
    event.summary = text();
    event.origin = word();
    for (std::uint64_t left = count(); left > 0 && good(); --left) {
      const std::string_view name = word();
      event.traits.add(name, word());
    }
  }

  void get(StateReport& report) {
    report.kind = choice(StateReport::Kind::log_readable);
    report.at = time();
    report.host = word();
    report.service = word();
    report.pid = narrow();
    report.processes = narrow();
    report.exit = choice(StateReport::Exit::crash);
    const auto flags = reader_.fixed<std::uint8_t>();
    if (flags > (kEverSeen | kHasExitCode | kHasSignal)) good_ = false;
    report.ever_seen = (flags & kEverSeen) != 0;
    if (flags & kHasExitCode) report.exit_code = small_int();
    if (flags & kHasSignal) report.signal = small_int();
    report.detail = text();
  }

  void get(SeriesErasure& erasure) {
    fill(erasure.matchers, [&](LabelMatcher& matcher) {
      matcher.op = choice(LabelMatcher::Op::not_regex);
      matcher.name = word();
      matcher.value = word();
    });
    erasure.range.from.ns = reader_.fixed<std::int64_t>();
    erasure.range.until.ns = reader_.fixed<std::int64_t>();
  }

  void get(Signal& signal, AccountId account) {
    signal.account = account;
    signal.state = choice(Signal::State::resolved);
    for (std::string* field : {&signal.rule_id, &signal.event, &signal.resource, &signal.host,
                               &signal.service, &signal.environment, &signal.playbook, &signal.text})
      *field = word();
    signal.severity = choice(AlertSeverity::cleared);
    signal.tier = choice(Tier::info);
    const auto status = reader_.fixed<std::uint8_t>();
    if (status > std::to_underlying(AlertStatus::unknown) + 1)
      good_ = false;
    else if (status > 0)
      signal.status = static_cast<AlertStatus>(status - 1);
    signal.at = time();
    signal.value = word();
    signal.count = narrow();
    get(signal.extras);
  }

  void get(AlertExtras& extras) {
    for (std::string* field : {&extras.fingerprint, &extras.origin, &extras.group, &extras.type})
      *field = word();
    for (Labels* out : {&extras.labels, &extras.annotations}) {
      std::vector<Label> labels;
      fill(labels, [&](Label& label) { label.name = word(), label.value = word(); });
      *out = Labels(std::move(labels));
    }
    for (std::vector<std::string>* words : {&extras.tags, &extras.correlate})
      fill(*words, [&](std::string& one) { one = word(); });
    extras.timeout = Duration(reader_.svarint());
  }

  /// A count, then as many elements; each takes a byte at least, so that a count cannot ask for more than was
  /// sent.
  template <typename T, typename Get>
  void fill(std::vector<T>& out, Get element) {
    for (std::uint64_t left = count(); left > 0 && good(); --left) element(out.emplace_back());
  }

  /// Of what takes a byte each at least.
  std::uint64_t count() {
    const std::uint64_t count = reader_.varint();
    if (count > reader_.rest().size()) good_ = false;
    return count;
  }

  /// A one-byte enumeration whose greatest value is `last`.
  template <typename T>
  T choice(T last) {
    const auto value = reader_.fixed<std::uint8_t>();
    if (value > std::to_underlying(last)) return good_ = false, T{};
    return static_cast<T>(value);
  }

  std::uint32_t narrow() {
    const std::uint64_t value = reader_.varint();
    if (value > UINT32_MAX) good_ = false;
    return static_cast<std::uint32_t>(value);
  }

  int small_int() {
    const std::int64_t value = reader_.svarint();
    if (value < INT32_MIN || value > INT32_MAX) good_ = false;
    return static_cast<int>(value);
  }

  std::string_view word() {
    const std::uint64_t number = reader_.varint();
    if (number >= words_.size()) return good_ = false, std::string_view{};
    return spend(words_[number]);
  }

  std::string_view text() { return spend(reader_.text()); }

  /// A long word that is referred to often would grow a small batch into gigabytes.
  std::string_view spend(std::string_view text) {
    text_bytes_ += text.size();
    if (text_bytes_ > kMaxTextBytes) return good_ = false, std::string_view{};
    return text;
  }

  Time time() { return {last_ = wrapped_sum(last_, reader_.svarint())}; }

  bool good() const { return good_ && reader_.ok(); }

  std::unexpected<Error> corrupt() const {
    return fail(Errc::kCorrupt, "a batch of {} bytes is damaged at or before byte {}", whole_.size(),
                whole_.size() - reader_.rest().size());
  }

  std::string_view whole_;
  ByteReader reader_;
  bool good_ = true;
  std::int64_t last_ = 0;
  std::uint64_t text_bytes_ = 0;
  std::vector<std::string_view> words_;
};

}  // namespace

Result<std::string> encode_batch(const Batch& batch) {
  return Encoder(batch).take();
}

Result<Batch> decode_batch(std::string_view bytes) {
  return Decoder(bytes).run();
}

}  // namespace sentinella::codec
