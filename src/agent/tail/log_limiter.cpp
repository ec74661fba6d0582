#include "agent/tail/log_limiter.h"

namespace sentinella::agent {
namespace {

constexpr Duration kSaved = 10s;

double in_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Tops up what is left of a limit of `rate` a second; what `most` seconds bring can be saved up.
double filled(double left, std::uint64_t rate, double seconds, double most) {
  const auto each = static_cast<double>(rate);
  return std::min(left + each * seconds, each * most);
}

}  // namespace

bool LogLimiter::take(Time now, std::size_t bytes, Duration waited) {
  if (!limited()) return true;
  const double most = in_seconds(std::max(kSaved, waited));
  const double passed = at_ == Time{} ? most : in_seconds(now - at_);
  at_ = now;
  records_ = filled(records_, limits_.records_per_second, passed, most);
  bytes_ = filled(bytes_, limits_.bytes_per_second, passed, most);
  // One record that is larger than all that can be saved up goes into debt, else it could never be sent.
  const bool within =
      (limits_.records_per_second == 0 || records_ >= 1) && (limits_.bytes_per_second == 0 || bytes_ > 0);
  if (!within) {
    ++dropped_records_;
    dropped_bytes_ += bytes;
    return false;
  }
  records_ -= 1;
  bytes_ -= static_cast<double>(bytes);
  return true;
}

}  // namespace sentinella::agent
