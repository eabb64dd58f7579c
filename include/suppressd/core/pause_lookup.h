// The milter's query whether mail is paused, and its answer.
//
// The store implements it, the milter uses it, and neither knows the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/core/breaker.h"

namespace suppressd {

struct PauseQuery {
  BreakerDimension dimension;
  std::string_view name;        ///< The tag as the message has it, or the sender domain.
  std::string_view brought_by;  ///< See bringer(); empty: it does not matter.
};

struct Pause {
  BreakerPlace place;
  BreakerState state = BreakerState::paused;
  std::optional<Time> until;
  std::string why;
  std::int64_t test_messages = 0;  ///< That were let through and are stored.
  bool enforced = true;            ///< False: enforcement is off, so nothing is paused now.
};

/// Safe from any thread, never throws, never waits for the learning half.
class PauseLookup {
 public:
  virtual ~PauseLookup() = default;
  /// nullopt: it is not paused. Error: the database cannot answer; one line.
  virtual Result<std::optional<Pause>> find_pause(const PauseQuery& query, Time now) = 0;
};

}  // namespace suppressd
