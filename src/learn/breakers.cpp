// The learner's part in breakers: their next states, and the messages that test them.
#include <utility>

#include "suppressd/learn/learner.h"

#include "learner_parts.h"

namespace suppressd {
namespace {

constexpr Duration kKeepBreakers = std::chrono::hours(24 * 400);

ChangeAct act_of(BreakerState state) {
  switch (state) {
    case BreakerState::paused:
    case BreakerState::by_hand:
      return ChangeAct::breaker_paused;
    case BreakerState::testing:
      return ChangeAct::breaker_testing;
    case BreakerState::closed:
      return ChangeAct::breaker_closed;
    case BreakerState::resumed:
      return ChangeAct::breaker_resumed;
  }
  return ChangeAct::breaker_closed;
}

}  // namespace

Result<std::vector<Breaker>> Learner::Parts::step_breakers() {
  std::vector<Breaker> none;
  if (!settings.breaker.on()) return none;
  const auto seen = ledger.breakers();
  if (!seen) return seen.error();
  if (step(*seen, settings.breaker, clock()).empty()) return none;
  auto batch = begin();
  if (!batch) return batch.error();
  const auto view = batch->breakers();
  if (!view) return view.error();
  auto changed = step(*view, settings.breaker, now);
  for (const auto& breaker : changed) {
    if (breaker.state == BreakerState::testing)
      if (auto forgotten = batch->forget_test_messages(breaker.place); !forgotten) return forgotten.error();
    if (auto saved = batch->save(breaker); !saved) return saved.error();
    Change change;
    change.at = now;
    change.act = act_of(breaker.state);
    change.actor = kProgram;
    change.cause = words_of(breaker);
    if (auto audited = batch->add_change(change); !audited) return audited.error();
  }
  if (auto forgotten = batch->forget_breakers(now - kKeepBreakers); !forgotten) return forgotten.error();
  if (auto committed = commit(std::move(*batch)); !committed) return committed.error();
  return changed;
}

Status Learner::Parts::keep(const std::vector<TestMessage>& sent) {
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  if (batch->must_load()) forget();
  for (const auto& message : sent)
    if (auto saved = batch->save(message); !saved) return saved;
  return batch->commit();
}

Result<std::vector<Breaker>> Learner::step_breakers() {
  return parts_->or_forget(parts_->step_breakers());
}

Status Learner::keep(const std::vector<TestMessage>& sent) {
  return parts_->keep(sent);
}

}  // namespace suppressd
