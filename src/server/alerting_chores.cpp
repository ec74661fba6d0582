#include "server/alerting_chores.h"

#include "base/log.h"
#include "catalog/accounts.h"
#include "notify/channel_watch.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kChoresLog = "server.alerting";

Result<std::vector<Signal>> news_of_channels(catalog::Transaction& tx, const alerts::AlertEngine& alerts,
                                             Time now) {
  std::vector<Alert> known;
  SENT_TRY_ASSIGN(const auto accounts, catalog::list_accounts(tx));
  for (const Account& account : accounts)
    alerts.for_each_live(account.id, [&](const Alert& alert) {
      if (!notify::failing_channel(alert).empty()) known.push_back(alert);
    });
  return notify::watch_channels(tx, known, now);
}

}  // namespace

void watch_channels(const catalog::Database& database, const alerts::AlertEngine& alerts,
                    ingest::Intake& intake, Time now) {
  std::vector<Signal> signals;
  const auto read = database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(signals, news_of_channels(tx, alerts, now));
    return {};
  });
  if (!read) log::error(kChoresLog, "cannot tell which channels fail: {}", describe(read.error()));
  for (Signal& signal : signals) {
    Batch batch;
    batch.account = signal.account;
    batch.received = now;
    batch.signals.push_back(std::move(signal));
    intake.submit(std::move(batch), ingest::Until::durable, [](const Result<bus::Offset>& taken) {
      if (!taken) log::warning(kChoresLog, "what a channel does is told later: {}", describe(taken.error()));
    });
  }
}

}  // namespace sentinella::server
