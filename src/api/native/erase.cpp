// Deleting samples by PromQL's selectors.
#include "api/erasing.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

Result<std::vector<SeriesErasure>> asked(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"match[]", "from", "to"}, {"match[]"}));
  SENT_TRY_ASSIGN(TimeRange range, query.range(call.server.clock.now(), std::nullopt));
  if (query.text("from").empty()) range.from = {INT64_MIN};
  return read_erasures(call, query.all("match[]"), range);
}

}  // namespace

void delete_series(RequestContext& call, Answer answer) {
  auto erasures = asked(call);
  if (!erasures) return answer(std::unexpected(std::move(erasures).error()));
  erase_samples(call, *std::move(erasures), [answer = std::move(answer)](Result<void> done) mutable {
    if (done) return answer(no_content());
    answer(std::unexpected(std::move(done).error()));
  });
}

}  // namespace sentinella::api::native
