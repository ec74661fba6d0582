#include "codec/log_columns.h"

#include <algorithm>

namespace sentinella::codec {
namespace {

template <typename T>
std::span<const T> slice(const std::vector<T>& all, const std::vector<std::uint32_t>& ends, std::size_t row) {
  const std::size_t begin = row == 0 ? 0 : ends[row - 1];
  return std::span(all).subspan(begin, ends[row] - begin);
}

}  // namespace

std::span<const LogColumns::Span> LogColumns::variables_of(std::size_t record) const {
  return slice(variables, variable_end, record);
}

std::span<const Uuid> LogColumns::uuids_of(std::size_t record) const {
  return slice(uuids, uuid_end, record);
}

std::uint32_t LogColumns::origin_index(const LogOrigin& from) {
  const auto found = std::ranges::find(origins, from);
  const auto index = static_cast<std::uint32_t>(found - origins.begin());
  if (found == origins.end()) origins.push_back(from);
  return index;
}

void LogColumns::grow() {
  const std::size_t room = std::max<std::size_t>(64, size() * 2);
  const auto reserve = [room](auto&... column) { (column.reserve(room), ...); };
  reserve(time_ns, origin, severity, format, flags, pid, template_id, raw, component, request_id,
          global_request_id, user_id, project_id, domain_id, instance, message, traceback, variable_end,
          uuid_end);
}

void LogColumns::clear() {
  bytes.clear();
  origins.clear();
  const auto empty = [](auto&... column) { (column.clear(), ...); };
  empty(time_ns, origin, severity, format, flags, pid, template_id, raw, component, request_id,
        global_request_id, user_id, project_id, domain_id, instance, message, traceback, http, variables,
        variable_end, uuids, uuid_end);
}

LogRecord LogColumns::record(std::size_t row) const {
  LogRecord out;
  out.time = Time{time_ns[row]};
  if (origin[row] < origins.size()) {
    const LogOrigin& from = origins[origin[row]];
    out.host = from.host, out.service = from.service, out.source = from.source;
  }
  out.severity = severity[row];
  out.pid = pid[row];
  out.flags = flags[row];
  out.template_id = template_id[row];
  out.raw = text(raw[row]);
  out.component = text(component[row]);
  out.request_id = text(request_id[row]);
  out.global_request_id = text(global_request_id[row]);
  out.user_id = text(user_id[row]);
  out.project_id = text(project_id[row]);
  out.domain_id = text(domain_id[row]);
  out.instance = text(instance[row]);
  out.message = text(message[row]);
  out.traceback = text(traceback[row]);
  const auto request = std::ranges::lower_bound(http, row, {}, &Http::record);
  if (request != http.end() && request->record == row) {
    out.http = HttpAccess{std::string(text(request->client)),
                          std::string(text(request->method)),
                          std::string(text(request->path)),
                          request->status,
                          request->bytes,
                          std::nullopt};
    if (request->duration_ns >= 0) out.http->duration = Duration(request->duration_ns);
  }
  return out;
}

}  // namespace sentinella::codec
