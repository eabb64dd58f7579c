// A Lookup on a list in memory, with addresses that fail.
//
// `locked@...` gives an error, `throws@...` an exception. Set up before it is asked, then safe from any thread.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include "suppressd/core/lookup.h"

namespace suppressd {

class ListLookup : public Lookup {
 public:
  ListLookup() {
    add("dead@x.example", SuppressionKind::hard, "bad-mailbox");
    add("gone@x.example", SuppressionKind::hard, "moved");
    add("full@x.example", SuppressionKind::soft, "mailbox-full");
    add("percent@x.example", SuppressionKind::manual, "100% sure %s");
  }

  void add(const std::string& address, SuppressionKind kind, const std::string& category) {
    Suppression entry;
    entry.address = address;
    entry.kind = kind;
    entry.category = category;
    entry.since = from_unix(1793574000);  // 2026-11-01
    entries_[address] = entry;
  }

  LookupResult find(const CoveringKeys& keys, Time now) override {
    const std::string_view address = keys.address();
    if (address.starts_with("throws@")) throw std::runtime_error("the disk is on fire");
    LookupResult result;
    if (address.starts_with("locked@")) {
      result.answer = LookupResult::Answer::error;
      result.error = "database is locked";
      return result;
    }
    auto found = entries_.find(address);
    if (found == entries_.end() && !keys.base().empty()) found = entries_.find(keys.base());
    if (found == entries_.end() || !found->second.in_force(now)) return result;
    result.answer = LookupResult::Answer::suppressed;
    result.entry = found->second;
    return result;
  }

 private:
  std::map<std::string, Suppression, std::less<>> entries_;
};

}  // namespace suppressd
