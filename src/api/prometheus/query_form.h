// Parameters of a query request, and the API's two kinds of answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/router.h"
#include "base/json.h"

namespace sentinella::api::prometheus {

class Form {
 public:
  explicit Form(const net::Request& request);

  std::string text(std::string_view name) const;  ///< "" when absent
  std::vector<std::string> all(std::string_view name) const;
  /// Unix seconds with a fraction, or RFC 3339; in whole milliseconds. kInvalid: neither.
  Result<std::int64_t> time_ms(std::string_view name,
                               std::optional<std::int64_t> fallback = std::nullopt) const;
  /// Seconds with a fraction, or 1h30m.
  Result<std::int64_t> duration_ms(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// {"status":"success","data":...}; `data` is JSON.
Reply success(std::string_view data);
/// 400.
Reply bad_data(std::string_view message);
Reply bad_parameter(std::string_view name, const Error& error);
/// What became of a query that was understood: 422 execution, 503 timeout or canceled, 500 internal.
Reply failure(const Error& error, const std::string& request_id);

}  // namespace sentinella::api::prometheus
