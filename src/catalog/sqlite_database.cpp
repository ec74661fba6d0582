#include <array>
#include <cerrno>
#include <exception>
#include <tuple>
#include <unordered_map>

#include <fcntl.h>
#include <sqlite3.h>

#include "base/file.h"
#include "base/mutex.h"
#include "catalog/database.h"
#include "catalog/schema.h"

namespace sentinella::catalog {
namespace {

constexpr std::size_t kMaxReaders = 4;
constexpr std::size_t kMaxCachedStatements = 256;
constexpr int kBusyTimeoutMs = 5000;

Errc code_of(sqlite3* db) {
  switch (sqlite3_extended_errcode(db)) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Errc::kConflict;
    default:
      break;
  }
  switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_CONSTRAINT:
      return Errc::kInvalid;
    case SQLITE_TOOBIG:
      return Errc::kTooLarge;
    case SQLITE_FULL:
      return Errc::kNoSpace;
    case SQLITE_IOERR:
      return sqlite3_system_errno(db) == ENOSPC ? Errc::kNoSpace : Errc::kIo;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return Errc::kIo;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::kCorrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
      return Errc::kUnavailable;
    default:
      return Errc::kInternal;
  }
}

/// A prepared statement that goes back to its cache, or away, when the lease ends.
class Lease {
 public:
  Lease(sqlite3_stmt* statement, bool* in_use) : statement_(statement), in_use_(in_use) {
    if (in_use_ != nullptr) *in_use_ = true;
  }
  Lease(Lease&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)),
        in_use_(std::exchange(other.in_use_, nullptr)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (statement_ == nullptr) return;
    if (in_use_ == nullptr) {
      sqlite3_finalize(statement_);
      return;
    }
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    *in_use_ = false;
  }
  sqlite3_stmt* get() const { return statement_; }

 private:
  sqlite3_stmt* statement_;
  bool* in_use_;  ///< the cache's mark; nullptr: not cached
};

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  double real(int column) const override { return sqlite3_column_double(statement_, column); }
  std::string text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_;
};

/// One connection, used by one thread at a time.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, bool writer);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    for (auto& [sql, cached] : statements_) sqlite3_finalize(cached.statement);
    sqlite3_close(db_);
  }

  /// Runs to the end, visiting rows if any.
  Result<void> run(std::string_view sql, const std::vector<SqlValue>& parameters,
                   const std::function<void(const Row&)>& visit);
  /// All pages in one step: no writer changes what is read meanwhile.
  Result<void> copy_to(const std::filesystem::path& file) const;
  std::int64_t changes() const { return sqlite3_changes64(db_); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

 private:
  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
  };
  explicit Connection(const std::filesystem::path& file) : file_(file) {}

  Result<Lease> prepare(std::string_view sql);
  Result<void> bind(const Lease& lease, std::string_view sql, const std::vector<SqlValue>& parameters);
  void make_room();
  /// Parameters are left out: they may be secrets.
  std::unexpected<Error> failure(std::string_view sql) const {
    return fail(code_of(db_), "catalogue {}: {} (in: {})", file_.native(), sqlite3_errmsg(db_),
                sql.substr(0, 120));
  }

  std::filesystem::path file_;
  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, Cached> statements_;
};

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, bool writer) {
  std::unique_ptr<Connection> connection(new Connection(file));
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (sqlite3_open_v2(file.c_str(), &connection->db_, flags, nullptr) != SQLITE_OK) {
    if (connection->db_ == nullptr)
      return fail(Errc::kUnavailable, "no memory to open the catalogue {}", file.native());
    return connection->failure("open");
  }
  sqlite3_busy_timeout(connection->db_, kBusyTimeoutMs);
  constexpr std::array<std::string_view, 6> kPragmas{
      "PRAGMA journal_mode = WAL",   "PRAGMA synchronous = FULL",  "PRAGMA foreign_keys = ON",
      "PRAGMA trusted_schema = OFF", "PRAGMA temp_store = MEMORY", "PRAGMA cell_size_check = ON",
  };
  for (std::string_view pragma : kPragmas) SENT_TRY(connection->run(pragma, {}, nullptr));
  if (!writer) SENT_TRY(connection->run("PRAGMA query_only = ON", {}, nullptr));
  return connection;
}

void Connection::make_room() {
  if (statements_.size() < kMaxCachedStatements) return;
  std::erase_if(statements_, [](auto& entry) {
    if (entry.second.in_use) return false;
    sqlite3_finalize(entry.second.statement);
    return true;
  });
}

Result<Lease> Connection::prepare(std::string_view sql) {
  std::string text(sql);
  const auto found = statements_.find(text);
  if (found != statements_.end() && !found->second.in_use)
    return Lease(found->second.statement, &found->second.in_use);
  sqlite3_stmt* statement = nullptr;
  const int size = static_cast<int>(sql.size());
  if (sqlite3_prepare_v3(db_, sql.data(), size, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return failure(sql);
  // The same text is running further up the stack.
  if (found != statements_.end()) return Lease(statement, nullptr);
  make_room();
  Cached& cached = statements_[std::move(text)];
  cached.statement = statement;
  return Lease(statement, &cached.in_use);
}

Result<void> Connection::bind(const Lease& lease, std::string_view sql,
                              const std::vector<SqlValue>& parameters) {
  const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(lease.get()));
  if (wanted != parameters.size())
    return fail(Errc::kInternal, "{} parameters given, {} wanted by: {}", parameters.size(), wanted, sql);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int place = static_cast<int>(i) + 1;
    int code = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&parameters[i]))
      code = sqlite3_bind_int64(lease.get(), place, *number);
    else if (const auto* real = std::get_if<double>(&parameters[i]))
      code = sqlite3_bind_double(lease.get(), place, *real);
    else if (const auto* text = std::get_if<std::string>(&parameters[i]))
      code = sqlite3_bind_text64(lease.get(), place, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    else
      code = sqlite3_bind_null(lease.get(), place);
    if (code != SQLITE_OK) return failure(sql);
  }
  return {};
}

Result<void> Connection::run(std::string_view sql, const std::vector<SqlValue>& parameters,
                             const std::function<void(const Row&)>& visit) {
  SENT_TRY_ASSIGN(const Lease lease, prepare(sql));
  SENT_TRY(bind(lease, sql, parameters));
  const SqliteRow row(lease.get());
  for (;;) {
    const int code = sqlite3_step(lease.get());
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return failure(sql);
    if (visit) visit(row);
  }
}

Result<void> Connection::copy_to(const std::filesystem::path& file) const {
  SENT_TRY(open_file(file, O_RDWR | O_CREAT | O_EXCL, 0600));
  Connection target(file);
  if (sqlite3_open_v2(file.c_str(), &target.db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) !=
      SQLITE_OK)
    return target.failure("open");
  sqlite3_backup* copying = sqlite3_backup_init(target.db_, "main", db_, "main");
  if (copying == nullptr) return target.failure("backup");
  sqlite3_backup_step(copying, -1);
  if (sqlite3_backup_finish(copying) != SQLITE_OK) return target.failure("backup");
  return {};
}

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(Connection& connection) : connection_(connection) {}

  Result<std::int64_t> execute(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    SENT_TRY(run(sql, parameters, nullptr));
    return connection_.changes();
  }
  Result<void> query(std::string_view sql, const std::vector<SqlValue>& parameters,
                     const std::function<void(const Row&)>& visit) override {
    return run(sql, parameters, visit);
  }
  /// The failure that made SQLite roll back by itself (a full disk does); nothing may run after it.
  const std::optional<Error>& doom() const { return doom_; }

 private:
  Result<void> run(std::string_view sql, const std::vector<SqlValue>& parameters,
                   const std::function<void(const Row&)>& visit) {
    if (doom_) return std::unexpected(*doom_);
    Result<void> done = connection_.run(sql, parameters, visit);
    if (!done && !connection_.in_transaction()) doom_ = done.error();
    return done;
  }

  Connection& connection_;
  std::optional<Error> doom_;
};

/// Begin, work, commit; on any failure nothing of it stays.
Result<void> transact(Connection& connection, std::string_view begin, const Database::Work& work) {
  SENT_TRY(connection.run(begin, {}, nullptr));
  SqliteTransaction transaction(connection);
  Result<void> done;
  try {
    done = work(transaction);
  } catch (const std::exception& error) {
    done = fail(Errc::kInternal, "a catalogue transaction was broken off: {}", error.what());
  }
  if (done && transaction.doom()) done = std::unexpected(*transaction.doom());
  if (done) done = connection.run("COMMIT", {}, nullptr);
  // What the failure was is told by `done`; the connection only has to be clean again.
  if (connection.in_transaction()) std::ignore = connection.run("ROLLBACK", {}, nullptr);
  return done;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::filesystem::path file, std::unique_ptr<Connection> writer)
      : file_(std::move(file)), writer_(std::move(writer)) {}

  Result<void> write(const Work& work) override {
    Lock lock(writer_mutex_);
    return transact(*writer_, "BEGIN IMMEDIATE", work);
  }
  Result<void> read(const Work& work) const override {
    SENT_TRY_ASSIGN(std::unique_ptr<Connection> connection, borrow());
    Result<void> done = transact(*connection, "BEGIN", work);
    give_back(std::move(connection));
    return done;
  }
  Result<void> copy_to(const std::filesystem::path& file) const override {
    SENT_TRY_ASSIGN(std::unique_ptr<Connection> connection, borrow());
    Result<void> done = connection->copy_to(file);
    give_back(std::move(connection));
    return done;
  }

 private:
  Result<std::unique_ptr<Connection>> borrow() const {
    {
      Lock lock(readers_mutex_);
      while (idle_.empty() && open_ == kMaxReaders) reader_free_.wait(readers_mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
      ++open_;
    }
    auto connection = Connection::open(file_, false);
    if (!connection) forget();
    return connection;
  }
  void give_back(std::unique_ptr<Connection> connection) const {
    {
      Lock lock(readers_mutex_);
      idle_.push_back(std::move(connection));
    }
    reader_free_.notify_one();
  }
  void forget() const {
    {
      Lock lock(readers_mutex_);
      --open_;
    }
    reader_free_.notify_one();
  }

  const std::filesystem::path file_;
  Mutex writer_mutex_;
  std::unique_ptr<Connection> writer_ SENT_GUARDED_BY(writer_mutex_);
  mutable Mutex readers_mutex_;
  mutable CondVar reader_free_;
  mutable std::vector<std::unique_ptr<Connection>> idle_ SENT_GUARDED_BY(readers_mutex_);
  mutable std::size_t open_ SENT_GUARDED_BY(readers_mutex_) = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& file) {
  // Made here so that nobody else may read it; SQLite gives its side files the same mode. An existing file is
  // not touched: closing a descriptor of it would drop the locks of other connections of this process
  // (POSIX).
  if (std::error_code ignored; !std::filesystem::exists(file, ignored))
    SENT_TRY(open_file(file, O_RDWR | O_CREAT, 0600));
  SENT_TRY_ASSIGN(std::unique_ptr<Connection> writer, Connection::open(file, true));
  auto database = std::make_unique<SqliteDatabase>(file, std::move(writer));
  Result<void> migrated = database->write([](Transaction& tx) { return migrate(tx, migrations()); });
  if (!migrated) {
    Error error = std::move(migrated).error();
    if (error.code == Errc::kUnsupported) error.message = file.native() + ": " + error.message;
    return std::unexpected(std::move(error));
  }
  return database;
}

}  // namespace sentinella::catalog
