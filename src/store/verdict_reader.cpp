#include "suppressd/store/verdict_reader.h"

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "breaker_rows.h"
#include "deciding_entry.h"
#include "enforcement_rows.h"
#include "failure.h"
#include "warm_up_rows.h"

namespace suppressd {
namespace {

constexpr std::size_t kIdleConnections = 16;

struct Reader {
  Database database;
  bool once;  ///< For one look-up: it waits for no lock, or would not see a log that is made later.
};

}  // namespace

struct VerdictReader::Pool {
  Pool(std::shared_ptr<DatabaseGate> through, std::chrono::milliseconds limit)
      : gate(std::move(through)), busy_limit(limit) {}

  std::shared_ptr<DatabaseGate> gate;
  std::chrono::milliseconds busy_limit;
  std::mutex mutex;
  std::vector<std::unique_ptr<Reader>> idle;  ///< Last in, first out: the warmest caches are used most.
  /// The last look-up failed. A connection that is opened now waits for no lock, or a message with 1,000
  /// recipients would wait 1,000 times.
  std::atomic<bool> troubled{false};
  std::optional<Trouble> trouble;  ///< Under the mutex; set if `troubled`.

  Result<std::unique_ptr<Reader>> open() {
    const bool impatient = troubled;
    Result<Database> database = Database::open(gate, Database::Mode::read_only,
                                               impatient ? std::chrono::milliseconds{0} : busy_limit);
    if (!database) return database.error();
    return std::make_unique<Reader>(Reader{std::move(database).value(), impatient || !gate->has_log()});
  }

  // A file that was replaced or deleted must no longer decide who gets mail.
  Result<std::unique_ptr<Reader>> take() {
    if (!gate->current()) {
      close_idle();
      return open();
    }
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        auto reader = std::move(idle.back());
        idle.pop_back();
        return reader;
      }
    }
    return open();
  }

  void put_back(std::unique_ptr<Reader> reader) {
    if (troubled) works();
    if (reader->once) return;
    {
      const std::lock_guard lock(mutex);
      if (idle.size() < kIdleConnections) idle.push_back(std::move(reader));
    }
    if (!gate->current()) close_idle();
  }

  void works() {
    const std::lock_guard lock(mutex);
    troubled = false;
    trouble.reset();
  }

  void failed(const std::string& why, Time now) {
    const std::lock_guard lock(mutex);
    troubled = true;
    trouble = Trouble{trouble ? trouble->since : now, why};
  }

  void close_idle() {
    std::vector<std::unique_ptr<Reader>> closing;
    const std::lock_guard lock(mutex);
    closing.swap(idle);
  }
};

VerdictReader::VerdictReader(std::shared_ptr<DatabaseGate> gate, std::chrono::milliseconds busy_limit)
    : pool_(std::make_shared<Pool>(std::move(gate), busy_limit)) {
  pool_->gate->when_replaced([pool = std::weak_ptr(pool_)] {
    if (const auto alive = pool.lock()) alive->close_idle();
  });
}
VerdictReader::VerdictReader(std::string path, std::chrono::milliseconds busy_limit)
    : VerdictReader(std::make_shared<DatabaseGate>(std::move(path)), busy_limit) {}
VerdictReader::~VerdictReader() = default;

Status VerdictReader::probe() {
  auto reader = pool_->open();
  if (!reader) return reader.error();
  pool_->put_back(std::move(reader).value());
  return {};
}

// Returns what `question`, a function of the database, returns.
template <typename Question>
auto VerdictReader::answer(Time now, const Question& question) {
  using Answer = Result<std::decay_t<decltype(question(std::declval<Database&>()))>>;
  const auto answered = [&]() -> Answer {
    try {
      auto taken = pool_->take();
      if (!taken) return taken.error();
      // A connection that fails is not put back: the next look-up opens a new one.
      std::unique_ptr<Reader> reader = std::move(taken).value();
      auto found = question(reader->database);
      pool_->put_back(std::move(reader));
      return found;
    } catch (const StoreFailure& failure) {
      return to_error(failure, pool_->gate->path());
    } catch (const std::exception& failure) {
      return Error{"database " + pool_->gate->path() + ": " + failure.what()};
    }
  };
  Answer result = answered();
  if (!result) pool_->failed(result.error().message, now);
  return result;
}

LookupResult VerdictReader::find(const CoveringKeys& keys, std::string_view sender, Time now) {
  return verdict_of(
      answer(now, [&](Database& database) { return deciding_entry(database, keys, sender, now); }));
}

Result<bool> VerdictReader::exempt(const CoveringKeys& keys) {
  return answer(wall_clock(), [&](Database& database) { return exempt_since(database, keys).has_value(); });
}

Result<std::optional<Pause>> VerdictReader::find_pause(const PauseQuery& query, Time now) {
  return answer(now, [&](Database& database) { return suppressd::find_pause(database, query, now); });
}

Result<WarmUpHistory> VerdictReader::sends_before(std::string_view sender_domain, std::string_view provider,
                                                  Time now) {
  return answer(now, [&](Database& database) {
    return suppressd::sends_before(database, sender_domain, provider, now);
  });
}

Result<ProvidersOfDomains> VerdictReader::providers_of_domains() {
  return answer(wall_clock(), [&](Database& database) { return suppressd::providers_of_domains(database); });
}

Result<bool> VerdictReader::enforcement_is_off(Time now) {
  return answer(now, [&](Database& database) {
    Query query(database, "SELECT " + is_off("?1"), now);
    return query.step() && query->integer(0) != 0;
  });
}

std::optional<Trouble> VerdictReader::trouble() const {
  const std::lock_guard lock(pool_->mutex);
  return pool_->trouble;
}

}  // namespace suppressd
