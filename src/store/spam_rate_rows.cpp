#include "spam_rate_rows.h"

#include "failure.h"

namespace suppressd {

void columns(auto& column, RowOf<SpamRate> auto& rate) {
  column("domain", rate.domain);
  column("day", rate.day);
  column("per_million", rate.per_million);
}

const TableSql& spam_rate_sql() {
  static const auto sql = TableSql::of<SpamRate>("spam_rate", 2);
  return sql;
}

void save_spam_rate(Database& database, const SpamRate& rate, Time now) {
  run_row(database, spam_rate_sql().upsert, rate);
  run(database, "DELETE FROM spam_rate WHERE day < ?1", now - kKeepSpamRates);
}

Result<std::vector<SpamRate>> spam_rates(Database& database, Time since) {
  static const std::string sql = "SELECT " + spam_rate_sql().list("s") +
                                 " FROM spam_rate AS s WHERE s.day >= ?1 ORDER BY s.domain, s.day DESC";
  return guarded(database, [&] {
    std::vector<SpamRate> rates;
    Query query(database, sql, since);
    while (query.step()) read_columns(*query, 0, rates.emplace_back());
    return rates;
  });
}

}  // namespace suppressd
