#include "suppressd/store/verdict_reader.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "suppressd/store/absence_filter.h"

#include "deciding_entry.h"
#include "failure.h"
#include "files.h"

namespace suppressd {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kIdleConnections = 16;

struct Reader {
  Database database;
  std::optional<FileId> file;
  Steady::time_point trusted_until;  ///< `file` need not be looked at before.
  bool impatient;                    ///< Waits for no lock, and is used once.
};

}  // namespace

struct VerdictReader::Pool {
  Pool(std::string file, std::chrono::milliseconds limit) : path(std::move(file)), busy_limit(limit) {}

  std::string path;
  std::chrono::milliseconds busy_limit;
  AbsenceFilter* absences = nullptr;
  std::mutex mutex;
  std::vector<std::unique_ptr<Reader>> idle;  ///< Last in, first out: the warmest caches are used most.
  std::optional<DatabaseFiles> opened;        ///< What the newest connection has open.
  /// The last look-up failed. A connection of this time waits for no lock, else a message with 1,000 recipients would wait 1,000 times.
  std::atomic<bool> troubled{false};

  Result<std::unique_ptr<Reader>> open() {
    const DatabaseFiles files = files_at(path);
    {
      const std::lock_guard lock(mutex);
      if (opened) {
        if (Status sound = check_log(path, *opened, files); !sound) return sound.error();
      }
    }
    const bool impatient = troubled;
    Result<Database> database = Database::open(path, Database::Mode::read_only, impatient ? std::chrono::milliseconds{0} : busy_limit);
    if (!database) return database.error();
    const std::lock_guard lock(mutex);
    opened = files;
    return std::make_unique<Reader>(Reader{std::move(database).value(), files.database, Steady::now() + kFileTrusted, impatient});
  }

  Result<std::unique_ptr<Reader>> take() {
    std::unique_ptr<Reader> reader;
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        reader = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (!reader) return open();
    // A file that was replaced or deleted must not go on deciding who gets mail.
    if (const auto now = Steady::now(); now >= reader->trusted_until) {
      if (file_at(path) != reader->file) return open();
      reader->trusted_until = now + kFileTrusted;
    }
    return reader;
  }

  void put_back(std::unique_ptr<Reader> reader) {
    if (troubled) troubled = false;
    if (reader->impatient) return;
    const std::lock_guard lock(mutex);
    if (idle.size() < kIdleConnections) idle.push_back(std::move(reader));
  }
};

VerdictReader::VerdictReader(std::string path, std::chrono::milliseconds busy_limit)
    : pool_(std::make_unique<Pool>(std::move(path), busy_limit)) {}
VerdictReader::VerdictReader(std::string path, AbsenceFilter& absences) : VerdictReader(std::move(path)) {
  pool_->absences = &absences;
}
VerdictReader::~VerdictReader() = default;

Status VerdictReader::probe() {
  auto reader = pool_->open();
  if (!reader) return reader.error();
  pool_->put_back(std::move(reader).value());
  return {};
}

template <typename Decide>
LookupResult VerdictReader::ask(const Decide& decide) {
  LookupResult result;
  const auto failed = [&](std::string message) {
    pool_->troubled = true;
    result.answer = LookupResult::Answer::error;
    result.error = std::move(message);
  };
  try {
    auto taken = pool_->take();
    if (!taken) {
      failed(taken.error().message);
      return result;
    }
    // A connection that fails is not put back: the next look-up opens a new one.
    std::unique_ptr<Reader> reader = std::move(taken).value();
    if (std::optional<Decision> decision = decide(reader->database); decision && !decision->exempt) {
      result.answer = LookupResult::Answer::suppressed;
      result.entry = std::move(decision->entry);
    }
    pool_->put_back(std::move(reader));
  } catch (const StoreFailure& failure) {
    failed(to_error(failure, pool_->path).message);
  } catch (const std::exception& failure) {
    failed("database " + pool_->path + ": " + failure.what());
  }
  return result;
}

LookupResult VerdictReader::find(const CoveringKeys& keys, Time now) {
  if (pool_->absences && pool_->absences->absent(keys)) return {};
  return ask([&](Database& database) { return deciding_entry(database, keys, now); });
}

LookupResult VerdictReader::find(std::string_view address, Time now) {
  return ask([&](Database& database) { return deciding_entry(database, {address, recipient_delimiter(database)}, now); });
}

}  // namespace suppressd
