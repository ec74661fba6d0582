#include "agent/tail/journal_log.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/log.h"

namespace sentinella::agent {
namespace {

constexpr int kLocalOnly = 1;  // SD_JOURNAL_LOCAL_ONLY
constexpr std::size_t kMaxField = 1 << 20;
constexpr std::uint64_t kEarlierEntries = 100;
constexpr int kEntriesPerTurn = 500;
/// Who logs to the journal logs often: several entries are worth one look.
constexpr Duration kGather = 20ms;
constexpr Duration kJournalPause = 200ms;
constexpr std::uint64_t kOnItsWay = 60'000'000;  // microseconds

std::unexpected<Error> cannot(std::string_view what, int error) {
  const Errc code = error == -EACCES || error == -EPERM ? Errc::kForbidden : Errc::kIo;
  return fail(code, "{}: {}", what, std::strerror(-error));
}

}  // namespace

JournalLog::JournalLog(EventLoop& loop, const Clock& clock, std::vector<JournalService> services,
                       std::filesystem::path directory, Callbacks callbacks)
    : loop_(loop),
      clock_(clock),
      services_(std::move(services)),
      directory_(std::move(directory)),
      callbacks_(std::move(callbacks)) {}

JournalLog::~JournalLog() {
  if (watched_ >= 0) loop_.unwatch(watched_);
  loop_.cancel(timer_);
  if (journal_) library_->journal_close(journal_);
}

Result<void> JournalLog::start(const PositionTable& table) {
  SENT_TRY_ASSIGN(library_, systemd_library());
  SENT_TRY(open());
  SENT_TRY(add_matches());
  library_->journal_set_data_threshold(journal_, kMaxField);
  seek(table);
  unread_since_ = table.saved();
  const int descriptor = library_->journal_get_fd(journal_);
  if (descriptor >= 0 && loop_.watch(descriptor, [this] { on_change(); })) watched_ = descriptor;
  schedule(Duration(0));
  return {};
}

Result<void> JournalLog::open() {
  const int error = directory_.empty() ? library_->journal_open(&journal_, kLocalOnly)
                                       : library_->journal_open_directory(&journal_, directory_.c_str(), 0);
  if (error >= 0) return {};
  journal_ = nullptr;
  return cannot("systemd's journal cannot be opened", error);
}

Result<void> JournalLog::add_matches() {
  for (const JournalService& service : services_)
    for (const JournalTerm& term : service.terms) {
      for (const std::string& match : term)
        if (const int error = library_->journal_add_match(journal_, match.data(), match.size()); error < 0)
          return cannot(fmt::format("the journal takes no match \"{}\"", match), error);
      library_->journal_add_disjunction(journal_);
    }
  return {};
}

void JournalLog::seek(const PositionTable& table) {
  const std::vector<FilePosition> known = table.of(std::string(kJournalPath));
  if (!known.empty()) {
    position_ = known.back();
    skip_ = cursor_of_position(position_);
    if (library_->journal_seek_cursor(journal_, skip_.c_str()) >= 0) return;
    log::warning("agent.tail", "the journal has no place {} any more; what is there now is read", skip_);
    skip_.clear();
  }
  const Time now = clock_.now();
  position_ = FilePosition{std::string(kJournalPath), {}, 0};
  position_.file.head_hash = static_cast<std::uint64_t>(now.ns / 1000);
  history_end_ = now;
  library_->journal_seek_tail(journal_);
  on_entry_ = library_->journal_previous_skip(journal_, kEarlierEntries) > 0;
  if (!on_entry_)  // what is on its way to the journal now carries an earlier time
    library_->journal_seek_realtime_usec(journal_, position_.file.head_hash - kOnItsWay);
}

void JournalLog::on_change() {
  library_->journal_process(journal_);
  schedule(kGather);
}

void JournalLog::schedule(Duration delay) {
  if (scheduled_) return;
  scheduled_ = true;
  timer_ = loop_.after(delay, [this] {
    scheduled_ = false;
    read_turn();
  });
}

void JournalLog::poll() {
  if (!journal_) return;
  library_->journal_process(journal_);
  read_turn();
}

void JournalLog::read_turn() {
  for (int i = 0; i < kEntriesPerTurn; ++i) {
    if (callbacks_.busy()) {
      if (!unread_since_) unread_since_ = clock_.now();
      return schedule(kJournalPause);
    }
    if (!on_entry_ && library_->journal_next(journal_) <= 0) {
      unread_since_.reset();
      return;
    }
    on_entry_ = false;
    const bool read_before = !skip_.empty() && library_->journal_test_cursor(journal_, skip_.c_str()) > 0;
    skip_.clear();
    if (!read_before) hand_over();
  }
  schedule(Duration(0));
}

Duration JournalLog::waited() const {
  return unread_since_ ? clock_.now() - *unread_since_ : Duration(0);
}

std::optional<std::string_view> JournalLog::field(const char* name) const {
  const void* data = nullptr;
  std::size_t size = 0;
  if (library_->journal_get_data(journal_, name, &data, &size) < 0) return std::nullopt;
  const std::string_view pair(static_cast<const char*>(data), size);
  const std::size_t equals = pair.find('=');
  return equals == std::string_view::npos ? std::nullopt : std::optional(pair.substr(equals + 1));
}

std::optional<std::size_t> JournalLog::whose() const {
  const auto holds = [&](const std::string& match) {
    const std::size_t equals = match.find('=');
    return field(match.substr(0, equals).c_str()) == std::string_view(match).substr(equals + 1);
  };
  for (std::size_t service = 0; service < services_.size(); ++service)
    for (const JournalTerm& term : services_[service].terms)
      if (std::ranges::all_of(term, holds)) return service;
  return std::nullopt;
}

void JournalLog::hand_over() {
  char* text = nullptr;
  if (library_->journal_get_cursor(journal_, &text) < 0) return;
  const std::unique_ptr<char, void (*)(void*)> cursor(text, std::free);
  if (const auto position = position_of_cursor(text)) position_ = *position;
  moved_ = true;
  const auto service = whose();
  if (!service) return;
  std::uint64_t microseconds = 0;
  library_->journal_get_realtime_usec(journal_, &microseconds);
  const Time received{static_cast<std::int64_t>(microseconds) * 1000};
  // What one call gives may be gone with the next one.
  std::vector<std::pair<const char*, std::string>> found;
  for (const char* name : kJournalFields)
    if (const auto value = field(name)) found.emplace_back(name, *value);
  std::vector<JournalField> fields;
  std::string message;
  for (const auto& [name, value] : found) {
    fields.push_back({name, value});
    if (std::string_view(name) == "MESSAGE") message = value;
  }
  callbacks_.record(*service, std::move(message), journal_line(fields, received), received < history_end_);
}

std::optional<FilePosition> JournalLog::take_position() {
  if (!std::exchange(moved_, false)) return std::nullopt;
  return position_;
}

}  // namespace sentinella::agent
