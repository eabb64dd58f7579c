// Of which addresses more may be known than deliveries: entries, failures, acts by hand, an exemption.
//
// A delivery to any other address changes nothing but the time of its newest one, so that nobody need ask
// what is known of it. Never says no wrongly, and yes to one in two hundred others. Not safe from several
// threads at once while one adds.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "suppressd/base/bloom_filter.h"
#include "suppressd/core/covering_keys.h"

namespace suppressd {

class HistoryFilter {
 public:
  /// `members`: for how many it is made; with more, more others are taken for members. `delimiters` begin an
  /// address's extension.
  explicit HistoryFilter(std::size_t members, std::string delimiters = {})
      : members_(members), delimiters_(std::move(delimiters)) {}

  /// A canonical address or entry.
  void add(std::string_view member) {
    members_.add(member);
    domains_ = domains_ || member.starts_with('@');
    subdomains_ = subdomains_ || covers_subdomains(member);
  }
  bool may_contain(std::string_view address) const {
    if (members_.may_contain(address)) return true;
    if (!domains_ && delimiters_.empty()) return false;
    return CoveringKeys(address, delimiters_).any(subdomains_, [this](std::string_view key) {
      return members_.may_contain(key);
    });
  }

 private:
  BloomFilter members_;
  std::string delimiters_;
  bool domains_ = false;
  bool subdomains_ = false;
};

}  // namespace suppressd
