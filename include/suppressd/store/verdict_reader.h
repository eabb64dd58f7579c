// The milter's look-up: read-only, prepared, three-valued.
//
// Connections are kept in a pool, one for each look-up that runs at the same time, and opened again if the
// file was replaced or a look-up failed. Every answer is that of the database as committed at that moment.
// Safe from any thread. If the database is busy, broken or missing, the answer is `error`, never `clear`, and
// trouble() says since when.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/core/lookup.h"
#include "suppressd/core/pause_lookup.h"
#include "suppressd/core/warm_up.h"
#include "suppressd/store/database_gate.h"

namespace suppressd {

/// What does not work, since when.
struct Trouble {
  Time since;
  std::string why;
};

class VerdictReader : public Lookup, public PauseLookup, public WarmUpLookup {
 public:
  static constexpr std::chrono::milliseconds kBusyLimit{500};

  /// `busy_limit`: how long a look-up waits for a lock (WAL readers hardly ever do), at most once to open
  /// and once to query. After a failed look-up the next ones do not wait at all, until one succeeds.
  explicit VerdictReader(std::shared_ptr<DatabaseGate> gate,
                         std::chrono::milliseconds busy_limit = kBusyLimit);
  explicit VerdictReader(std::string path, std::chrono::milliseconds busy_limit = kBusyLimit);
  ~VerdictReader() override;

  /// Opens a connection, so that a wrong path fails at the start.
  Status probe();

  /// Of the entries in force, the one under the most specific key; of several under that key, by kind. An
  /// exempt address or domain is clear.
  LookupResult find(const CoveringKeys& keys, std::string_view sender, Time now) override;
  Result<bool> exempt(const CoveringKeys& keys) override;
  Result<std::optional<Pause>> find_pause(const PauseQuery& query, Time now) override;
  Result<WarmUpHistory> sends_before(std::string_view sender_domain, std::string_view provider,
                                     Time now) override;
  Result<ProvidersOfDomains> providers_of_domains() override;
  Result<bool> enforcement_is_off(Time now) override;

  /// nullopt: the last look-up succeeded, or there was none yet.
  std::optional<Trouble> trouble() const;

 private:
  struct Pool;
  template <typename Question>
  auto answer(Time now, const Question& question);
  std::shared_ptr<Pool> pool_;
};

}  // namespace suppressd
