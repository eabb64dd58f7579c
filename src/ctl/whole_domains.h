// Entries for whole domains that would refuse many who read their mail: `@gmail.com` by mistake.
//
// Each command that adds entries asks here first. An entry that covers more known-good addresses than kMost
// is pending, unless `--whole-domain` was given. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "suppressd/store/reader.h"

#include "context.h"

namespace suppressd::ctl {

class WholeDomains {
 public:
  static constexpr std::int64_t kMost = 100;

  /// Counts for those of `addresses` that are whole domains, if there are any. The database exists.
  static Result<WholeDomains> make(const Context& context, const std::vector<std::string>& addresses);

  /// Addresses that the entry covers, and that took mail within 180 days.
  std::int64_t covered(const std::string& entry) const;
  bool too_many(const std::string& entry) const { return covered(entry) > kMost; }

 private:
  Coverage coverage_;
};

}  // namespace suppressd::ctl
