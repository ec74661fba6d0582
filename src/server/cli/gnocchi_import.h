// `sentinella-server import gnocchi`: brings over what a running Gnocchi has: policies, rules, resource
// types, resources with their history, metrics with their ids, and measures.
//
// Gnocchi keeps aggregates only. Of each metric the mean at the finest granularity that is still there
// becomes its measures (of a policy without mean: last, max, min, median, first, sum or count); what only
// coarser granularities still have goes before it. Whatever was taken before is not asked for again: the
// state file says how far it went, and is removed at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"

namespace sentinella::server {

struct GnocchiAnswer {
  std::string body;
  std::string next;  ///< the query of Link's rel="next"; "" = this was the last page
};
/// One request to a Gnocchi; `path` from "/v1" on. A status of 400 and more is an error with what it said;
/// 409 is kConflict.
using GnocchiCall = std::function<Result<GnocchiAnswer>(const std::string& method, const std::string& path,
                                                        const std::string& body)>;

/// How to reach one.
struct GnocchiAccess {
  std::string url;    ///< up to "/v1", not with it
  std::string token;  ///< X-Auth-Token
  std::string user;   ///< NAME or NAME:PASSWORD for HTTP basic
  std::string key;    ///< an API key of ours
  std::string ca_file = {};
};
GnocchiCall connect_gnocchi(const GnocchiAccess& access);

struct GnocchiImport {
  GnocchiCall source, target;
  std::string source_name;  ///< what the state file belongs to
  std::filesystem::path state_file;
  std::function<void(const std::string&)> tell;  ///< how far it is
};
/// Returns a summary for people. After an error the same call goes on where it ended.
Result<std::string> import_gnocchi(const GnocchiImport& import);

/// Rows [timestamp, granularity, value] of one metric as measures {"timestamp", "value"}: of each span of
/// time the finest granularity that has it. Values that are no numbers are left out. `count` becomes how
/// many.
Result<std::string> measures_of_rows(std::string_view rows, std::size_t& count);

}  // namespace sentinella::server
