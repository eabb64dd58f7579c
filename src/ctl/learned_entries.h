// What a run did to the list: each entry that it touched, counted once, as it is at the end.
//
// An entry that came into force, was held by the brake and was then confirmed is one entry in force. It
// is given every change that was committed. One thread; nothing fails. Some tens of bytes per entry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "suppressd/core/change.h"

namespace suppressd::ctl {

class LearnedEntries {
 public:
  /// `now`: entries whose end is past are over.
  explicit LearnedEntries(Time now) : now_(now) {}

  void note(const Change& change);

  std::size_t in_force() const { return count(State::in_force); }
  std::size_t pending() const { return count(State::pending); }
  /// Lifted, dropped, suspended, or ended by time.
  std::size_t over() const { return count(State::over); }

 private:
  enum class State : std::uint8_t { in_force, pending, over };

  void put(std::size_t entry, State state);
  std::size_t count(State state) const { return counts_[static_cast<std::size_t>(state)]; }

  Time now_;
  std::unordered_map<std::size_t, State> entries_;  // by a hash of address and kind
  std::array<std::size_t, 3> counts_{};
};

}  // namespace suppressd::ctl
