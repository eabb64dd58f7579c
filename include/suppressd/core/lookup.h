// The milter's query about a recipient, and its answers.
//
// The store implements it, the milter uses it, and neither knows the other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/core/covering_keys.h"
#include "suppressd/core/half_open.h"
#include "suppressd/core/suppression.h"

namespace suppressd {

struct LookupResult {
  enum class Answer {
    clear,
    suppressed,
    half_open,  ///< No entry is in force; one has ended, and one message at a time tests the address.
    error,
  };
  Answer answer = Answer::clear;
  /// Set if suppressed or half open: the entry that decides (complaint before unsubscribe, manual, hard,
  /// soft).
  Suppression entry;
  /// Half open: the message that tests it now; nullopt: the next one may.
  std::optional<Probe> probe;
  bool enforced = true;  ///< If suppressed or half open; false: enforcement is off, so no one is refused now.
  std::string error;     ///< Set on error: one line.

  /// Whether mail is refused now, where enforcement is not off.
  bool refuses() const { return answer == Answer::suppressed || (answer == Answer::half_open && probe); }
};

/// Safe from any thread, never throws, never waits for the learning half.
class Lookup {
 public:
  virtual ~Lookup() = default;
  /// `keys` are those of a canonical address, `sender` is the envelope sender as the client gave it, which
  /// decides about entries that are not for all mail (core/scope.h). `now` decides which entries are in
  /// force.
  virtual LookupResult find(const CoveringKeys& keys, std::string_view sender, Time now) = 0;
  /// Whether the address is exempt. Error: the list cannot be read; one line.
  virtual Result<bool> exempt(const CoveringKeys& keys) = 0;
};

}  // namespace suppressd
