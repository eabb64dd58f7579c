#include "whole_domains.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "suppressd/core/known_good.h"

namespace suppressd::ctl {

Result<WholeDomains> WholeDomains::make(const Context& context, const std::vector<std::string>& addresses) {
  WholeDomains domains;
  std::vector<std::string> whole;
  std::ranges::copy_if(addresses, std::back_inserter(whole),
                       [](const std::string& address) { return address.starts_with('@'); });
  if (whole.empty()) return domains;
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  auto coverage = reader->known_good_covered(whole, context.now() - kKnownGoodFor);
  if (!coverage) return coverage.error();
  domains.coverage_ = std::move(*coverage);
  return domains;
}

std::int64_t WholeDomains::covered(const std::string& entry) const {
  const auto found = coverage_.find(entry);
  return found == coverage_.end() ? 0 : found->second;
}

}  // namespace suppressd::ctl
