// Sender domains in the rates: of too many new ones on a day, further ones count as `other`.
//
// A relay of many customers has many, and hostile clients make envelope senders up. What is known is in table
// `tag_value`; here is what was looked up, as every send asks. After a batch that was dropped, it must be
// made anew. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "suppressd/base/result.h"
#include "suppressd/base/text.h"
#include "suppressd/base/time.h"
#include "suppressd/store/ledger.h"

namespace suppressd {

class SenderDomains {
 public:
  /// `entered`: when the message did; its day is that on which the domain is new.
  Result<std::string> name_for(Batch& batch, std::string_view sender, Time entered);

 private:
  static constexpr std::size_t kMost = 100'000;

  std::unordered_set<std::string, TextHash, std::equal_to<>> known_;
  std::string newest_;
};

}  // namespace suppressd
