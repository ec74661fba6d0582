// Error -> HTTP answer, in one shape at every door of ours:
//   {"error":{"code":"invalid","message":"...","field":"limit","request_id":"9f3c..."}}
// and at Alerta's as its clients read it (docs.alerta.io/api/reference.html, "Errors"):
//   {"status":"error","message":"...","code":400,"errors":null,"requestId":"9f3c..."}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace sentinella::api {

int http_status(Errc code);

enum class ErrorForm : std::uint8_t { ours, alerta };
/// Which of them the clients of a path read.
ErrorForm error_form_of(std::string_view path);

/// Adds Retry-After and WWW-Authenticate where they belong. What went wrong inside us (5xx except "not now")
/// is said in general words only; the details are for our own log.
net::Response error_response(const Error& error, const std::string& request_id,
                             ErrorForm form = ErrorForm::ours);

/// kNotFound for a path that no door has; 405 with Allow for a path that has other methods.
net::Response no_such_path(const std::string& path, const std::string& request_id);
net::Response method_not_allowed(const std::string& method, const std::string& allow,
                                 const std::string& request_id, ErrorForm form);

}  // namespace sentinella::api
