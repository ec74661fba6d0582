#include "rules/log_memory.h"

#include <algorithm>

#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxTemplates = 20'000;
constexpr std::size_t kMaxServices = 2'000;
constexpr std::size_t kMaxSources = 100'000;
constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr float kNewest = 0.4F;

std::string source_row(const std::string& host, const std::string& service) {
  std::string row = "s";
  for (const char c : host) row.push_back(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
  append_key_part(row, service);
  return row;
}

}  // namespace

bool LogMemory::learn(const LogRecord& record, Time now) {
  auto host = sources_.find(record.host);
  if (host == sources_.end()) {
    if (sources_.size() >= kMaxSources) return false;
    host = sources_.try_emplace(record.host).first;
  }
  if (!host->second.contains(record.service) && host->second.size() < kMaxServices) {
    host->second.emplace(record.service, now);
    dirty_.insert(source_row(record.host, record.service));
  }
  if (record.severity < Severity::warning || record.template_id == 0) return false;
  auto known = templates_.find(record.service);
  if (known == templates_.end()) {
    if (templates_.size() >= kMaxServices) return false;
    known = templates_.try_emplace(record.service).first;
  }
  if (known->second.size() >= kMaxTemplates || !known->second.insert(record.template_id).second) return false;
  dirty_.insert("t" + record.service);
  return true;
}

Duration LogMemory::observed(const LogRecord& record, Time now) const {
  const auto host = sources_.find(record.host);
  if (host == sources_.end()) return {};
  const auto since = host->second.find(record.service);
  return since == host->second.end() ? Duration{} : now - since->second;
}

std::set<std::string> LogMemory::take_dirty() {
  return std::exchange(dirty_, {});
}

std::string LogMemory::encode(const std::string& row) const {
  std::string bytes;
  ByteWriter out(bytes);
  const std::string_view name = std::string_view(row).substr(1);
  if (row.front() == 't') {
    const auto known = templates_.find(name);
    if (known != templates_.end())
      for (const std::uint64_t id : known->second) out.fixed(id);
    return bytes;
  }
  const std::size_t separator = name.find(kKeySeparator);
  const auto host = sources_.find(name.substr(0, separator));
  if (host == sources_.end() || separator == std::string_view::npos) return bytes;
  const auto since = host->second.find(name.substr(separator + 1));
  if (since != host->second.end()) write_time(out, since->second);
  return bytes;
}

void LogMemory::restore(std::string_view row, std::string_view bytes) {
  ByteReader in(bytes);
  const std::string_view name = row.substr(1);
  if (row.front() == 't') {
    auto& known = templates_[std::string(name)];
    while (!in.at_end() && in.ok()) known.insert(in.fixed<std::uint64_t>());
    return;
  }
  const std::size_t separator = name.find(kKeySeparator);
  const Time since = read_time(in);
  if (in.ok() && separator != std::string_view::npos)
    sources_[std::string(name.substr(0, separator))][std::string(name.substr(separator + 1))] = since;
}

void HourlyUsual::add(Time at) {
  const std::int64_t hour = at.ns / kHour;
  if (hour_ == 0) hour_ = hour;
  // Each hour that is over goes into its place in the week; a longer pause than a week fills all of them
  // once.
  for (int steps = 0; hour_ < hour && steps < 168; ++steps, ++hour_) {
    float& usual = usual_[static_cast<std::size_t>(hour_ % 168)];
    usual = (1 - kNewest) * usual + kNewest * static_cast<float>(std::exchange(count_, 0));
  }
  hour_ = std::max(hour_, hour);
  ++count_;
}

double HourlyUsual::usual(Time at) const {
  return static_cast<double>(usual_[static_cast<std::size_t>(at.ns / kHour % 168)]);
}

void HourlyUsual::write(ByteWriter& out) const {
  out.svarint(hour_);
  out.varint(count_);
  if (hour_ == 0) return;
  for (const float one : usual_) out.fixed(one);
}

void HourlyUsual::read(ByteReader& in) {
  hour_ = in.svarint();
  count_ = static_cast<std::uint32_t>(in.varint());
  if (hour_ == 0) return;
  for (float& one : usual_) one = in.fixed<float>();
}

}  // namespace sentinella::rules
