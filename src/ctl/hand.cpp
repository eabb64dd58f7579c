#include "suppressd/ctl/hand.h"

#include <algorithm>
#include <span>

#include "suppressd/store/ledger.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kPerTransaction = 1000;

Result<HandChange> change_one(Ledger& ledger, const std::string& address,
                              const std::function<PolicyResult(AddressRecord&)>& act) {
  auto record = ledger.record(address);
  if (!record) return record.error();
  HandChange change{.record = {}, .result = act(**record)};
  if (change.result.record_changed) ledger.changed(**record);
  for (const auto& audited : change.result.changes) {
    if (auto added = ledger.add_change(audited); !added) return added.error();
  }
  change.record = **record;
  return change;
}

Result<std::vector<HandChange>> change_some(Ledger& ledger, std::span<const std::string> addresses,
                                            const std::function<PolicyResult(AddressRecord&)>& act) {
  bool foreign = false;
  if (auto begun = ledger.begin(foreign); !begun) return begun.error();
  std::vector<HandChange> changes;
  for (const auto& address : addresses) {
    auto change = change_one(ledger, address, act);
    if (!change) {
      ledger.rollback();
      return change.error();
    }
    changes.push_back(std::move(*change));
  }
  if (auto committed = ledger.commit(); !committed) return committed.error();
  return changes;
}

}  // namespace

Status change_by_hand(Database& database, const std::vector<std::string>& addresses,
                      const std::function<PolicyResult(AddressRecord&)>& act,
                      const std::function<void(const HandChange&)>& done) {
  Ledger ledger(database, Ledger::Durability::by_hand);
  for (std::span<const std::string> rest = addresses; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kPerTransaction));
    auto changes = change_some(ledger, some, act);
    if (!changes) return changes.error();
    for (const auto& change : *changes) done(change);
    rest = rest.subspan(some.size());
  }
  return {};
}

}  // namespace suppressd::ctl
