// The table of dialects, and what goes by it.
#include <array>

#include "suppressd/mta/dialect.h"

#include "exim/exim.h"
#include "postfix/postfix.h"
#include "sendmail/sendmail.h"

namespace suppressd {
namespace {

/// Asked in this order. A new dialect is one row here (CONTRIBUTING.md, "Add a dialect").
constexpr std::array kDialects{
    &kPostfix,
    &kSendmail,
    &kExim,
};

}  // namespace

std::span<const Dialect* const> dialects() {
  return kDialects;
}

const Dialect* find_dialect(std::string_view name) {
  for (const Dialect* dialect : kDialects) {
    if (dialect->name == name) return dialect;
  }
  return nullptr;
}

const Dialect* dialect_of(const LogEntry& entry) {
  for (const Dialect* dialect : kDialects) {
    if (dialect->claims(entry)) return dialect;
  }
  return nullptr;
}

Reading parse_entry(const LogEntry& entry, const Dialect* dialect) {
  if (dialect == nullptr) dialect = dialect_of(entry);
  if (dialect == nullptr) return Understood::teaches_nothing;
  std::string_view rest = entry.message;
  const std::optional<std::string_view> queue_id = dialect->take_queue_id(rest);
  if (!queue_id) return Understood::teaches_nothing;
  return dialect->parse(entry, *queue_id, rest);
}

bool begins_with_queue_id(std::string_view message) {
  for (const Dialect* dialect : kDialects) {
    std::string_view rest = message;
    if (dialect->take_queue_id(rest)) return true;
  }
  return false;
}

bool may_tell_permanent_failure(std::string_view line) {
  std::string_view before;
  for (const Dialect* dialect : kDialects) {
    const std::string_view mark = dialect->permanent_failure;
    if (mark != before && line.find(mark) != std::string_view::npos) return true;
    before = mark;
  }
  return false;
}

std::vector<std::string> units_of_dialects() {
  std::vector<std::string> units;
  for (const Dialect* dialect : kDialects) units.emplace_back(dialect->units);
  return units;
}

}  // namespace suppressd
