// `sentinella index`: for whoever keeps plug-ins for a fleet. Reads NAME/VERSION/ below a directory and
// writes index.json and its signature there.
#include <ostream>

#include <sysexits.h>

#include "agent/cli/commands.h"
#include "agent/plugin/index_source.h"
#include "base/crypto.h"
#include "base/ed25519.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::uint64_t kValidDays = 365;
constexpr std::uint64_t kMostDays = 3650;

Result<std::uint64_t> valid_days(const Arguments& arguments) {
  const auto given = arguments.get("valid-days");
  if (!given) return kValidDays;
  const auto days = parse_uint(*given);
  if (!days || *days == 0 || *days > kMostDays)
    return fail_field(Errc::kInvalid, "--valid-days", "1 to {} days are expected", kMostDays);
  return *days;
}

/// The number after the one of the index that is there.
Result<std::uint64_t> serial_after(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxPluginIndex);
  if (!text && text.error().code == Errc::kNotFound) return 1;
  SENT_TRY(text);
  const auto old = parse_plugin_index(*text);
  if (!old) return fail(Errc::kInvalid, "{} is no index: {}", file.string(), describe(old.error()));
  return old->serial + 1;
}

Result<std::string> make_index(const Arguments& arguments) {
  const auto key_file = arguments.get("signing-key");
  if (arguments.words.size() != 1 || !key_file)
    return fail(Errc::kInvalid, "usage: sentinella index DIRECTORY --signing-key FILE");
  const std::filesystem::path directory = arguments.words[0];
  SENT_TRY_ASSIGN(const std::uint64_t days, valid_days(arguments));
  SENT_TRY_ASSIGN(const std::string key, read_file(*key_file, 64 << 10));
  SENT_TRY_ASSIGN(PluginIndex index, index_directory(directory));
  SENT_TRY_ASSIGN(index.serial, serial_after(directory / "index.json"));
  index.expires = system_clock().now() + std::chrono::hours(24 * days);
  const std::string text = to_json(index) + "\n";
  const auto signature = ed25519_sign(key, text);
  if (!signature) return fail(Errc::kInvalid, "{}: {}", *key_file, describe(signature.error()));
  SENT_TRY_ASSIGN(const std::string public_key, ed25519_public_key(key));
  SENT_TRY(write_file_atomic(directory / "index.json", text, 0644));
  SENT_TRY(write_file_atomic(directory / "index.json.sig", to_base64(*signature) + "\n", 0644));
  return fmt::format(
      "{} plug-ins, serial {}, good for {} days; the agents' configuration:\n"
      "    \"plugin_index\": {{\"url\": \"...\", \"key\": \"{}\"}}\n",
      index.plugins.size(), index.serial, days, to_base64(public_key));
}

}  // namespace

int index_command(const Arguments& arguments, Console console) {
  const auto made = make_index(arguments);
  if (!made) {
    console.err << describe(made.error()) << "\n";
    return made.error().code == Errc::kInvalid ? EX_USAGE : EX_CANTCREAT;
  }
  console.out << *made;
  return 0;
}

}  // namespace sentinella::agent
