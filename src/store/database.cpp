#include "database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include <sqlite3.h>

#include "suppressd/base/file_mode.h"

#include "failure.h"
#include "migration.h"

namespace suppressd {

extern const std::string_view kSchema;

/// By the beginning and the length, which tell most statements apart: they are looked up hundreds of
/// thousands of times.
struct SqlHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view sql) const {
    return std::hash<std::string_view>{}(sql.substr(0, 64)) + sql.size();
  }
};

struct Database::Connection {
  Connection(std::shared_ptr<DatabaseGate> through, DatabaseGate::Pass passed, sqlite3* connection)
      : gate(std::move(through)), pass(std::move(passed)), handle(connection) {}
  ~Connection() { close(); }

  void close() {
    statements.clear();
    sqlite3_close(std::exchange(handle, nullptr));
    pass.reset();
  }

  std::shared_ptr<DatabaseGate> gate;
  std::optional<DatabaseGate::Pass> pass;
  sqlite3* handle;  ///< Null: closed, because its file was replaced.
  std::unordered_map<std::string, Statement, SqlHash, std::equal_to<>> statements;
  bool full = true;
  Mode mode = Mode::read_only;
  std::chrono::milliseconds patience{0};
  WriteListener* listener = nullptr;
};

namespace {

constexpr const char* kEverySetup = R"(
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
)";

// Room for all inner pages of a list of a million addresses: then a look-up reads one page, a leaf. Filled as
// it is needed.
constexpr const char* kReaderSetup = "PRAGMA cache_size = -8192";

// The journal's limit keeps a file that a long reader let grow from staying large. SECURE_DELETE, Debian's
// default, writes freed pages; FAST still overwrites what is erased inside pages that are written anyway.
constexpr const char* kWriterSetup = R"(
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA wal_autocheckpoint = 2000;
  PRAGMA secure_delete = FAST;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -32768;
)";

// Prepared when the database is opened: where memory is short, a transaction that could not be ended would
// hold the lock for ever.
constexpr std::string_view kRollback = "ROLLBACK";

constexpr mode_t kMode = 0640;

constexpr std::chrono::milliseconds kLastPatience{500};  // for a lock on a file that was replaced

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// `error` is an errno by value: to look for advice changes errno.
Error unreachable(const std::string& path, const std::string& what, int error) {
  return {"database " + path + ": " + what + " (" + std::strerror(error) + "): " + access_advice(path)};
}

Status make_file(const std::string& path) {
  const std::string folder = folder_of(path);
  struct stat info {};
  if (stat(folder.c_str(), &info) != 0)
    return unreachable(path, "the folder " + folder + " cannot be reached", errno);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kMode);
  if (file < 0) {
    if (errno == EEXIST) return {};
    return unreachable(path, "cannot be created", errno);
  }
  const bool root = geteuid() == 0;
  // Without privileges our own group has to do.
  const bool owned = fchown(file, root ? info.st_uid : static_cast<uid_t>(-1), info.st_gid) == 0 || !root;
  const bool done = owned && fchmod(file, kMode) == 0;  // whatever the umask is
  const int reason = errno;
  ::close(file);
  if (done) return {};
  ::unlink(path.c_str());
  return Error{"database " + path + ": cannot be given to the owner of its folder (" + std::strerror(reason) +
               ")"};
}

/// True: the file is there and fit to be opened.
Result<bool> look_at_file(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return false;
    return unreachable(path, "cannot be reached", errno);
  }
  if (!S_ISREG(info.st_mode))
    return Error{"database " + path +
                 ": it is no regular file: name the database file itself in database.path"};
  if (auto closed = refuse_world_writable(path, info.st_mode); !closed)
    return Error{"database " + closed.error().message};
  return true;
}

std::string percent_encoded(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      static constexpr char kDigits[] = "0123456789ABCDEF";
      text += {'%', kDigits[static_cast<unsigned char>(c) >> 4], kDigits[static_cast<unsigned char>(c) & 15]};
    } else {
      text += c;
    }
  }
  return text;
}

/// Without it SQLite takes a mutex at each allocation, to count memory that nobody asks about. Has no effect
/// where SQLite is in use already.
void count_no_memory() {
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
}

sqlite3* open_handle(const std::string& name, int flags, std::chrono::milliseconds patience) {
  count_no_memory();
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) {
    StoreFailure failure{code, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code)};
    sqlite3_close(handle);
    throw failure;
  }
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_busy_timeout(handle, static_cast<int>(patience.count()));
  return handle;
}

/// Of a file that is empty yet: half as many pages to fetch and to log as with SQLite's own 4096 bytes.
constexpr const char* kPageSize = "PRAGMA page_size = 8192";

/// Persistent in the file. SQLite does not wait by itself when two processes switch at the same time.
void use_wal(Database& database, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      Query query(database, "PRAGMA journal_mode = WAL");
      if (query.step() && query->text(0) == "wal") return;
      throw StoreFailure{
          SQLITE_ERROR, "its file system does not allow a write-ahead log: put the database on a local disk"};
    } catch (const StoreFailure& failure) {
      if ((failure.code & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= end) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, Mode mode, std::chrono::milliseconds patience) {
  return open(std::make_shared<DatabaseGate>(path), mode, patience);
}

Result<Database> Database::open(const std::shared_ptr<DatabaseGate>& gate, Mode mode,
                                std::chrono::milliseconds patience) {
  const std::string& path = gate->path();
  Result<bool> there = look_at_file(path);
  if (!there) return there.error();
  if (!*there) {
    if (mode != Mode::create)
      return Error{"database " + path +
                   ": there is no such file: name it with database.path or --db, or let suppressd create it"};
    if (Status made = make_file(path); !made) return made.error();
  }
  const bool writable = mode != Mode::read_only;
  Result<DatabaseGate::Pass> pass = gate->enter();
  if (!pass) return pass.error();
  try {
    Database database(std::make_unique<Connection>(
        gate, std::move(*pass),
        open_handle(path, writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, patience)));
    database.execute(kEverySetup);
    if (writable && sqlite3_db_readonly(database.handle(), "main") == 1)
      throw StoreFailure{SQLITE_READONLY, "opened for reading only"};
    if (!writable) {
      try {
        database.data_version();
        Query(database, "SELECT count(*) FROM sqlite_schema").step();
      } catch (const StoreFailure& failure) {
        // A writer that does not persist its WAL, such as the sqlite3 shell, closed last: there is no log to
        // read, and none can be made.
        const int code = failure.code & 0xff;
        if ((code != SQLITE_CANTOPEN && code != SQLITE_READONLY) ||
            access((path + "-wal").c_str(), F_OK) == 0)
          throw;
        sqlite3_close(std::exchange(database.connection_->handle, nullptr));
        database.connection_->handle = open_handle("file:" + percent_encoded(path) + "?immutable=1",
                                                   SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, patience);
        database.execute(kEverySetup);
      }
    }
    database.prepare(kRollback);
    if (Status ours = check_identity(database, writable); !ours) return ours.error();
    if (writable) {
      int persist = 1;
      sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
      database.execute(kPageSize);
      use_wal(database, patience);
      database.execute(kWriterSetup);
      migrate(database, schema_version(), kSchema, migration_steps());
    } else {
      database.execute(kReaderSetup);
    }
    database.connection_->mode = mode;
    database.connection_->patience = patience;
    if (Status entered = gate->entered(); !entered) return entered.error();
    return database;
  } catch (const StoreFailure& failure) {
    return to_error(failure, path);
  }
}

Statement& Database::prepare(std::string_view sql) {
  const auto found = connection_->statements.find(sql);
  if (found != connection_->statements.end()) return found->second;
  sqlite3_stmt* stmt = nullptr;
  require_open();
  check(sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &stmt, nullptr),
        handle());
  return connection_->statements.emplace(sql, Statement(stmt)).first->second;
}

void Database::require_open() const {
  if (closed()) throw StoreFailure{SQLITE_READONLY_DBMOVED, "closed"};
}

void Database::execute(const std::string& sql) {
  require_open();
  check(sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr), handle());
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle());
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle());
}

std::int64_t Database::total_changes() const {
  return sqlite3_total_changes64(handle());
}

std::int64_t Database::data_version() {
  Query query(*this, "PRAGMA data_version");
  return query.step() ? query->integer(0) : 0;
}

void Database::tell(WriteListener& listener) {
  connection_->listener = &listener;
}

WriteListener* Database::listener() const {
  return connection_->listener;
}

void Database::synchronous_full(bool full) {
  if (connection_->full == full) return;
  roll_back();
  execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  connection_->full = full;
}

void Database::roll_back() noexcept {
  if (closed() || sqlite3_get_autocommit(handle()) != 0) return;
  try {
    prepare(kRollback).run();
  } catch (const StoreFailure&) {
    // Only a change of the schema makes the prepared statement need memory; the next transaction tries again.
  }
}

bool Database::moved() const {
  return closed() || !connection_->gate->current(std::chrono::milliseconds{0});
}

void Database::when_replaced(std::function<void()> close) {
  connection_->gate->when_replaced(std::move(close));
}

// An empty log is of no danger to another file.
void Database::leave() noexcept {
  if (closed()) return;
  sqlite3_busy_timeout(handle(), static_cast<int>(kLastPatience.count()));
  if (connection_->mode != Mode::read_only)
    sqlite3_wal_checkpoint_v2(handle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  connection_->close();
}

bool Database::closed() const {
  return handle() == nullptr;
}

Status Database::open_again() {
  if (moved()) leave();
  if (access(path().c_str(), F_OK) != 0)
    return Error{"database " + path() +
                 ": the file was deleted while it was open: put a backup there, or restart suppressd, which "
                 "begins an empty one"};
  const Mode mode = connection_->mode == Mode::read_only ? Mode::read_only : Mode::read_write;
  Result<Database> now = open(connection_->gate, mode, connection_->patience);
  if (!now) return now.error();
  now->connection_->listener = connection_->listener;
  *this = std::move(*now);
  return {};
}

const std::string& Database::path() const {
  return connection_->gate->path();
}

sqlite3* Database::handle() const {
  return connection_->handle;
}

Transaction::Transaction(Database& database)
    : database_(database), changes_before_(database.total_changes()) {
  database_.roll_back();  // what a roll-back that got no memory has left
  database_.prepare("BEGIN IMMEDIATE").run();
  if (auto* const listener = database_.listener()) listener->transaction_begun();
}

Transaction::~Transaction() {
  if (!open_) return;
  database_.roll_back();
  if (auto* const listener = database_.listener()) listener->transaction_ended(false);
}

void Transaction::commit() {
  database_.prepare("COMMIT").run();
  open_ = false;
  if (auto* const listener = database_.listener())
    listener->transaction_ended(database_.total_changes() != changes_before_);
}

ReadTransaction::ReadTransaction(Database& database)
    : database_(database), mine_(sqlite3_get_autocommit(database.handle()) != 0) {
  if (mine_) database_.prepare("BEGIN").run();
}

ReadTransaction::~ReadTransaction() {
  if (mine_) database_.roll_back();
}

}  // namespace suppressd
