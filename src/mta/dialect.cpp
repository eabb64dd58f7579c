#include "suppressd/mta/dialect.h"

#include "suppressd/mta/postfix.h"
#include "suppressd/mta/sendmail.h"

namespace suppressd {

Understood parse_entry(const LogEntry& entry, Event& event, Dialect dialect) {
  switch (dialect) {
    case Dialect::postfix:
      return parse_postfix(entry, event);
    case Dialect::sendmail:
      return parse_sendmail(entry, event);
    case Dialect::any:
      break;
  }
  if (is_postfix(entry)) return parse_postfix(entry, event);
  if (is_sendmail(entry)) return parse_sendmail(entry, event);
  return Understood::teaches_nothing;
}

bool may_tell_permanent_failure(std::string_view line) {
  return line.find(" dsn=5") != std::string_view::npos;
}

}  // namespace suppressd
