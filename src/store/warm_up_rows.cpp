#include "warm_up_rows.h"

#include <algorithm>

#include "suppressd/core/rate.h"

namespace suppressd {

WarmUpHistory sends_before(Database& database, std::string_view sender_domain, std::string_view provider,
                           Time now) {
  const RateKeys keys{.sender_domain = std::string(sender_domain), .provider = std::string(provider)};
  const auto dimension =
      provider.empty() ? RateDimension::sender_domain : RateDimension::sender_domain_provider;
  const auto name = name_in(dimension, keys).value_or("");
  const auto today = rate_day(now);
  Query query(database,
              "SELECT start - start % 86400, sum(sent) FROM rate"
              " WHERE dimension = ?1 AND name = ?2 AND start >= ?3 GROUP BY 1",
              name_of(dimension), name, today - kWarmUpMemory);
  WarmUpHistory history;
  while (query.step()) {
    const auto day = query->time(0);
    const auto sent = query->integer(1);
    if (sent <= 0 || day > today) continue;
    if (day == today) {
      history.today = sent;
    } else {
      ++history.days;
      history.most = std::max(history.most, sent);
    }
  }
  return history;
}

// Of several providers of a domain, the one with the most sends.
ProvidersOfDomains providers_of_domains(Database& database) {
  ProvidersOfDomains providers;
  Query query(database,
              "SELECT domain, provider FROM known_good WHERE domain <> '' GROUP BY domain, provider"
              " ORDER BY domain, sum(sends)");
  while (query.step()) providers[std::string(query->text(0))] = query->text(1);
  return providers;
}

}  // namespace suppressd
