#include "api/native/public_status.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/crypto.h"
#include "base/json.h"
#include "catalog/policy.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kPublicSpan = std::chrono::hours(24 * kStatusDays);
constexpr Duration kPublicLife = std::chrono::seconds(15);
constexpr std::size_t kMaxPublicIncidents = 200;
constexpr std::size_t kMaxPageTitle = 100;
constexpr std::size_t kSlugBytes = 16;
const std::string kPageKind = "status_page";  ///< of catalog::PolicyItem; its id, too: an account has one

struct StatusPage {
  AccountId account{};
  bool shown = false;
  std::string title = {};
  std::string slug = {};  ///< last part of its address; "" = it was never shown
};

StatusPage read_page(const catalog::PolicyItem& item) {
  StatusPage page;
  page.account = item.account;
  const auto body = parse_json_object(item.body);
  if (!body) return page;
  page.shown = optional_bool(*body, "public").value_or(false).value_or(false);
  page.title = optional_text(*body, "title", kMaxPageTitle).value_or("");
  page.slug = optional_text(*body, "slug", 2 * kSlugBytes).value_or("");
  return page;
}

/// Of all accounts, or of one.
Result<std::vector<StatusPage>> read_pages(const Context& server, std::optional<AccountId> account) {
  SENT_TRY_ASSIGN(const auto items, read_catalog(server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, account, kPageKind);
                  }));
  std::vector<StatusPage> pages;
  for (const catalog::PolicyItem& item : items) pages.push_back(read_page(item));
  return pages;
}

Result<StatusPage> own_page(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto pages, read_pages(call.server, call.caller.account));
  return pages.empty() ? StatusPage{.account = call.caller.account} : pages.front();
}

Reply page_reply(const StatusPage& page) {
  JsonWriter json;
  json.object().field("public", page.shown).field("title", page.title).key("path");
  if (page.shown) {
    json.value("/public/" + page.slug);
  } else {
    json.null();
  }
  return json_reply(json.end().take());
}

Result<void> store_page(const RequestContext& call, const StatusPage& page) {
  JsonWriter json;
  json.object().field("public", page.shown).field("title", page.title).field("slug", page.slug).end();
  catalog::PolicyItem item;
  item.account = page.account;
  item.kind = item.id = kPageKind;
  item.body = json.take();
  item.created = call.server.clock.now();
  item.created_by = call.caller.name;
  return call.server.database.write([&](catalog::Transaction& tx) { return catalog::put_policy(tx, item); });
}

/// Outages of a service's hosts as those of the service: where one begins within another they are one, so
/// that nobody can count hosts by them. Ascending.
std::vector<TimeRange> joined(const std::vector<UptimeIncident>& incidents, Time now) {
  std::vector<TimeRange> spans;
  for (const UptimeIncident& one : incidents)
    spans.push_back({one.range.from, one.range.until == Time{} ? now : one.range.until});
  std::ranges::sort(spans, {}, &TimeRange::from);
  std::vector<TimeRange> out;
  for (const TimeRange& span : spans) {
    if (!out.empty() && span.from <= out.back().until) {
      out.back().until = std::max(out.back().until, span.until);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::string_view state_word(const UptimeRow& row) {
  if (row.down_since != Time{}) return "trouble";
  return row.sum.share() ? "up" : "unknown";
}

void write_share(JsonWriter& json, const UptimeRow& row) {
  json.key("uptime");
  if (const auto share = row.sum.share()) {
    json.value(*share);
  } else {
    json.null();
  }
}

}  // namespace

std::string public_status_json(const std::string& title, const UptimeTable& table, Time now) {
  JsonWriter json;
  json.object().field("title", title).field("generated", now).field("days", kStatusDays);
  json.field("state", state_word(table.whole));
  write_share(json, table.whole);
  json.key("services").array();
  for (const auto& [name, row] : table.services) {
    json.object().field("service", name).field("state", state_word(row));
    write_share(json, row);
    write_known(json, row.sum);
    auto spans = joined(row.incidents, now);
    if (spans.size() > kMaxPublicIncidents)
      spans.erase(spans.begin(), spans.end() - static_cast<std::ptrdiff_t>(kMaxPublicIncidents));
    json.key("incidents").array();
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
      json.object().field("from", span->from).key("to");
      if (span->until == now && row.down_since != Time{}) {
        json.null();
      } else {
        json.value(span->until);
      }
      json.end();
    }
    json.end().end();
  }
  return json.end().end().take();
}

Result<Reply> get_status_page(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const StatusPage page, own_page(call));
  return page_reply(page);
}

/// Each time that it is switched on it gets another address: who had the old one has it no more.
Result<Reply> put_status_page(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"public", "title"}));
  SENT_TRY_ASSIGN(StatusPage page, own_page(call));
  SENT_TRY_ASSIGN(const auto shown, optional_bool(body, "public"));
  if (!shown) return fail_field(Errc::kInvalid, "public", "is missing");
  SENT_TRY_ASSIGN(page.title, optional_text(body, "title", kMaxPageTitle));
  if (*shown && !page.shown) page.slug = to_hex(random_bytes(kSlugBytes));
  page.shown = *shown;
  SENT_TRY(store_page(call, page));
  return page_reply(page);
}

Result<Reply> public_status(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto pages, read_pages(call.server, std::nullopt));
  const std::string& asked = call.path_value("slug");
  const auto page = std::ranges::find_if(
      pages, [&](const StatusPage& one) { return one.shown && constant_time_equal(one.slug, asked); });
  if (page == pages.end()) return fail(Errc::kNotFound, "there is no such page");
  const Time now = call.server.clock.now();
  auto made = call.server.recent->get(
      "status " + page->slug + page->title, now, kPublicLife, [&]() -> Result<std::string> {
        SENT_TRY_ASSIGN(
            const UptimeTable table,
            read_uptime(call.server, {.account = page->account, .range = {now - kPublicSpan, now}}));
        return public_status_json(page->title, table, now);
      });
  if (!made) return std::unexpected(std::move(made).error());
  return json_reply(*std::move(made));
}

}  // namespace sentinella::api::native
