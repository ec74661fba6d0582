#include "agent/collect/postgres_protocol.h"

#include <algorithm>

#include <openssl/evp.h>

#include "base/crypto.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMessageHead = 5;
constexpr std::uint32_t kMaxMessage = 1 << 20;
constexpr std::uint32_t kProtocol = 196608;
constexpr std::uint32_t kTlsRequest = 80877103;
/// PostgreSQL's own is 4096; whoever asks for far more wants our processor.
constexpr std::uint64_t kMaxIterations = 100'000;
constexpr std::string_view kScram = "SCRAM-SHA-256";
constexpr std::string_view kNoChannelBinding = "n,,";

enum LoginKind : std::uint32_t {
  kLoginOk = 0,
  kLoginCleartext = 3,
  kLoginMd5 = 5,
  kLoginSasl = 10,
  kLoginSaslContinue = 11,
  kLoginSaslFinal = 12
};

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

void put_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

std::string typed_message(std::string_view type, std::string_view payload) {
  std::string out(type);
  put_big_endian(out, static_cast<std::uint32_t>(payload.size() + 4));
  return out.append(payload);
}

std::string zero_ended(std::string_view value) {
  return std::string(value) + '\0';
}

/// The field 'M' of an error: its sentence.
std::string refusal_text(std::string_view payload) {
  while (!payload.empty() && payload[0] != '\0') {
    const char field = payload[0];
    const std::size_t end = std::min(payload.find('\0'), payload.size());
    if (field == 'M') return to_valid_utf8(payload.substr(1, std::min<std::size_t>(end - 1, 300)));
    payload.remove_prefix(std::min(end + 1, payload.size()));
  }
  return "no reason given";
}

std::string md5_hex(std::string_view data) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), digest, &size, EVP_md5(), nullptr) != 1) return "";
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string hmac(std::string_view key, std::string_view data) {
  return std::string(bytes_of(hmac_sha256(key, data)));
}

/// The value of "r=" and the like in a SCRAM message.
std::string_view scram_field(std::string_view message, char name) {
  for (std::string_view part : split(message, ','))
    if (part.size() >= 2 && part[0] == name && part[1] == '=') return part.substr(2);
  return {};
}

Result<std::string> salted_password(std::string_view password, std::string_view salt,
                                    std::uint64_t iterations) {
  std::string out(32, '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                        static_cast<int>(iterations), EVP_sha256(), static_cast<int>(out.size()),
                        reinterpret_cast<unsigned char*>(out.data())) != 1)
    return fail(Errc::kInternal, "the password cannot be hashed for the database");
  return out;
}

}  // namespace

Result<std::optional<PostgresMessage>> first_postgres_message(std::string_view data) {
  if (data.size() < kMessageHead) return std::nullopt;
  const std::uint32_t length = big_endian(data.substr(1, 4));
  if (length < 4 || length > kMaxMessage) return fail(Errc::kCorrupt, "the answer is not PostgreSQL's");
  if (data.size() < length + 1) return std::nullopt;
  return PostgresMessage{data[0], data.substr(kMessageHead, length - 4), length + 1};
}

std::string postgres_tls_request() {
  std::string code;
  put_big_endian(code, kTlsRequest);
  return typed_message("", code);
}

std::string postgres_startup(std::string_view user, std::string_view database) {
  std::string payload;
  put_big_endian(payload, kProtocol);
  payload += zero_ended("user") + zero_ended(user) + zero_ended("database") + zero_ended(database) +
             zero_ended("application_name") + zero_ended("sentinella") + '\0';
  return typed_message("", payload);
}

std::string postgres_query(std::string_view statement) {
  return typed_message("Q", zero_ended(statement));
}

Result<std::string> PostgresLogin::put(const PostgresMessage& message) {
  switch (message.type) {
    case 'R':
      return authentication(message.payload);
    case 'E':
      return fail(Errc::kUnauthorized, "the database refuses: {}", refusal_text(message.payload));
    case 'Z':
      if (!authenticated_) return fail(Errc::kCorrupt, "the database skips the login");
      ready_ = true;
      return "";
    default:
      return "";  // parameters, a key for cancelling, notices
  }
}

Result<std::string> PostgresLogin::authentication(std::string_view payload) {
  if (payload.size() < 4) return fail(Errc::kCorrupt, "the database's login is cut short");
  const std::uint32_t kind = big_endian(payload.substr(0, 4));
  payload.remove_prefix(4);
  switch (kind) {
    case kLoginOk:
      authenticated_ = true;
      return "";
    case kLoginCleartext:
      if (!over_tls_)
        return fail(Errc::kUnauthorized,
                    "the database wants the password in the clear; that needs \"tls\": true");
      return typed_message("p", zero_ended(password_));
    case kLoginMd5:
      if (payload.size() < 4) return fail(Errc::kCorrupt, "the database's login is cut short");
      return typed_message(
          "p", zero_ended("md5" + md5_hex(md5_hex(password_ + user_) + std::string(payload.substr(0, 4)))));
    case kLoginSasl:
      return begin_scram(payload);
    case kLoginSaslContinue:
      return answer_scram(payload);
    case kLoginSaslFinal:
      return end_scram(payload);
    default:
      return fail(Errc::kUnauthorized,
                  "the account wants a way of login that is not spoken here; give it scram-sha-256");
  }
}

std::string PostgresLogin::client_first() const {
  std::string name;
  for (char c : user_) name += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
  return fmt::format("n={},r={}", name, nonce_);
}

Result<std::string> PostgresLogin::begin_scram(std::string_view mechanisms) {
  const auto offered = split(mechanisms, '\0');
  if (std::ranges::find(offered, kScram) == offered.end())
    return fail(Errc::kUnauthorized, "the database does not offer {}", kScram);
  const std::string first = std::string(kNoChannelBinding) + client_first();
  std::string payload = zero_ended(kScram);
  put_big_endian(payload, static_cast<std::uint32_t>(first.size()));
  return typed_message("p", payload + first);
}

Result<std::string> PostgresLogin::answer_scram(std::string_view server_first) {
  const std::string_view nonce = scram_field(server_first, 'r');
  const auto salt = from_base64(scram_field(server_first, 's'));
  const auto iterations = parse_uint(scram_field(server_first, 'i'));
  if (!nonce.starts_with(nonce_) || nonce.size() == nonce_.size() || !salt || salt->empty() || !iterations ||
      *iterations == 0 || *iterations > kMaxIterations)
    return fail(Errc::kUnauthorized, "the database's part of {} is not right", kScram);
  SENT_TRY_ASSIGN(const std::string salted, salted_password(password_, *salt, *iterations));
  const std::string last = fmt::format("c={},r={}", to_base64(kNoChannelBinding), nonce);
  const std::string all = fmt::format("{},{},{}", client_first(), server_first, last);
  std::string proof = hmac(salted, "Client Key");
  const std::string signature = hmac(bytes_of(sha256(proof)), all);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  server_signature_ = to_base64(hmac(hmac(salted, "Server Key"), all));
  return typed_message("p", fmt::format("{},p={}", last, to_base64(proof)));
}

Result<std::string> PostgresLogin::end_scram(std::string_view server_final) {
  if (server_signature_.empty() || !constant_time_equal(scram_field(server_final, 'v'), server_signature_))
    return fail(Errc::kUnauthorized, "the database does not know the password: it may be another one");
  return "";
}

Result<bool> PostgresRows::put(const PostgresMessage& message) {
  if (message.type == 'E')
    return fail(Errc::kInvalid, "the database refuses: {}", refusal_text(message.payload));
  if (message.type == 'Z') return true;
  if (message.type != 'D') return false;
  std::string_view rest = message.payload;
  if (rest.size() < 2) return fail(Errc::kCorrupt, "a row of the database is cut short");
  const std::uint32_t columns = big_endian(rest.substr(0, 2));
  rest.remove_prefix(2);
  if (columns > DatabaseRows::kMostColumns)
    return fail(Errc::kCorrupt, "a row of the database has {} columns, up to {} expected", columns,
                DatabaseRows::kMostColumns);
  DatabaseRow row;
  for (std::uint32_t i = 0; i < columns; ++i) {
    if (rest.size() < 4) return fail(Errc::kCorrupt, "a row of the database is cut short");
    const std::uint32_t size = big_endian(rest.substr(0, 4));
    rest.remove_prefix(4);
    const bool null = size == UINT32_MAX;
    if (!null && size > rest.size()) return fail(Errc::kCorrupt, "a row of the database is cut short");
    row.emplace_back(rest.substr(0, null ? 0 : size));
    rest.remove_prefix(null ? 0 : size);
  }
  rows_.add(std::move(row));
  return false;
}

}  // namespace sentinella::agent
