// Of which addresses more may be known than deliveries: entries, failures, acts by hand, an exemption.
//
// A delivery to any other address changes nothing but the time of its newest one, so that nobody need ask what is known of it. Never says
// no wrongly, and yes to one in two hundred others. Not safe from several threads at once while one adds.
#pragma once

#include <string>
#include <string_view>

#include "suppressd/core/address.h"
#include "suppressd/core/bloom_filter.h"

namespace suppressd {

class HistoryFilter {
 public:
  /// `members`: for how many it is made; with more, more others are taken for members.
  explicit HistoryFilter(std::size_t members) : members_(members) {}

  /// A canonical address, or a whole `@domain`.
  void add(std::string_view member) {
    members_.add(member);
    domains_ = domains_ || member.starts_with('@');
  }
  bool may_contain(std::string_view address) const {
    if (members_.may_contain(address)) return true;
    return domains_ && members_.may_contain("@" + std::string(domain_of(address)));
  }

 private:
  BloomFilter members_;
  bool domains_ = false;
};

}  // namespace suppressd
