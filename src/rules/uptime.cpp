#include "rules/uptime.h"

#include <algorithm>

namespace sentinella::rules {
namespace {

/// What of the range no maintenance covers.
Duration outside(TimeRange range, const std::vector<TimeRange>& planned) {
  std::vector<TimeRange> within;
  for (const TimeRange& one : planned) {
    const TimeRange cut{std::max(one.from, range.from), std::min(one.until, range.until)};
    if (cut.from < cut.until) within.push_back(cut);
  }
  std::ranges::sort(within, {}, &TimeRange::from);
  Duration left = range.until - range.from;
  Time covered = range.from;
  for (const TimeRange& one : within) {
    const Time from = std::max(one.from, covered);
    if (one.until <= from) continue;
    left -= one.until - from;
    covered = one.until;
  }
  return left;
}

/// Those that touch or overlap become one.
void join(std::vector<TimeRange>& spans) {
  std::ranges::sort(spans, {}, &TimeRange::from);
  std::size_t kept = 0;
  for (const TimeRange& span : spans) {
    if (kept > 0 && span.from <= spans[kept - 1].until)
      spans[kept - 1].until = std::max(spans[kept - 1].until, span.until);
    else
      spans[kept++] = span;
  }
  spans.resize(kept);
}

/// A host from which nothing is heard is down; a service on it may run.
bool is_down(const StateChange& state) {
  if (state.status == CheckStatus::unknown) return state.service.empty();
  return state.status == CheckStatus::down || state.status == CheckStatus::stopping;
}

/// One time without service.
struct Outage {
  Time from;
  Duration counted{};   ///< within the range and no maintenance
  bool proved = false;  ///< more than a stop within its grace
};

}  // namespace

Uptime& Uptime::operator+=(const Uptime& other) {
  up += other.up;
  down += other.down;
  unknown += other.unknown;
  planned += other.planned;
  for (const TimeRange& one : other.known) known.push_back(one);
  join(known);
  return *this;
}

std::optional<double> Uptime::share() const {
  if (up + down == Duration{}) return std::nullopt;
  return static_cast<double>(up.count()) / static_cast<double>((up + down).count());
}

Time Uptime::down_since() const {
  return outages.empty() || outages.back().until != Time{} ? Time{} : outages.back().from;
}

Uptime uptime_of(const std::vector<StateChange>& changes, TimeRange range,
                 const std::vector<TimeRange>& planned) {
  Uptime out;
  std::optional<Outage> outage;
  const auto end_outage = [&](Time until) {
    if (outage && outage->proved && outage->counted > Duration{})
      out.outages.push_back({outage->from, until});
    outage.reset();
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const StateChange& state = changes[i];
    const Time end = i + 1 < changes.size() ? changes[i + 1].at : range.until;
    const TimeRange span{std::max(state.at, range.from), std::min(end, range.until)};
    const Duration whole = std::max(span.until - span.from, Duration{});
    const bool down = is_down(state);
    if ((down || state.status == CheckStatus::up) && whole > Duration{}) out.known.push_back(span);
    if (!down) end_outage(state.at);
    if (state.status == CheckStatus::up) {
      out.up += whole;
    } else if (state.status != CheckStatus::not_here && whole > Duration{}) {
      const Duration counts = outside(span, planned);
      (down ? out.down : out.unknown) += counts;
      out.planned += whole - counts;
    }
    if (!down) continue;
    if (!outage) outage = Outage{.from = state.at};
    outage->proved |= state.status != CheckStatus::stopping;
    if (whole > Duration{}) outage->counted += outside(span, planned);
  }
  end_outage({});
  join(out.known);
  return out;
}

}  // namespace sentinella::rules
