#include "catalog/alerting.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::string_view kSelectEntry =
    "SELECT delivery_id, account, channel_id, alert_id, sequence, transition, payload, state, attempts, "
    "created, "
    "next_attempt, delivered, last_error, lane FROM outbox ";

OutboxEntry read_entry(Columns c) {
  return {.delivery_id = c.text(),
          .account = c.account(),
          .channel_id = c.text(),
          .alert_id = c.text(),
          .sequence = c.natural(),
          .transition = c.text(),
          .payload = c.text(),
          .state = c.text(),
          .attempts = static_cast<std::uint32_t>(c.integer()),
          .created = c.time(),
          .next_attempt = c.time(),
          .delivered = c.optional_time(),
          .last_error = c.text(),
          .lane = c.text()};
}

}  // namespace

Result<void> insert_outbox(Transaction& tx, const OutboxEntry& entry) {
  return in_words(
      execute(tx,
              "INSERT INTO outbox (delivery_id, account, channel_id, alert_id, sequence, transition, "
              "payload, state, "
              "attempts, created, next_attempt, delivered, last_error, lane) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
              "?, ?, ?, ?, ?, ?)",
              {sql(entry.delivery_id), sql(entry.account), sql(entry.channel_id), sql(entry.alert_id),
               sql(entry.sequence), sql(entry.transition), sql(entry.payload), sql(entry.state),
               static_cast<std::int64_t>(entry.attempts), sql(entry.created), sql(entry.next_attempt),
               sql(entry.delivered), sql(entry.last_error), sql(entry.lane)}),
      "delivery_id", fmt::format("delivery {} is in the outbox already", entry.delivery_id));
}

Result<std::vector<OutboxEntry>> pending_outbox(Transaction& tx) {
  return query_all(tx,
                   std::string(kSelectEntry) +
                       "WHERE state = 'pending' ORDER BY created, sequence, delivery_id, channel_id",
                   {}, read_entry);
}

Result<void> update_outbox(Transaction& tx, const OutboxEntry& entry) {
  return change_one(
      tx,
      "UPDATE outbox SET state = ?, attempts = ?, next_attempt = ?, delivered = ?, last_error = ? "
      "WHERE delivery_id = ? AND channel_id = ? AND account = ?",
      {sql(entry.state), static_cast<std::int64_t>(entry.attempts), sql(entry.next_attempt),
       sql(entry.delivered), sql(entry.last_error), sql(entry.delivery_id), sql(entry.channel_id),
       sql(entry.account)},
      "delivery");
}

Result<std::vector<OutboxEntry>> deliveries_of_alert(Transaction& tx, AccountId account,
                                                     const std::string& alert_id) {
  return query_all(tx,
                   std::string(kSelectEntry) +
                       "WHERE account = ? AND alert_id = ? ORDER BY created DESC, sequence DESC, channel_id",
                   {sql(account), sql(alert_id)}, read_entry);
}

Result<std::vector<OutboxEntry>> deliveries_of_channel(Transaction& tx, AccountId account,
                                                       const std::string& channel_id, std::size_t limit) {
  return query_all(
      tx,
      std::string(kSelectEntry) +
          "WHERE account = ? AND channel_id = ? ORDER BY created DESC, sequence DESC, delivery_id LIMIT ?",
      {sql(account), sql(channel_id), sql(limit)}, read_entry);
}

}  // namespace sentinella::catalog
