#include "domain_rows.h"

#include <array>
#include <charconv>

#include "suppressd/base/scan.h"

namespace suppressd {
namespace {

struct DomainKey {
  std::string_view domain;
};

struct DomainRow {
  std::optional<Time> last_delivery;
  std::optional<Time> last_end;
  std::string hours;
};

void columns(auto& column, RowOf<DomainKey> auto& key) {
  column("domain", key.domain);
}

void columns(auto& column, RowOf<DomainRow> auto& row) {
  column("last_delivery", row.last_delivery);
  column("last_end", row.last_end, kNotDumped);
  column("hours", row.hours, kNotDumped);
}

constexpr std::int64_t kHour = 3600;

void append_number(std::string& text, std::int64_t number, char end) {
  std::array<char, 24> digits;
  const auto last = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), last).push_back(end);
}

std::int64_t take_number(std::string_view& text, char end) {
  const auto length = text.find(end);
  const auto number = scan::number<std::int64_t>(text.substr(0, length)).value_or(0);
  text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
  return number;
}

std::string text_of(const DomainHistory& history) {
  std::string text;
  for (const auto& [hour, sends] : history.hours) {
    append_number(text, to_unix(hour) / kHour, ' ');
    append_number(text, sends.taken, ' ');
    append_number(text, sends.failed, '\n');
  }
  return text;
}

DomainHistory history_of(const DomainRow& row) {
  DomainHistory history{.delivered = row.last_delivery, .ended = row.last_end, .hours = {}};
  for (std::string_view text = row.hours; !text.empty();) {
    const auto hour = from_unix(take_number(text, ' ') * kHour);
    auto& sends = history.hours[hour];
    sends.taken = take_number(text, ' ');
    sends.failed = take_number(text, '\n');
  }
  return history;
}

std::optional<DomainRow> read_row(Database& database, std::string_view domain) {
  static const std::string sql = "SELECT " + domain_sql().list("d") + " FROM domain AS d WHERE d.domain = ?1";
  Query query(database, sql, domain);
  if (!query.step()) return std::nullopt;
  DomainRow row;
  read_columns(*query, 1, row);
  return row;
}

}  // namespace

const TableSql& domain_sql() {
  static const auto sql = TableSql::of<DomainKey, DomainRow>("domain", 1);
  return sql;
}

DomainHistory load_domain(Database& database, std::string_view domain) {
  const auto row = read_row(database, domain);
  return row ? history_of(*row) : DomainHistory{};
}

std::optional<Time> delivered_to_domain(Database& database, std::string_view domain) {
  Query query(database, "SELECT last_delivery FROM domain WHERE domain = ?1", domain);
  return query.step() ? query->maybe_time(0) : std::nullopt;
}

void add_to_domain(Database& database, std::string_view domain, const DomainHistory& more) {
  const auto stored = read_row(database, domain);
  auto history = stored ? history_of(*stored) : DomainHistory{};
  history.add(more);
  const DomainRow row{
      .last_delivery = history.delivered, .last_end = history.ended, .hours = text_of(history)};
  run_row(database, stored ? domain_sql().update : domain_sql().insert, DomainKey{domain}, row);
}

// All addresses of whole domains, and no others, are between these two.
std::vector<std::string> failing_domains(Database& database) {
  std::vector<std::string> domains;
  Query query(database,
              "SELECT substr(address, 2) FROM recipient WHERE address >= '@' AND address < 'A'"
              " AND (streak > 0 OR soft_step > 0)");
  while (query.step()) domains.emplace_back(query->text(0));
  return domains;
}

}  // namespace suppressd
