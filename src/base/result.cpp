#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace sentinella {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::kInvalid:
      return "invalid";
    case Errc::kUnsupported:
      return "unsupported";
    case Errc::kUnauthorized:
      return "unauthorized";
    case Errc::kForbidden:
      return "forbidden";
    case Errc::kNotFound:
      return "not_found";
    case Errc::kConflict:
      return "conflict";
    case Errc::kTooLarge:
      return "too_large";
    case Errc::kRateLimited:
      return "rate_limited";
    case Errc::kUnavailable:
      return "unavailable";
    case Errc::kNoSpace:
      return "no_space";
    case Errc::kIo:
      return "io";
    case Errc::kCorrupt:
      return "corrupt";
    case Errc::kInternal:
      return "internal";
  }
  return "internal";
}

std::unexpected<Error> fail_errno(int error_number, std::string_view what) {
  Errc code = Errc::kIo;
  if (error_number == ENOSPC || error_number == EDQUOT) code = Errc::kNoSpace;
  if (error_number == ENOENT) code = Errc::kNotFound;
  if (error_number == EACCES || error_number == EPERM) code = Errc::kForbidden;
  return fail(code, "{}: {}", what, std::strerror(error_number));
}

std::string describe(const Error& error) {
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

}  // namespace sentinella
