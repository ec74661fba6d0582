// Elasticsearch's _bulk (elastic.co, "Bulk API"): lines of JSON, an action and then mostly its document.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella::codec {

struct BulkItem {
  std::string action;  ///< create, index, update, delete
  std::string index;   ///< "" = the one in the path
  std::string id;      ///< "" = none was given
  /// The line of the document; "" for delete. A view until the call ends that hands it over.
  std::string_view document;
};

/// Calls `item` for each action in order. kInvalid, naming the line: an action that is none, or without its
/// document: nothing can be said of the lines behind it, and those before stand.
Result<void> read_bulk(std::string_view body, const std::function<void(const BulkItem&)>& item);

}  // namespace sentinella::codec
