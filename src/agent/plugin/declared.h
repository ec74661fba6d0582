// Functions of plug-ins that need no program: the manifest says whom to ask and what of the answer is a
// figure.
//
//   "http":    {"url": "http://127.0.0.1:8081/stats", "metrics": {"pool.used": "used"}, "each": "pools",
//               "labels": {"pool": "name"}}, or {"url": ..., "format": "openmetrics"}
//   "sql":     {"url": "postgresql://db:5432/cinder", "user": ..., "password_file": ..., "query": "SELECT
//   ...",
//               "columns": ["project", "cinder.volumes"], "labels": ["project"]}
//   "pattern": {"regex": "pool (?P<pool>\\w+) has (?P<free>\\d+)", "metrics": {"pool.free": "free"},
//               "labels": ["pool"], "event": {"type": "pool.low", "summary": "pool {pool} runs out"}},
//              of what "command" prints, or of what is written to its "file"
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "agent/config/config.h"
#include "base/json.h"

namespace sentinella::agent {

/// A name, and where its value stands in what is read: a JSON path, or a group of a regular expression.
using NamedPlaces = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
  SourceConfig at;  ///< url, user and password_file (basic authentication), ca_file, verify
  bool openmetrics = false;
  std::string each;  ///< of JSON: the list whose elements are read one by one; "" = the document itself
  NamedPlaces metrics, labels;
};

struct SqlCall {
  SourceConfig at;  ///< url, user, password_file, tls, ca_file, verify
  std::string query;
  std::vector<std::string> columns;  ///< what each column is: a label's or a metric's name
  std::vector<bool> is_label;        ///< by column
};

struct PatternCall {
  std::string file;  ///< absolute; "" = what the command prints
  std::string regex;
  NamedPlaces metrics;
  std::vector<std::string> labels;  ///< groups
  std::string event_type;           ///< "" = no events
  std::string event_summary;        ///< {group} is what it matched
};

/// monostate: a program, in one of the forms of manifest.h.
using DeclaredCall = std::variant<std::monostate, HttpCall, SqlCall, PatternCall>;

/// Of a function's object; `has_command`: it names a program too. kInvalid names the field, as "sql.columns".
Result<DeclaredCall> parse_declared(const boost::json::object& function, bool has_command);

}  // namespace sentinella::agent
