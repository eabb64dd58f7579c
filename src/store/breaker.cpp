// Breakers and their test messages, for the Ledger and its batches.
#include <algorithm>

#include "audit_rows.h"
#include "breaker_rows.h"
#include "failure.h"
#include "ledger_state.h"

namespace suppressd {

Result<BreakerView> Ledger::breakers() {
  return guarded(state_->database, [&] {
    const ReadTransaction one_moment(state_->database);
    return load_breakers(state_->database, false);
  });
}

Result<BreakerView> Batch::breakers() {
  return state_->within([&] { return load_breakers(state_->database, false); });
}

Status Batch::save(const Breaker& breaker) {
  return state_->within([&] { save_breaker(state_->database, breaker); });
}

Result<bool> Batch::resume(const BreakerPlace& place, Duration length, const std::string& note,
                           const Change& change) {
  return state_->within([&] {
    const auto view = load_breakers(state_->database, false);
    const auto found = std::ranges::find(view.breakers, place, &Breaker::place);
    if (found == view.breakers.end() || !stops_mail(found->state)) return false;
    const auto newest = newest_alert_of(state_->database, place);
    save_breaker(state_->database, suppressd::resume(*found, newest, length, change.actor, note, change.at));
    insert_change(state_->database, change);
    return true;
  });
}

Status Batch::forget_breakers(Time before) {
  return state_->within([&] { suppressd::forget_breakers(state_->database, before); });
}

Result<std::vector<TestMessage>> Batch::test_messages() {
  return state_->within([&] { return load_test_messages(state_->database); });
}

Status Batch::save(const TestMessage& message) {
  return state_->within([&] { save_test_message(state_->database, message); });
}

Status Batch::move(const TestMessage& message, std::string_view queue_id, Time since) {
  return state_->within([&] { move_test_message(state_->database, message, queue_id, since); });
}

Status Batch::forget_test_messages(const BreakerPlace& place) {
  return state_->within([&] { suppressd::forget_test_messages(state_->database, place); });
}

}  // namespace suppressd
