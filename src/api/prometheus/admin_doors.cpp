#include "api/prometheus/admin_doors.h"

#include "api/erasing.h"
#include "api/prometheus/query_form.h"
#include "api/reply.h"

namespace sentinella::api::prometheus {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

/// Times are in milliseconds here: the end's own is included to its last nanosecond.
std::expected<TimeRange, Reply> range_of(const Form& form) {
  TimeRange range{{INT64_MIN}, {INT64_MAX}};
  if (!form.text("start").empty()) {
    const auto start = form.time_ms("start");
    if (!start) return std::unexpected(bad_parameter("start", start.error()));
    range.from = {*start * kNsPerMs};
  }
  if (!form.text("end").empty()) {
    const auto end = form.time_ms("end");
    if (!end) return std::unexpected(bad_parameter("end", end.error()));
    range.until = {(*end + 1) * kNsPerMs};
  }
  return range;
}

}  // namespace

void delete_series(RequestContext& call, Answer answer) {
  const Form form(call.request);
  auto range = range_of(form);
  if (!range) return answer(std::move(range).error());
  auto erasures = read_erasures(call, form.all("match[]"), *range);
  if (!erasures) return answer(bad_parameter("match[]", erasures.error()));
  erase_samples(call, *std::move(erasures),
                [answer = std::move(answer), id = call.request_id](Result<void> done) mutable {
                  answer(done ? no_content() : failure(done.error(), id));
                });
}

Result<Reply> clean_tombstones(RequestContext&) {
  return no_content();
}

}  // namespace sentinella::api::prometheus
