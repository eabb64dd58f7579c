// Acts by hand: many addresses, short transactions, each change audited.
//
// The decider makes the changes, as it does for the events of a log. One thread, one Ledger.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/learn/decider.h"
#include "suppressd/store/ledger.h"

#include "context.h"

namespace suppressd::ctl {

/// An act on one address.
using Act = std::function<Result<HandChange>(Decider&, Batch&, const std::string& address, Hand&)>;

/// Applies `act` to each address, a thousand per transaction, and calls `done` for each after its commit.
/// Returns the number in `act`; 0: nothing was changed. An error rolls back its transaction; earlier ones
/// are kept.
Result<std::int64_t> act_by_hand(const Context& context, Ledger& ledger,
                                 const std::vector<std::string>& addresses, const std::string& note,
                                 const Act& act, const std::function<void(const HandChange&)>& done);

/// How to take back an act on addresses; empty: it has no number.
std::string way_back(std::int64_t number);

/// One act on the whole list. `dry_run`: it is made and rolled back.
Result<UndoReport> act_on_list(const Context& context, Ledger& ledger, bool dry_run,
                               const std::function<Result<UndoReport>(Decider&, Batch&, Hand&)>& act);

}  // namespace suppressd::ctl
