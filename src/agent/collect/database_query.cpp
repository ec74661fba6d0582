#include "agent/collect/database_query.h"

#include "agent/collect/mysql_session.h"
#include "agent/collect/postgres_session.h"
#include "agent/collect/sources.h"

namespace sentinella::agent {

Result<DatabaseAddress> parse_database_url(std::string_view url) {
  const std::size_t end = url.find("://");
  const std::string_view scheme = url.substr(0, end);
  DatabaseAddress out;
  out.postgres = scheme == "postgresql";
  if (end == std::string_view::npos || (!out.postgres && scheme != "mysql"))
    return fail(Errc::kInvalid, "'{}' begins neither with postgresql:// nor with mysql://", url);
  std::string_view rest = url.substr(end + 3);
  out.database = "postgres";
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos && slash > 0) {
    if (!out.postgres) return fail(Errc::kInvalid, "'{}' names a database; name it in the query", url);
    if (slash + 1 < rest.size()) out.database = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  if (rest.empty() || rest.contains('@'))
    return fail(Errc::kInvalid, "'{}' is not {}://host:port", url, scheme);
  out.address = rest;
  const std::size_t bracket = rest.find(']');
  const bool has_port =
      rest.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
  if (!has_port && rest[0] != '/') out.address += out.postgres ? ":5432" : ":3306";
  return out;
}

Result<DatabaseRows> query_database(const SourceConfig& at, std::string_view statement, Duration limit) {
  SENT_TRY_ASSIGN(const DatabaseAddress to, parse_database_url(at.url));
  if (!to.postgres) {
    SENT_TRY_ASSIGN(const auto session, MysqlSession::open(at, to.address, limit));
    return session->query(statement);
  }
  SENT_TRY_ASSIGN(Dialogue dialogue, Dialogue::open(to.address, limit));
  PostgresSession session(std::move(dialogue));
  if (at.tls && !to.address.starts_with('/')) SENT_TRY(session.start_tls(at));
  SENT_TRY(session.log_in(at, to.database));
  return session.query(statement);
}

}  // namespace sentinella::agent
