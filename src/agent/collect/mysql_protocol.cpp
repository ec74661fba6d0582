#include "agent/collect/mysql_protocol.h"

#include <algorithm>

#include "base/sha1.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kHead = 4;
constexpr std::uint32_t kCapabilities = 0x00000001     // long password
                                        | 0x00000200   // protocol 4.1
                                        | 0x00008000   // secure connection
                                        | 0x00080000;  // plug-in authentication
constexpr std::uint32_t kTls = 0x00000800;
constexpr std::uint8_t kUtf8 = 33;
constexpr char kOk = '\0';
constexpr char kEof = '\xfe';
constexpr char kError = '\xff';
constexpr char kNull = '\xfb';

std::string digest(std::string_view a, std::string_view b = {}) {
  const Sha1 sum = sha1(std::string(a) + std::string(b));
  return {reinterpret_cast<const char*>(sum.data()), sum.size()};
}

void put_little(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t little(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Takes a text with its length in front; nullopt: cut short. NULL is "".
std::optional<std::string_view> take_text(std::string_view& data) {
  if (data.empty()) return std::nullopt;
  const char first = data[0];
  data.remove_prefix(1);
  if (first == kNull) return std::string_view();
  std::uint64_t size = static_cast<unsigned char>(first);
  const std::size_t more = first == '\xfc' ? 2 : first == '\xfd' ? 3 : first == kEof ? 8 : 0;
  if (data.size() < more) return std::nullopt;
  if (more > 0) size = little(data.substr(0, more));
  data.remove_prefix(more);
  if (size > data.size()) return std::nullopt;
  const std::string_view text = data.substr(0, size);
  data.remove_prefix(size);
  return text;
}

/// "Access denied for user ...": after the code and, of version 4.1, '#' and five letters.
std::string error_text(std::string_view payload) {
  payload.remove_prefix(std::min<std::size_t>(payload.size(), 3));
  if (payload.starts_with('#')) payload.remove_prefix(std::min<std::size_t>(payload.size(), 6));
  std::string out;
  for (char c : payload.substr(0, 300)) out += c >= ' ' && c <= '~' ? c : ' ';
  return out;
}

std::string login_head(std::uint32_t capabilities) {
  std::string out;
  put_little(out, capabilities, 4);
  put_little(out, 1 << 24, 4);  // the largest packet
  out += static_cast<char>(kUtf8);
  out.append(23, '\0');
  return out;
}

}  // namespace

std::optional<MysqlPacket> first_mysql_packet(std::string_view data) {
  if (data.size() < kHead) return std::nullopt;
  const std::uint64_t size = little(data.substr(0, 3));
  if (data.size() < kHead + size) return std::nullopt;
  return MysqlPacket{static_cast<std::uint8_t>(data[3]), data.substr(kHead, size), kHead + size};
}

std::string mysql_packet(std::uint8_t number, std::string_view payload) {
  std::string out;
  put_little(out, payload.size(), 3);
  out += static_cast<char>(number);
  out += payload;
  return out;
}

Result<MysqlGreeting> parse_mysql_greeting(std::string_view payload) {
  if (payload.starts_with(kError))
    return fail(Errc::kUnavailable, "the database refuses: {}", error_text(payload));
  const std::size_t version_end = payload.find('\0');
  if (!payload.starts_with('\x0a') || version_end == std::string_view::npos)
    return fail(Errc::kCorrupt, "the greeting is not MariaDB's or MySQL's");
  MysqlGreeting greeting;
  greeting.version = payload.substr(1, version_end - 1);
  payload.remove_prefix(version_end + 1);
  // thread 4, scramble 8, 0, capabilities 2, charset 1, status 2, capabilities 2, length 1, reserved 10,
  // scramble 12, 0
  constexpr std::size_t kFixed = 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10;
  if (payload.size() < kFixed + 12) return fail(Errc::kCorrupt, "the database's greeting is cut short");
  greeting.speaks_tls = (little(payload.substr(4 + 8 + 1, 2)) & kTls) != 0;
  greeting.scramble = std::string(payload.substr(4, 8)) + std::string(payload.substr(kFixed, 12));
  const std::string_view rest = payload.substr(std::min(payload.size(), kFixed + 13));
  greeting.plugin = rest.substr(0, rest.find('\0'));
  return greeting;
}

std::string mysql_native_answer(std::string_view password, std::string_view scramble) {
  if (password.empty()) return "";
  std::string answer = digest(password);
  const std::string mask = digest(scramble, digest(answer));
  for (std::size_t i = 0; i < answer.size(); ++i) answer[i] = static_cast<char>(answer[i] ^ mask[i]);
  return answer;
}

std::string mysql_login(std::string_view user, std::string_view password, std::string_view scramble,
                        bool over_tls) {
  std::string out = login_head(over_tls ? kCapabilities | kTls : kCapabilities);
  out += user;
  out += '\0';
  const std::string answer = mysql_native_answer(password, scramble);
  out += static_cast<char>(answer.size());
  out += answer;
  out += "mysql_native_password";
  out += '\0';
  return out;
}

std::string mysql_tls_request() {
  return login_head(kCapabilities | kTls);
}

Result<MysqlLoginReply> parse_mysql_login_reply(std::string_view payload, std::string_view password) {
  if (payload.starts_with(kOk)) return MysqlLoginReply{true, std::nullopt};
  if (payload.starts_with(kError))
    return fail(Errc::kUnauthorized, "the database refuses: {}", error_text(payload));
  const std::size_t end = payload.find('\0');
  if (!payload.starts_with(kEof) || end == std::string_view::npos)
    return fail(Errc::kCorrupt, "the database's answer to the login is not understood");
  const std::string_view plugin = payload.substr(1, end - 1);
  std::string_view scramble = payload.substr(end + 1);
  if (scramble.ends_with('\0')) scramble.remove_suffix(1);
  if (plugin == "mysql_native_password")
    return MysqlLoginReply{false, mysql_native_answer(password, scramble)};
  // Whoever comes over the local socket is known by his user id.
  if (plugin == "unix_socket" || plugin == "auth_socket") return MysqlLoginReply{false, ""};
  return fail(Errc::kUnauthorized,
              "the account wants {}, which is not spoken here; give it mysql_native_password or unix_socket",
              plugin);
}

std::string mysql_quit() {
  return "\x01";
}

std::string mysql_query(std::string_view statement) {
  return '\x03' + std::string(statement);
}

Result<bool> MysqlRows::put(std::string_view payload) {
  if (payload.empty()) return fail(Errc::kCorrupt, "the database sent an empty packet");
  if (payload[0] == kError) return fail(Errc::kInvalid, "the database refuses: {}", error_text(payload));
  const bool is_end = payload[0] == kEof && payload.size() < 9;
  switch (step_) {
    case Step::count:
      columns_ = columns_left_ = static_cast<unsigned char>(payload[0]);
      if (columns_ == 0 || columns_ > DatabaseRows::kMostColumns)
        return fail(Errc::kCorrupt, "the result has {} columns, 1 to {} expected", columns_,
                    DatabaseRows::kMostColumns);
      step_ = Step::columns;
      return false;
    case Step::columns:
      if (columns_left_ > 0)
        --columns_left_;
      else if (is_end)
        step_ = Step::rows;
      else
        return fail(Errc::kCorrupt, "the database's result has more columns than it said");
      return false;
    case Step::rows:
      break;
  }
  if (is_end) return true;
  DatabaseRow row;
  while (row.size() < columns_) {
    const auto value = take_text(payload);
    if (!value) return fail(Errc::kCorrupt, "a row of the database is cut short");
    row.emplace_back(*value);
  }
  rows_.add(std::move(row));
  return false;
}

}  // namespace sentinella::agent
