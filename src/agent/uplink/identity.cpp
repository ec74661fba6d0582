#include "agent/uplink/identity.h"

#include "agent/config/config.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxBytes = 64 << 10;

Result<Identity> parse(std::string_view text) {
  SENT_TRY_ASSIGN(const boost::json::object root, parse_json_object(text));
  Identity identity;
  SENT_TRY_ASSIGN(identity.agent_id, required_string(root, "agent_id"));
  SENT_TRY_ASSIGN(identity.agent_key, required_string(root, "agent_key"));
  SENT_TRY_ASSIGN(identity.enrolled_with, required_string(root, "enrolled_with"));
  return identity;
}

}  // namespace

std::optional<Identity> load_identity(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxBytes);
  if (!text) return std::nullopt;
  auto identity = parse(*text);
  return identity ? std::optional(std::move(*identity)) : std::nullopt;
}

Result<void> save_identity(const std::filesystem::path& file, const Identity& identity) {
  JsonWriter json;
  json.object().field("agent_id", identity.agent_id).field("agent_key", identity.agent_key);
  json.field("enrolled_with", identity.enrolled_with).end();
  return write_file_atomic(file, json.take() + "\n", 0600);
}

std::string enrolment_fingerprint(const std::string& account_key, const std::string& server_url) {
  return to_hex(sha256("sentinella enrolment\n" + server_url + "\n" + account_key)).substr(0, 16);
}

Result<std::string> machine_id(const std::filesystem::path& state_dir,
                               const std::filesystem::path& system_file) {
  std::string id;
  if (const auto system = read_file(system_file, 4096)) id = trim(*system);
  if (id.size() < 16) {
    const auto own_file = state_dir / "machine-id";
    if (const auto own = read_file(own_file, 4096)) id = trim(*own);
    if (id.size() < 16) {
      id = host_name() + "-" + random_token();
      SENT_TRY(write_file_atomic(own_file, id + "\n", 0600));
    }
  }
  return to_hex(sha256(id + "sentinella"));
}

}  // namespace sentinella::agent
