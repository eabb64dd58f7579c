#include "coverage.h"

#include <algorithm>

#include "suppressd/core/covering_keys.h"

namespace suppressd {

Coverage known_good_covered(Database& database, std::span<const std::string> domains, Time since) {
  Coverage covered;
  for (const auto& domain : domains) covered.emplace(domain, 0);
  if (covered.empty()) return covered;
  const bool subdomains =
      std::ranges::any_of(domains, [](const std::string& domain) { return covers_subdomains(domain); });
  Query query(database, "SELECT address FROM recipient WHERE last_delivery >= ?1", since);
  while (query.step()) {
    CoveringKeys(query->text(0), {}).any(subdomains, [&](std::string_view key) {
      if (const auto found = covered.find(key); found != covered.end()) ++found->second;
      return false;
    });
  }
  return covered;
}

}  // namespace suppressd
