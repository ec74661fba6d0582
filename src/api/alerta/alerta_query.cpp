#include "api/alerta/alerta_query.h"

#include <algorithm>

#include "api/alerta/alerta_fields.h"
#include "api/parameters.h"
#include "base/text.h"

namespace sentinella::api::alerta {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return to_lower(text).contains(to_lower(part));
}

/// The pairs of one field, kind and sign are one filter.
Result<void> add_filter(AlertaQuery& query, std::string field, std::string value) {
  AlertaQuery::Filter filter{.field = std::move(field), .values = {}};
  if (filter.field.ends_with('!')) {
    filter.negate = true;
    filter.field.pop_back();
  }
  if (value.starts_with('~')) {
    filter.part = true;
    value.erase(0, 1);
  }
  if (!field_values(Alert(), filter.field, query.terms))
    return fail_field(Errc::kInvalid, filter.field, "Invalid filter parameter: {}",
                      filter.field.substr(0, 60));
  for (auto& one : query.filters)
    if (one.field == filter.field && one.negate == filter.negate && one.part == filter.part) {
      one.values.push_back(std::move(value));
      return {};
    }
  filter.values.push_back(std::move(value));
  query.filters.push_back(std::move(filter));
  return {};
}

bool holds(const AlertaQuery::Filter& filter, const Alert& alert, const AlarmTerms& terms) {
  const auto has = *field_values(alert, filter.field, terms);
  const bool any = std::ranges::any_of(filter.values, [&](const std::string& wanted) {
    return std::ranges::any_of(has, [&](const std::string& value) {
      if (filter.part) return contains(value, wanted);
      return filter.field == "id" ? value.starts_with(wanted) : value == wanted;
    });
  });
  return any != filter.negate;
}

/// Below zero: a comes before b.
int compare(const Alert& a, const Alert& b, std::string_view field, const AlarmTerms& terms) {
  const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (field == "severity") return order(severity_code(a.severity), severity_code(b.severity));
  if (field == "createTime") return order(b.create_time, a.create_time);
  if (field == "receiveTime") return order(b.receive_time, a.receive_time);
  if (field == "lastReceiveTime") return order(b.last_receive_time, a.last_receive_time);
  if (field == "updateTime") return order(b.update_time, a.update_time);
  if (field == "duplicateCount") return order(a.duplicate_count, b.duplicate_count);
  if (field == "status") return order(a.status, b.status);
  const auto x = field_values(a, field, terms), y = field_values(b, field, terms);
  return order(x, y);
}

}  // namespace

Result<AlertaQuery> AlertaQuery::read(const net::Request& request, const AlarmTerms& terms) {
  AlertaQuery out(terms);
  const auto natural = [](const std::string& name, const std::string& value,
                          std::size_t most) -> Result<std::size_t> {
    const auto number = parse_uint(value);
    if (!number || *number == 0 || *number > most)
      return fail_field(Errc::kInvalid, name, "1 to {} expected", most);
    return static_cast<std::size_t>(*number);
  };
  const auto query = Query::read_any(request);
  for (const auto& [name, value] : query.pairs()) {
    if (name == "page") {
      SENT_TRY_ASSIGN(out.page, natural(name, value, 1'000'000));
    } else if (name == "page-size" || name == "limit") {
      SENT_TRY_ASSIGN(out.page_size, natural(name, value, 10'000));
    } else if (name == "sort-by" || name == "reverse") {
      out.sort_by.push_back(value);
    } else if (name == "q") {
      SENT_TRY_ASSIGN(out.words, AlertaWords::parse(value, terms));
    } else if (name == "from-date" || name == "to-date") {
      SENT_TRY_ASSIGN((name == "from-date" ? out.from : out.to), parse_rfc3339(value));
    } else if (name == "show-history") {
      out.show_history = value == "1" || iequals(value, "true");
    } else if (name == "show-raw-data") {
      out.show_raw_data = value == "1" || iequals(value, "true");
    } else if (name != "group-by" && name != "repeat" && name != "callback" && name != "api-key" &&
               name != "q.df") {
      SENT_TRY(add_filter(out, name, value));
    }
  }
  return out;
}

bool AlertaQuery::match(const Alert& alert) const {
  if (from && alert.last_receive_time <= *from) return false;
  if (to && alert.last_receive_time > *to) return false;
  return words.match(alert) &&
         std::ranges::all_of(filters, [&](const Filter& filter) { return holds(filter, alert, terms); });
}

std::vector<Alert> AlertaQuery::select(std::vector<Alert> alerts) const {
  std::erase_if(alerts, [&](const Alert& alert) { return !match(alert); });
  std::ranges::stable_sort(alerts, [&](const Alert& a, const Alert& b) {
    for (const std::string& key : sort_by) {
      const bool reverse = key.starts_with('-');
      const int order = compare(a, b, std::string_view(key).substr(reverse ? 1 : 0), terms);
      if (order != 0) return reverse ? order > 0 : order < 0;
    }
    return a.last_receive_time > b.last_receive_time;
  });
  return alerts;
}

}  // namespace sentinella::api::alerta
