#include "catalog/short_links.h"

#include <array>

#include "base/crypto.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

/// The longer one is for a path whose beginning of its hash another has already.
constexpr std::array<std::size_t, 2> kCodeLengths{8, 32};

std::string read_path(Columns c) {
  return c.text();
}

}  // namespace

Result<std::string> keep_short_link(Transaction& tx, AccountId account, const std::string& path, Time now) {
  const Sha256 hash = sha256(path);
  const std::string all = to_base64url({reinterpret_cast<const char*>(hash.data()), hash.size()});
  for (const std::size_t length : kCodeLengths) {
    std::string code = all.substr(0, length);
    SENT_TRY(tx.execute(
        "INSERT INTO short_link (account, code, path, kept) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        {sql(account), sql(code), sql(path), sql(now)}));
    SENT_TRY_ASSIGN(const std::string kept, find_short_link(tx, account, code));
    if (kept != path) continue;
    SENT_TRY(
        tx.execute("DELETE FROM short_link WHERE account = ? AND kept < (SELECT kept FROM short_link "
                   "WHERE account = ? ORDER BY kept DESC LIMIT 1 OFFSET ?)",
                   {sql(account), sql(account), sql(kMaxShortLinks - 1)}));
    return code;
  }
  return fail(Errc::kInternal, "two addresses have one hash");
}

Result<std::string> find_short_link(Transaction& tx, AccountId account, const std::string& code) {
  return query_one(tx, "SELECT path FROM short_link WHERE account = ? AND code = ?",
                   {sql(account), sql(code)}, read_path, "short link");
}

}  // namespace sentinella::catalog
