#include "telemetry/dead_letters.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "base/text.h"
#include "kv/key.h"

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kMaxReason = 1000;
constexpr std::size_t kMaxPageBytes = 16u << 20;
constexpr std::size_t kWriteBufferBytes = 1u << 20;

std::string key_of(std::uint64_t id) {
  return kv::Key().u32(1).tag('d').u64(id).take();
}

std::string encode(const DeadLetter& letter) {
  std::string row;
  ByteWriter out(row);
  out.fixed(letter.at.ns);
  for (const std::string* field :
       {&letter.broker, &letter.exchange, &letter.routing_key, &letter.reason, &letter.body})
    out.text(*field);
  out.varint(letter.size);
  return row;
}

Result<DeadLetter> decode(std::string_view key, std::string_view row) {
  kv::KeyReader id(key);
  id.u32();
  id.tag();
  ByteReader in(row);
  DeadLetter letter;
  letter.id = id.u64();
  letter.at.ns = in.fixed<std::int64_t>();
  for (std::string* field :
       {&letter.broker, &letter.exchange, &letter.routing_key, &letter.reason, &letter.body})
    *field = in.text();
  letter.size = in.varint();
  if (!id.ok() || !in.ok() || !in.at_end())
    return fail(Errc::kCorrupt, "a dead letter of {} bytes is damaged", row.size());
  return letter;
}

bool in_token(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '=';
}

/// Fernet tokens, wherever they stand.
void mask_tokens(std::string& text) {
  constexpr std::string_view kFernet = "gAAAAA";
  for (std::size_t at = text.find(kFernet); at != std::string::npos; at = text.find(kFernet, at + 3)) {
    std::size_t end = at;
    while (end < text.size() && in_token(text[end])) ++end;
    text.replace(at, end - at, "***");
  }
}

/// The text after `name":`, in JSON that may stand within JSON.
void mask_field(std::string& text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    std::size_t begin = at + name.size();
    const auto skip = [&](std::string_view any) {
      while (begin < text.size() && any.find(text[begin]) != std::string_view::npos) ++begin;
    };
    if (begin >= text.size() || (text[begin] != '"' && text[begin] != '\\')) continue;
    skip("\\\"");
    skip(" ");
    if (begin >= text.size() || text[begin] != ':') continue;
    skip(": ");
    if (begin >= text.size() || (text[begin] != '"' && text[begin] != '\\')) continue;
    skip("\\\"");
    const std::size_t end = std::min(text.find_first_of("\\\"", begin), text.size());
    text.replace(begin, end - begin, "***");
  }
}

}  // namespace

DeadLetters::DeadLetters(std::unique_ptr<kv::Database> database, std::uint64_t max_bytes)
    : database_(std::move(database)), max_bytes_(max_bytes) {}

Result<std::unique_ptr<DeadLetters>> DeadLetters::open(const std::filesystem::path& directory,
                                                       std::uint64_t max_bytes) {
  SENT_TRY_ASSIGN(auto database, kv::Database::open({.directory = directory,
                                                     .name = "store of dead letters",
                                                     .large_values = true,
                                                     .write_buffer_bytes = kWriteBufferBytes}));
  std::unique_ptr<DeadLetters> made(new DeadLetters(std::move(database), max_bytes));
  SENT_TRY(made->count_all());
  return made;
}

Result<void> DeadLetters::count_all() {
  Lock lock(mutex_);
  return database_->scan(key_of(0), key_of(UINT64_MAX), [&](std::string_view key, std::string_view row) {
    kv::KeyReader id(key);
    id.u32();
    id.tag();
    next_id_ = id.u64() + 1;
    ++count_;
    bytes_ += row.size();
    return true;
  });
}

Result<void> DeadLetters::add(std::vector<DeadLetter> letters) {
  if (letters.empty()) return {};
  Lock lock(mutex_);
  kv::WriteBatch batch;
  std::uint64_t id = next_id_, bytes = bytes_;
  for (DeadLetter& letter : letters) {
    letter.size = letter.body.size();
    if (letter.body.size() > kMaxKept) letter.body.resize(kMaxKept);
    if (letter.reason.size() > kMaxReason) letter.reason.resize(kMaxReason);
    const std::string row = encode(letter);
    batch.put(key_of(id++), row);
    bytes += row.size();
  }
  SENT_TRY(database_->write(std::move(batch), kv::Sync::yes));
  count_ += id - next_id_;
  next_id_ = id;
  bytes_ = bytes;
  return drop_oldest();
}

Result<void> DeadLetters::drop_oldest() {
  if (bytes_ <= max_bytes_) return {};
  kv::WriteBatch batch;
  std::uint64_t gone = 0, bytes = 0;
  SENT_TRY(database_->scan(key_of(0), key_of(next_id_ - 1), [&](std::string_view key, std::string_view row) {
    if (bytes_ - bytes <= max_bytes_) return false;
    batch.erase(key);
    ++gone;
    bytes += row.size();
    return true;
  }));
  SENT_TRY(database_->write(std::move(batch), kv::Sync::no));
  count_ -= gone;
  bytes_ -= bytes;
  dropped_ += gone;
  return {};
}

Result<DeadLetterPage> DeadLetters::list(std::uint64_t before, std::size_t limit) const {
  DeadLetterPage page;
  Result<void> outcome;
  std::size_t bytes = 0;
  const auto visit = [&](std::string_view key, std::string_view row) {
    if (page.letters.size() == limit || bytes > kMaxPageBytes) {
      page.next = page.letters.back().id;
      return false;
    }
    auto letter = decode(key, row);
    if (!letter) return outcome = std::unexpected(letter.error()), false;
    bytes += row.size();
    page.letters.push_back(*std::move(letter));
    return true;
  };
  SENT_TRY(database_->scan_back(key_of(0), key_of(before == 0 ? UINT64_MAX : before), visit));
  SENT_TRY(outcome);
  return page;
}

Result<std::optional<DeadLetter>> DeadLetters::get(std::uint64_t id) const {
  SENT_TRY_ASSIGN(const auto row, database_->get(key_of(id)));
  if (!row) return std::nullopt;
  return decode(key_of(id), *row);
}

Result<void> DeadLetters::erase(std::uint64_t id) {
  Lock lock(mutex_);
  SENT_TRY_ASSIGN(const auto row, database_->get(key_of(id)));
  if (!row) return {};
  kv::WriteBatch batch;
  batch.erase(key_of(id));
  SENT_TRY(database_->write(std::move(batch), kv::Sync::yes));
  --count_;
  bytes_ -= row->size();
  return {};
}

std::uint64_t DeadLetters::count() const {
  Lock lock(mutex_);
  return count_;
}

Result<void> DeadLetters::copy_to(const std::filesystem::path& directory) const {
  return database_->copy_to(directory);
}

std::uint64_t DeadLetters::dropped() const {
  Lock lock(mutex_);
  return dropped_;
}

std::string readable_body(const DeadLetter& letter) {
  std::string text = to_valid_utf8(letter.body);
  mask_tokens(text);
  for (const std::string_view name : {"auth_token", "password", "adminPass", "admin_pass", "secret"})
    mask_field(text, name);
  return text;
}

}  // namespace sentinella::telemetry
