#include "hand.h"

#include <algorithm>
#include <span>

#include "suppressd/config/config.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kPerTransaction = 1000;

Hand hand_of(const Context& context, const std::string& note) {
  return {.now = context.now(), .actor = context.caller(), .note = note};
}

Result<std::vector<HandChange>> act_on_some(Ledger& ledger, Decider& decider,
                                            std::span<const std::string> addresses, Hand& hand,
                                            const Act& act) {
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  if (auto begun = decider.begin(ledger, *batch); !begun) return begun.error();
  std::vector<HandChange> changes;
  for (const auto& address : addresses) {
    auto change = act(decider, *batch, address, hand);
    if (!change) return change.error();
    changes.push_back(std::move(*change));
  }
  if (auto ended = decider.end(*batch); !ended) return ended.error();
  if (auto committed = batch->commit(); !committed) return committed.error();
  return changes;
}

}  // namespace

Result<std::int64_t> act_by_hand(const Context& context, Ledger& ledger,
                                 const std::vector<std::string>& addresses, const std::string& note,
                                 const Act& act, const std::function<void(const HandChange&)>& done) {
  Decider decider(context.config().learn);
  auto hand = hand_of(context, note);
  for (std::span<const std::string> rest = addresses; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kPerTransaction));
    auto changes = act_on_some(ledger, decider, some, hand, act);
    if (!changes) return changes.error();
    for (const auto& change : *changes) done(change);
    rest = rest.subspan(some.size());
  }
  return hand.number;
}

std::string way_back(std::int64_t number) {
  return number == 0 ? "" : "to take it back: suppressctl undo --revert " + std::to_string(number);
}

Result<UndoReport> act_on_list(const Context& context, Ledger& ledger, bool dry_run,
                               const std::function<Result<UndoReport>(Decider&, Batch&, Hand&)>& act) {
  Decider decider(context.config().learn);
  auto hand = hand_of(context, {});
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  if (auto begun = decider.begin(ledger, *batch); !begun) return begun.error();
  auto report = act(decider, *batch, hand);
  if (!report || dry_run || report->number == 0) return report;
  if (auto ended = decider.end(*batch); !ended) return ended.error();
  if (auto committed = batch->commit(); !committed) return committed.error();
  return report;
}

}  // namespace suppressd::ctl
