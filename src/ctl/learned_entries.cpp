#include "learned_entries.h"

#include <functional>

namespace suppressd::ctl {
namespace {

std::size_t hash_of(std::string_view address, SuppressionKind kind) {
  return std::hash<std::string_view>{}(address)*kSuppressionKinds + static_cast<std::size_t>(kind);
}

}  // namespace

void LearnedEntries::note(const Change& change) {
  if (!change.kind) return;
  const auto entry = hash_of(change.address, *change.kind);
  switch (change.act) {
    case ChangeAct::suppressed:
    case ChangeAct::confirmed:
    case ChangeAct::restored:
      return put(entry, change.until && *change.until <= now_ ? State::over : State::in_force);
    case ChangeAct::pending:
      return put(entry, State::pending);
    case ChangeAct::lifted:
    case ChangeAct::dropped:
    case ChangeAct::suspended:
      return put(entry, State::over);
    default:  // it stays what it is
      return;
  }
}

void LearnedEntries::put(std::size_t entry, State state) {
  const auto [place, is_new] = entries_.try_emplace(entry, state);
  if (!is_new) --counts_[static_cast<std::size_t>(place->second)];
  place->second = state;
  ++counts_[static_cast<std::size_t>(state)];
}

}  // namespace suppressd::ctl
