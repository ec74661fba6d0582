// The one way errors travel: Result<T> holds a value or an Error. Exceptions do not cross module borders.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace sentinella {

/// What kind of failure, for whoever decides what to do next. Doors map it to a status (api/http_errors.h).
enum class Errc : std::uint8_t {
  kInvalid,       ///< the input breaks a documented rule; sending it again cannot help
  kUnsupported,   ///< understood, but not a format or feature we have
  kUnauthorized,  ///< no credentials, or wrong or expired ones
  kForbidden,     ///< known caller, not allowed
  kNotFound,
  kConflict,     ///< the state changed meanwhile, or forbids the action
  kTooLarge,     ///< over a documented bound
  kRateLimited,  ///< the caller is over its share; try later
  kUnavailable,  ///< not now: overload, shutdown, a peer that does not answer; try later
  kNoSpace,      ///< the disk (or a quota) is full
  kIo,           ///< the operating system refused
  kCorrupt,      ///< bytes on disk or wire fail their checksum or grammar
  kInternal,     ///< a broken promise of our own
};

std::string_view to_string(Errc code);

struct Error {
  Errc code = Errc::kInternal;
  std::string message;  ///< a sentence for people: what was attempted, with which sizes, and why it failed
  std::string field;    ///< the field, option or line at fault; empty when there is none
};

template <typename T>
using Result = std::expected<T, Error>;

/// `return fail(Errc::kInvalid, "limit is {}, at most {}", n, max);`
template <typename... Args>
std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(text, std::forward<Args>(args)...), {}});
}

/// As fail(), naming the field at fault.
template <typename... Args>
std::unexpected<Error> fail_field(Errc code, std::string_view field, fmt::format_string<Args...> text,
                                  Args&&... args) {
  return std::unexpected(Error{code, fmt::format(text, std::forward<Args>(args)...), std::string(field)});
}

/// errno as an Error: `what` says what was attempted, on which file or peer.
std::unexpected<Error> fail_errno(int error_number, std::string_view what);

/// "field: message", or the message alone.
std::string describe(const Error& error);

}  // namespace sentinella

// Evaluates a Result; on failure returns its error from the calling function.
#define SENT_CONCAT_INNER(a, b) a##b
#define SENT_CONCAT(a, b) SENT_CONCAT_INNER(a, b)
#define SENT_TRY(expression)                                      \
  if (auto sent_result = (expression); !sent_result) [[unlikely]] \
  return std::unexpected(std::move(sent_result).error())
#define SENT_TRY_ASSIGN_INNER(tmp, declaration, expression) \
  auto tmp = (expression);                                  \
  if (!tmp) [[unlikely]]                                    \
    return std::unexpected(std::move(tmp).error());         \
  declaration = std::move(*tmp)
#define SENT_TRY_ASSIGN(declaration, expression) \
  SENT_TRY_ASSIGN_INNER(SENT_CONCAT(sent_value_, __LINE__), declaration, expression)
