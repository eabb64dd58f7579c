// A Lookup in a list in memory, with addresses for which it fails.
//
// `locked@...` gives an error and `throws@...` an exception; whether `unsure@...` is exempt cannot
// be determined. `open...@h.example` is half open, and tested by what store() was told. Set it up before
// the first query; after that, it is safe from any thread.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include "suppressd/core/lookup.h"
#include "suppressd/core/scope.h"

namespace suppressd {

class ListLookup : public Lookup {
 public:
  ListLookup() {
    add("dead@x.example", SuppressionKind::hard, "bad-mailbox");
    add("gone@x.example", SuppressionKind::hard, "moved");
    add("full@x.example", SuppressionKind::soft, "mailbox-full");
    add("percent@x.example", SuppressionKind::manual, "100% sure %s");
  }

  void add(const std::string& address, SuppressionKind kind, const std::string& category,
           const std::string& scope = {}) {
    Suppression entry;
    entry.address = address;
    entry.kind = kind;
    entry.category = category;
    entry.since = from_unix(1793574000);  // 2026-11-01
    entry.scope = scope;
    entries_[address] = entry;
  }

  void add_exemption(const std::string& address) { exemptions_.insert(address); }

  Result<bool> exempt(const CoveringKeys& keys) override {
    if (keys.address().starts_with("unsure@")) return Error{"database is locked"};
    return exemptions_.contains(keys.address());
  }

  LookupResult find(const CoveringKeys& keys, std::string_view sender, Time now) override {
    const std::string_view address = keys.address();
    if (address.starts_with("throws@")) throw std::runtime_error("the disk is on fire");
    LookupResult result;
    if (address.starts_with("locked@")) {
      result.answer = LookupResult::Answer::error;
      result.error = "database is locked";
      return result;
    }
    ++questions;
    if (address.starts_with("open") && address.ends_with("@h.example")) return half_open(address);
    auto found = entries_.find(address);
    if (found == entries_.end() && !keys.base().empty()) found = entries_.find(keys.base());
    if (found == entries_.end() || !found->second.in_force(now) || exemptions_.contains(address) ||
        !MailScope(sender).in(found->second.scope))
      return result;
    result.answer = LookupResult::Answer::suppressed;
    result.entry = found->second;
    result.enforced = enforced;
    return result;
  }

  std::atomic<bool> enforced = true;

  /// As the learning thread does.
  void store(const Probe& probe) {
    const std::lock_guard lock(mutex_);
    probes_[probe.address] = probe;
  }
  void settle(const std::string& address) {
    const std::lock_guard lock(mutex_);
    probes_.erase(address);
  }

  std::atomic<int> questions = 0;  ///< How often it was queried.

 private:
  LookupResult half_open(std::string_view address) {
    LookupResult result;
    result.answer = LookupResult::Answer::half_open;
    result.entry.address = address;
    result.entry.kind = SuppressionKind::hard;
    result.entry.category = "undetermined-permanent";
    result.entry.since = from_unix(1793574000);
    result.entry.until = result.entry.since + std::chrono::hours(24 * 30);
    const std::lock_guard lock(mutex_);
    if (const auto probe = probes_.find(address); probe != probes_.end()) result.probe = probe->second;
    return result;
  }

  std::mutex mutex_;
  std::map<std::string, Probe, std::less<>> probes_;
  std::set<std::string, std::less<>> exemptions_;
  std::map<std::string, Suppression, std::less<>> entries_;
};

}  // namespace suppressd
