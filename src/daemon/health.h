// What the two halves of the daemon can do at the moment: look-ups, and learning from each log. Also as one
// line for people.
//
// WatchedLookup belongs to the verdict half: any thread, and it never waits. Health is plain data of the
// learning thread, which asks both.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/lookup.h"

namespace suppressd {

/// What does not work, since when.
struct Trouble {
  Time since;
  std::string why;
};

/// Forwards look-ups, and remembers whether the last one succeeded. Directly in front of the database: what
/// is answered from memory says nothing about it.
class WatchedLookup final : public Lookup {
 public:
  /// `lookup` must outlive this.
  explicit WatchedLookup(Lookup& lookup) : lookup_(lookup) {}
  LookupResult find(const CoveringKeys& keys, Time now) override;
  Result<bool> exempt(const CoveringKeys& keys) override;
  /// nullopt: the last look-up succeeded, or there was none yet.
  std::optional<Trouble> trouble() const;

 private:
  void succeeded();
  void failed(const std::string& why, Time now);

  Lookup& lookup_;
  std::atomic<bool> failing_{false};
  mutable std::mutex mutex_;
  std::optional<Trouble> trouble_;  // of a look-up that found the mutex free
};

struct Health {
  struct Log {
    std::string name;
    std::optional<Trouble> trouble;
  };
  std::optional<Trouble> look_ups;
  std::optional<Trouble> learning;  ///< The database cannot be written, or no log is known.
  std::vector<Log> logs;

  bool well() const;
  /// `look-ups ok; learning from file /var/log/mail.log`
  std::string line() const;
  /// Two states of the same kind work and fail at the same things, for whatever reason.
  std::string kind() const;
};

}  // namespace suppressd
