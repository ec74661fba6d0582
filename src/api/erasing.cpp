#include "api/erasing.h"

#include "base/log.h"
#include "query/parser.h"

namespace sentinella::api {

Result<std::vector<SeriesErasure>> read_erasures(const RequestContext& call,
                                                 const std::vector<std::string>& selectors, TimeRange range) {
  if (selectors.empty()) return fail_field(Errc::kInvalid, "match[]", "is required: which series?");
  std::vector<SeriesErasure> erasures;
  for (const std::string& text : selectors) {
    auto matchers = query::parse_selector(text);
    if (!matchers) return fail_field(Errc::kInvalid, "match[]", "{}", matchers.error().message);
    // The store says whether it understands the regexes; that there are matching series is no error.
    const auto tried = call.server.series.find(call.caller.account, {*matchers}, 0);
    if (!tried && tried.error().code == Errc::kInvalid)
      return fail_field(Errc::kInvalid, "match[]", "{}", tried.error().message);
    erasures.push_back({*std::move(matchers), range});
  }
  return erasures;
}

void erase_samples(RequestContext& call, std::vector<SeriesErasure> erasures,
                   std::move_only_function<void(Result<void>)> done) {
  log::info("api", "{} of account {} deletes samples of {} selectors", call.caller.name,
            static_cast<std::uint32_t>(call.caller.account), erasures.size());
  Batch batch;
  batch.account = call.caller.account;
  batch.received = call.server.clock.now();
  batch.erasures = std::move(erasures);
  call.server.intake.submit(std::move(batch), ingest::Until::applied,
                            [done = std::move(done)](Result<bus::Offset> kept) mutable {
                              if (kept) return done({});
                              done(std::unexpected(std::move(kept).error()));
                            });
}

}  // namespace sentinella::api
