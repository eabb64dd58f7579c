// Changes by hand: many addresses, short transactions, each change audited.
//
// Uses the policy's own functions, so that acts by hand and the learning thread follow the same rules. One
// thread, one Database.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/policy.h"
#include "suppressd/core/record.h"
#include "suppressd/store/database.h"

namespace suppressd::ctl {

/// What an act by hand did to one address, as committed.
struct HandChange {
  AddressRecord record;
  PolicyResult result;
};

/// Applies `act` to each address, a thousand per transaction, and calls `done` for each after its commit. An
/// error undoes its own transaction; what was reported to `done` is kept.
Status change_by_hand(Database& database, const std::vector<std::string>& addresses,
                      const std::function<PolicyResult(AddressRecord&)>& act,
                      const std::function<void(const HandChange&)>& done);

}  // namespace suppressd::ctl
