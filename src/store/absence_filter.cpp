#include "suppressd/store/absence_filter.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "suppressd/base/bloom_filter.h"

#include "database.h"
#include "failure.h"
#include "files.h"
#include "wal_index.h"

namespace suppressd {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kGlance = 200ms;  // at most, between two checks whether the filter still fits
constexpr int kRestShare =
    20;  // of the time that making one took: it costs a twentieth of a processor at most
constexpr auto kPatience = 100ms;  // for a lock of the database
constexpr int kAttempts = 100;     // to find a moment in which nobody writes
constexpr auto kBetweenAttempts = 1ms;
constexpr std::size_t kSpare = 4096;  // entries, and a quarter of those that are there

// Which state a set of addresses belongs to. The file's stamp shows what the log does not: a write into
// the file that bypassed SQLite.
struct Place {
  WalState log;
  FileStamp file;
  bool lost = false;  ///< There was a commit of another writer.

  /// A transaction of our own writer led from `before` to `after`; `changed`: it changed rows.
  void carry(const std::optional<WalState>& before, const std::optional<WalState>& after,
             const std::optional<FileStamp>& stamp, bool changed) {
    const bool known = before && after && stamp && *before == log && stamp->id == file.id;
    if (!known || (changed ? after->commits() - before->commits() != 1 : *after != *before)) {
      lost = true;
      return;
    }
    log = *after;
    file = *stamp;
  }
};

// The addresses of all entries.
struct Entries {
  explicit Entries(std::size_t members) : addresses(members) {}

  BloomFilter addresses;
  bool subdomains = false;  ///< One of them covers subdomains.

  void add(std::string_view address) {
    addresses.add(address);
    subdomains = subdomains || covers_subdomains(address);
  }
  bool may_cover(const CoveringKeys& keys) const {
    return keys.any(subdomains, [this](std::string_view key) { return addresses.may_contain(key); });
  }
};

struct Known {
  Entries entries;
  Place place;
};

// A filter that is being made. What our writer enters meanwhile is not among the rows that are read.
struct Begun {
  Place place;
  std::vector<std::string> entered;
};

}  // namespace

struct AbsenceFilter::Parts {
  Parts(std::shared_ptr<DatabaseGate> through, std::chrono::milliseconds least)
      : gate(std::move(through)), path(gate->path()), rest(least), keeper([this] { keep(); }) {}
  ~Parts() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    stopped.notify_all();
    keeper.join();
  }

  struct Watch {
    Database connection;  ///< Keeps the index in memory.
    FileId file;
    WalIndex index;
  };

  const std::shared_ptr<DatabaseGate> gate;
  const std::string& path;
  const std::chrono::milliseconds rest;
  std::mutex mutex;  ///< Guards all of these.
  std::condition_variable stopped;
  bool stopping = false;
  std::optional<Watch> watch;
  std::optional<Known> known;
  std::optional<Begun> begun;
  Steady::time_point trusted_until;  ///< known->place.file need not be looked at before.
  bool writing = false;  ///< A transaction of our writer is open: `before` is the state that it began in.
  std::optional<WalState> before;
  std::vector<std::string> entering;
  std::thread keeper;  ///< Last, so that the others exist when it begins.

  std::optional<WalState> state() const { return watch ? watch->index.state() : std::nullopt; }

  bool fits() {
    if (!known || known->place.lost) return false;
    if (const auto now = Steady::now(); now >= trusted_until) {
      if (stamp_of(path) != known->place.file) return false;
      trusted_until = now + DatabaseGate::kTrusted;
    }
    return state() == known->place.log;
  }

  void keep() {
    auto next_attempt = Steady::now();
    std::unique_lock lock(mutex);
    for (; !stopping; stopped.wait_for(lock, std::min<std::chrono::milliseconds>(rest, kGlance),
                                       [this] { return stopping; })) {
      if (!gate->current()) forget_file();
      // Between our transactions nothing may differ.
      if (known && !writing && !fits()) known->place.lost = true;
      if ((known && !known->place.lost) || Steady::now() < next_attempt) continue;
      lock.unlock();
      const auto start = Steady::now();
      make();
      next_attempt = Steady::now() + std::max<Steady::duration>(rest, kRestShare * (Steady::now() - start));
      lock.lock();
    }
  }

  /// It was replaced, and a connection to it keeps others from the new one.
  void forget_file() {
    known.reset();
    watch.reset();
  }

  // What goes wrong here goes wrong for the look-ups too, which say so.
  void make() noexcept {
    try {
      watch_file();
      Result<Database> reader = Database::open(gate, Database::Mode::read_only, kPatience);
      if (!reader) return;
      const std::int64_t rows = count(*reader);
      Entries entries(static_cast<std::size_t>(rows + rows / 4) + kSpare);
      for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const ReadTransaction moment(*reader);
        if (begin(*reader)) {
          if (read_all(*reader, entries)) finish(std::move(entries));
          break;
        }
        std::this_thread::sleep_for(kBetweenAttempts);
      }
    } catch (const StoreFailure&) {
    } catch (const std::exception&) {
    }
    const std::lock_guard lock(mutex);
    begun.reset();
  }

  void watch_file() {
    {
      const std::lock_guard lock(mutex);
      known.reset();
      if (watch) return;
    }
    const auto file = file_at(path);
    if (!file || !file_at(path + "-wal"))
      return;  // Without a log there is no index, and one must not be made here.
    Result<Database> connection = Database::open(gate, Database::Mode::read_only, kPatience);
    if (!connection) return;
    connection->data_version();
    const WalIndex index(*connection);
    const std::lock_guard lock(mutex);
    watch.emplace(Watch{std::move(*connection), *file, index});
  }

  static std::int64_t count(Database& reader) {
    Query query(reader, "SELECT count(*) FROM suppression");
    return query.step() ? query->integer(0) : 0;
  }

  /// From here on our writer's entries are collected. False: there is a writer at this moment.
  bool begin(Database& reader) {
    const std::lock_guard lock(mutex);
    if (writing || !watch) return false;
    const auto state_before = state();
    const auto stamp = stamp_of(path);
    reader.data_version();  // The transaction of the caller sees this moment from here on.
    if (!state_before || !stamp || stamp->id != watch->file || state() != state_before) return false;
    begun.emplace(Begun{{*state_before, *stamp}, {}});
    return true;
  }

  /// False: the result would be useless.
  bool read_all(Database& reader, Entries& entries) {
    Query rows(reader, "SELECT address FROM suppression");
    for (std::int64_t read = 0; rows.step(); ++read) {
      entries.add(rows->text(0));
      if (read % 4096 != 0) continue;
      const std::lock_guard lock(mutex);
      if (stopping || begun->place.lost || !gate->current()) return false;
    }
    return true;
  }

  void finish(Entries entries) {
    const std::lock_guard lock(mutex);
    for (const std::string& address : begun->entered) entries.add(address);
    known.emplace(Known{std::move(entries), begun->place});
    trusted_until = {};
  }

  void transaction_ended(bool changed) {
    if (!writing) return;
    const auto after = state();
    const auto stamp = stamp_of(path);
    if (known) {
      for (const std::string& address : entering) known->entries.add(address);
      known->place.carry(before, after, stamp, changed);
      if (known->entries.addresses.overfull()) known->place.lost = true;
    }
    if (begun) {
      begun->entered.insert(begun->entered.end(), entering.begin(), entering.end());
      begun->place.carry(before, after, stamp, changed);
    }
    entering.clear();
    writing = false;
  }

  /// There was no memory for an entry, so the filter is no longer complete.
  void forget() noexcept {
    known.reset();
    if (begun) begun->place.lost = true;
  }
};

AbsenceFilter::AbsenceFilter(Lookup& database, std::shared_ptr<DatabaseGate> gate,
                             std::chrono::milliseconds rest)
    : database_(database), parts_(std::make_unique<Parts>(std::move(gate), rest)) {}
AbsenceFilter::~AbsenceFilter() = default;

LookupResult AbsenceFilter::find(const CoveringKeys& keys, std::string_view sender, Time now) {
  if (absent(keys)) return {};
  return database_.find(keys, sender, now);
}

Result<bool> AbsenceFilter::exempt(const CoveringKeys& keys) {
  return database_.exempt(keys);
}

bool AbsenceFilter::absent(const CoveringKeys& keys) noexcept {
  const std::unique_lock lock(parts_->mutex, std::try_to_lock);
  if (!lock.owns_lock() || !parts_->fits()) return false;
  try {
    return !parts_->known->entries.may_cover(keys);
  } catch (...) {
    return false;  // no memory for a key
  }
}

bool AbsenceFilter::ready() noexcept {
  const std::lock_guard lock(parts_->mutex);
  return parts_->fits();
}

void AbsenceFilter::transaction_begun() noexcept {
  const std::lock_guard lock(parts_->mutex);
  parts_->writing = true;
  parts_->before = parts_->state();
  parts_->entering.clear();
}

void AbsenceFilter::inserting(std::string_view address) noexcept {
  const std::lock_guard lock(parts_->mutex);
  try {
    parts_->entering.emplace_back(address);
  } catch (...) {
    parts_->forget();
  }
}

void AbsenceFilter::transaction_ended(bool changed) noexcept {
  const std::lock_guard lock(parts_->mutex);
  try {
    parts_->transaction_ended(changed);
  } catch (...) {
    parts_->forget();
    parts_->entering.clear();
    parts_->writing = false;
  }
}

}  // namespace suppressd
