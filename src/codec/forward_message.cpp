#include "codec/forward_message.h"

#include <cmath>
#include <optional>

#include "base/compress.h"
#include "base/crypto.h"
#include "codec/msgpack.h"

namespace sentinella::codec {
namespace {

using Kind = MsgpackValue::Kind;
using OnEvent = std::function<void(const ForwardEvent&)>;

std::unexpected<Error> bad(std::string_view why) {
  return fail(Errc::kInvalid, "not a message of the forward protocol: {}", why);
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

/// EventTime (extension 0: seconds and nanoseconds), seconds, or either within an array with metadata.
std::optional<Time> read_time(MsgpackReader& reader) {
  constexpr std::uint64_t kLastSecond = INT64_MAX / 1'000'000'000;
  const std::string_view whole = reader.whole();
  MsgpackReader inner(whole);
  MsgpackValue value;
  if (!inner.next(value)) return std::nullopt;
  if (value.kind == Kind::array && value.natural > 0 && !inner.next(value)) return std::nullopt;
  switch (value.kind) {
    case Kind::extension:
      if (value.type != 0 || value.content.size() != 8) return std::nullopt;
      return Time{static_cast<std::int64_t>(big_endian(value.content)) * 1'000'000'000 +
                  big_endian(value.content.substr(4))};
    case Kind::natural:
      if (value.natural > kLastSecond) return std::nullopt;
      return Time{static_cast<std::int64_t>(value.natural) * 1'000'000'000};
    case Kind::real:
      if (!(value.real >= 0 && value.real < static_cast<double>(kLastSecond))) return std::nullopt;
      return Time{std::llround(value.real * 1e6) * 1'000};
    case Kind::nil:
      return Time{};
    default:
      return std::nullopt;
  }
}

Result<void> read_event(MsgpackReader& reader, const OnEvent& event) {
  const auto time = read_time(reader);
  if (!time) return bad("an entry has no time");
  const std::string_view record = reader.whole();
  if (record.empty()) return bad("an entry has no record");
  event({*time, record});
  return {};
}

/// [time, record] again and again.
Result<void> read_entries(MsgpackReader& reader, std::uint64_t count, const OnEvent& event) {
  MsgpackValue pair;
  for (std::uint64_t i = 0; i < count && !reader.at_end(); ++i) {
    if (!reader.next(pair) || pair.kind != Kind::array || pair.natural != 2)
      return bad("an entry is no pair of time and record");
    SENT_TRY(read_event(reader, event));
  }
  return {};
}

struct Options {
  std::string chunk;
  std::string compressed;
};

Result<Options> read_options(MsgpackReader& reader) {
  Options options;
  if (reader.at_end()) return options;
  MsgpackValue value, key;
  if (!reader.next(value)) return bad("the options are cut");
  if (value.kind == Kind::nil) return options;
  if (value.kind != Kind::map) return bad("the options are no map");
  for (std::uint64_t left = value.natural; left > 0; --left) {
    if (!reader.next(key)) return bad("the options are cut");
    const std::string_view whole = reader.whole();
    MsgpackReader inner(whole);
    if (!inner.next(value)) return bad("the options are cut");
    if (!key.is_string() || !value.is_string()) continue;
    if (key.content == "chunk") options.chunk = value.content;
    if (key.content == "compressed") options.compressed = value.content;
  }
  return options;
}

Result<void> read_packed(std::string_view packed, const Options& options, std::size_t max_unpacked,
                         const OnEvent& event) {
  std::string unpacked;
  if (options.compressed == "gzip") {
    SENT_TRY_ASSIGN(unpacked, gzip_decompress(packed, max_unpacked));
    packed = unpacked;
  } else if (options.compressed == "zstd") {
    SENT_TRY_ASSIGN(unpacked, zstd_decompress(packed, max_unpacked));
    packed = unpacked;
  } else if (!options.compressed.empty() && options.compressed != "text") {
    return fail(Errc::kUnsupported, "entries compressed with \"{}\"; gzip and zstd are taken",
                options.compressed);
  }
  MsgpackReader entries(packed);
  return read_entries(entries, UINT64_MAX, event);
}

std::string key_digest(std::string_view salt, std::string_view host, std::string_view nonce,
                       std::string_view key) {
  return sha512_hex(std::string(salt).append(host).append(nonce).append(key));
}

}  // namespace

Result<ForwardHead> read_forward_message(std::string_view message, std::size_t max_unpacked,
                                         const OnEvent& event) {
  MsgpackReader reader(message);
  MsgpackValue value;
  if (!reader.next(value) || value.kind != Kind::array || value.natural < 2 || value.natural > 4)
    return bad("no array of 2 to 4");
  ForwardHead head;
  if (!reader.next(value) || !value.is_string()) return bad("it has no tag");
  head.tag = value.content;
  MsgpackReader options_reader = reader;
  MsgpackReader peek = reader;
  if (!peek.next(value)) return bad("it is cut");
  const bool forward = value.kind == Kind::array, packed = value.is_string();
  // Message mode has time and record in front of the options, the others have one thing.
  for (int i = 0; i < (forward || packed ? 1 : 2); ++i)
    if (options_reader.whole().empty()) return bad("it is cut");
  SENT_TRY_ASSIGN(const Options options, read_options(options_reader));
  head.chunk = options.chunk;
  if (packed) {
    SENT_TRY(read_packed(value.content, options, max_unpacked, event));
  } else if (forward) {
    SENT_TRY(read_entries(peek, value.natural, event));
  } else {
    SENT_TRY(read_event(reader, event));
  }
  return head;
}

std::string forward_ack(std::string_view chunk) {
  std::string out;
  MsgpackWriter(out).map(1).text("ack").text(chunk);
  return out;
}

std::string forward_helo(std::string_view nonce) {
  std::string out;
  MsgpackWriter writer(out);
  writer.array(2).text("HELO").map(3).text("nonce").bytes(nonce).text("auth").text("");
  writer.text("keepalive").boolean(true);
  return out;
}

Result<ForwardPing> read_forward_ping(std::string_view message, std::string_view nonce,
                                      std::string_view shared_key) {
  MsgpackReader reader(message);
  MsgpackValue value, host, salt, digest;
  if (!reader.next(value) || value.kind != Kind::array || value.natural < 4 || !reader.next(value) ||
      !value.is_string() || value.content != "PING" || !reader.next(host) || !host.is_string() ||
      !reader.next(salt) || !salt.is_string() || !reader.next(digest) || !digest.is_string())
    return bad("the client must begin with PING: this listener has a shared_key");
  return ForwardPing{.host = std::string(host.content),
                     .knows_key = constant_time_equal(
                         digest.content, key_digest(salt.content, host.content, nonce, shared_key)),
                     .salt = std::string(salt.content)};
}

std::string forward_pong(const ForwardPing& ping, std::string_view our_host, std::string_view nonce,
                         std::string_view shared_key) {
  std::string out;
  MsgpackWriter writer(out);
  writer.array(5).text("PONG").boolean(ping.knows_key);
  writer.text(ping.knows_key ? "" : "shared_key mismatch").text(our_host);
  writer.text(ping.knows_key ? key_digest(ping.salt, our_host, nonce, shared_key) : "");
  return out;
}

}  // namespace sentinella::codec
