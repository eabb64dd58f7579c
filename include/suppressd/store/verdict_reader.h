// The milter's look-up: read-only, prepared, three-valued.
//
// Connections are kept in a pool, one for each look-up that runs at the same time, and opened again when the file was replaced or failed.
// Every answer is that of the database as committed at that moment, whether it was asked or an AbsenceFilter knew. Safe from any thread. A
// busy, broken or missing database is the answer `error`, never `clear`.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "suppressd/core/lookup.h"
#include "suppressd/core/result.h"

namespace suppressd {

class AbsenceFilter;

class VerdictReader : public Lookup {
 public:
  /// How long a file that was replaced or deleted may go on answering.
  static constexpr std::chrono::milliseconds kFileTrusted{10};

  /// `busy_limit`: how long a look-up waits for a lock (WAL readers hardly ever do), once to open and once to ask at most. After one that
  /// failed the next ones do not wait at all, until one succeeds.
  explicit VerdictReader(std::string path, std::chrono::milliseconds busy_limit = std::chrono::milliseconds{500});
  /// `absences`, of the same database, is asked before. It must outlive this.
  VerdictReader(std::string path, AbsenceFilter& absences);
  ~VerdictReader() override;

  /// Opens once, so that a wrong path fails at start.
  Status probe();

  /// Of the entries in force, the one under the most specific key; among those by kind. An exempt address or domain is clear.
  LookupResult find(const CoveringKeys& keys, Time now) override;
  /// The same for a program beside the daemon: an address's extension is what the daemon took for it last (view_settings.h).
  LookupResult find(std::string_view address, Time now);

 private:
  struct Pool;
  template <typename Decide>
  LookupResult ask(const Decide& decide);
  std::unique_ptr<Pool> pool_;
};

}  // namespace suppressd
