#include "agent/tail/position_store.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kFilesPerPath = 16;
constexpr std::size_t kMaxFileBytes = 16 << 20;

Result<std::uint64_t> number(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  boost::system::error_code error;
  const std::uint64_t result = value ? value->to_number<std::uint64_t>(error) : 0;
  if (!value || error) return fail_field(Errc::kInvalid, name, "a whole number is expected");
  return result;
}

Result<FilePosition> position_from(const boost::json::object& object) {
  FilePosition position;
  SENT_TRY_ASSIGN(position.path, required_string(object, "path"));
  SENT_TRY_ASSIGN(position.file.device, number(object, "device"));
  SENT_TRY_ASSIGN(position.file.inode, number(object, "inode"));
  SENT_TRY_ASSIGN(const std::uint64_t head, number(object, "head_size"));
  SENT_TRY_ASSIGN(position.file.head_hash, number(object, "head_hash"));
  SENT_TRY_ASSIGN(position.offset, number(object, "offset"));
  if (object.contains("written_ns")) {
    SENT_TRY_ASSIGN(const std::uint64_t written, number(object, "written_ns"));
    position.file.written.ns = static_cast<std::int64_t>(written);
  }
  position.file.head_size = static_cast<std::uint32_t>(std::min<std::uint64_t>(head, kHeadBytes));
  return position;
}

}  // namespace

void PositionTable::merge(const FilePosition& position) {
  auto& files = files_[position.path];
  std::erase_if(files, [&](const FilePosition& known) { return known.file.same_inode(position.file); });
  files.push_back(position);
  if (files.size() > kFilesPerPath) files.erase(files.begin());
}

std::vector<std::string> PositionTable::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, files] : files_) paths.push_back(path);
  return paths;
}

std::vector<FilePosition> PositionTable::of(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? std::vector<FilePosition>{} : found->second;
}

std::string PositionTable::to_json() const {
  JsonWriter json;
  json.object().field("version", 1).key("paths").array();
  for (const auto& [path, files] : files_) json.value(path);
  json.end().key("files").array();
  for (const auto& [path, files] : files_)
    for (const FilePosition& p : files) {
      json.object().field("path", p.path).field("device", p.file.device).field("inode", p.file.inode);
      json.field("head_size", p.file.head_size).field("head_hash", p.file.head_hash);
      json.field("offset", p.offset).field("written_ns", p.file.written.ns).end();
    }
  json.end().end();
  return json.take() + "\n";
}

Result<PositionTable> PositionTable::from_json(std::string_view text) {
  SENT_TRY_ASSIGN(const boost::json::object root, parse_json_object(text));
  SENT_TRY_ASSIGN(const std::uint64_t version, number(root, "version"));
  if (version != 1)
    return fail_field(Errc::kUnsupported, "version", "{} was written by a newer agent", version);
  PositionTable table;
  SENT_TRY_ASSIGN(const auto paths, optional_strings(root, "paths"));
  for (const std::string& path : paths) table.mark_known(path);
  const auto* files = root.if_contains("files");
  if (!files || !files->is_array()) return fail_field(Errc::kInvalid, "files", "a list is expected");
  for (const auto& item : files->get_array()) {
    if (!item.is_object()) return fail_field(Errc::kInvalid, "files", "a list of objects is expected");
    SENT_TRY_ASSIGN(const FilePosition position, position_from(item.get_object()));
    table.merge(position);
  }
  return table;
}

PositionStore::PositionStore(std::filesystem::path file) : file_(std::move(file)) {
  const auto text = read_file(file_, kMaxFileBytes);
  if (!text && text.error().code == Errc::kNotFound) return;
  auto table = text ? PositionTable::from_json(*text) : std::unexpected(text.error());
  if (table) {
    table_ = std::move(*table);
    struct stat status{};
    if (::stat(file_.c_str(), &status) == 0) table_.set_saved(written_at(status));
    return;
  }
  log::warning("agent.tail", "{}: {}; put aside as .damaged", file_.string(), describe(table.error()));
  std::error_code ignored;
  std::filesystem::rename(file_, file_.string() + ".damaged", ignored);
}

void PositionStore::acknowledged(std::string_view encoded_positions) {
  const auto positions = decode_positions(encoded_positions);
  if (!positions || positions->empty()) return;
  Lock lock(mutex_);
  for (const FilePosition& position : *positions) table_.merge(position);
  changed_ = true;
}

void PositionStore::mark_known(const std::string& path) {
  Lock lock(mutex_);
  if (table_.is_known(path)) return;
  table_.mark_known(path);
  changed_ = true;
}

void PositionStore::forget(const std::string& path) {
  Lock lock(mutex_);
  if (!table_.is_known(path)) return;
  table_.forget(path);
  changed_ = true;
}

void PositionStore::started_at(const FilePosition& position) {
  Lock lock(mutex_);
  for (const FilePosition& known : table_.of(position.path))
    if (known.file.same_inode(position.file)) return;
  table_.merge(position);
  changed_ = true;
}

Result<void> PositionStore::save() {
  std::string text;
  {
    Lock lock(mutex_);
    if (!changed_) return {};
    text = table_.to_json();
    changed_ = false;
  }
  auto written = write_file_atomic(file_, text, 0600);
  if (!written) {
    Lock lock(mutex_);
    changed_ = true;
  }
  return written;
}

PositionTable PositionStore::table() const {
  Lock lock(mutex_);
  return table_;
}

}  // namespace sentinella::agent
