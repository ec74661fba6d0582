#include "agent/import/import_positions.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"

namespace sentinella::agent {

Result<ImportPositions> ImportPositions::load(std::filesystem::path file) {
  ImportPositions positions;
  positions.file_ = std::move(file);
  const auto text = read_file(positions.file_);
  if (!text && text.error().code == Errc::kNotFound) return positions;
  if (!text) return std::unexpected(text.error());
  const auto object = parse_json_object(*text);
  if (!object) return fail(Errc::kCorrupt, "{}: {}", positions.file_.string(), object.error().message);
  for (const auto& [key, value] : *object)
    if (value.is_number()) positions.positions_[std::string(key)] = value.to_number<std::uint64_t>();
  return positions;
}

std::uint64_t ImportPositions::of(const std::string& key) const {
  const auto found = positions_.find(key);
  return found == positions_.end() ? 0 : found->second;
}

Result<void> ImportPositions::advance(const std::string& key, std::uint64_t position) {
  positions_[key] = position;
  JsonWriter json;
  json.object();
  for (const auto& [name, at] : positions_) json.field(name, at);
  json.end();
  return write_file_atomic(file_, json.str(), 0600);
}

std::string import_key(std::string_view beginning, std::string_view host, std::string_view service) {
  constexpr std::size_t kBeginning = 4096;
  std::string all(beginning.substr(0, kBeginning));
  all.append(1, '\0').append(host).append(1, '\0').append(service);
  return fmt::format("{:016x}", hash64(all));
}

}  // namespace sentinella::agent
