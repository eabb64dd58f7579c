#include "suppressd/core/probe_claims.h"

#include <utility>

namespace suppressd {

ProbeClaims::Taken ProbeClaims::take(std::string_view address) {
  const std::lock_guard lock(mutex_);
  if (claims_.contains(address)) return Taken::another;
  if (claims_.size() >= capacity_) return Taken::no_room;
  claims_.try_emplace(std::string(address));
  return Taken::ours;
}

void ProbeClaims::release(std::string_view address) noexcept {
  const std::lock_guard lock(mutex_);
  if (const auto claim = claims_.find(address); claim != claims_.end() && !claim->second)
    claims_.erase(claim);
}

void ProbeClaims::sent(Probe probe) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto claim = claims_.find(probe.address);
    if (claim == claims_.end() || claim->second) return;
    claim->second = std::move(probe);
    ++waiting_;
  }
  if (wake_) wake_();
}

std::vector<Probe> ProbeClaims::waiting() {
  std::vector<Probe> probes;
  if (waiting_ == 0) return probes;
  const std::lock_guard lock(mutex_);
  for (const auto& [address, probe] : claims_)
    if (probe) probes.push_back(*probe);
  return probes;
}

void ProbeClaims::stored(const std::vector<Probe>& probes) {
  const std::lock_guard lock(mutex_);
  for (const auto& probe : probes) {
    const auto claim = claims_.find(probe.address);
    if (claim == claims_.end() || claim->second != probe) continue;
    claims_.erase(claim);
    --waiting_;
  }
}

}  // namespace suppressd
