#include "suppressd/mta/dialect.h"

#include "suppressd/mta/postfix.h"
#include "suppressd/mta/sendmail.h"

namespace suppressd {

Reading parse_entry(const LogEntry& entry, Dialect dialect) {
  switch (dialect) {
    case Dialect::postfix:
      return parse_postfix(entry);
    case Dialect::sendmail:
      return parse_sendmail(entry);
    case Dialect::any:
      break;
  }
  if (is_postfix(entry)) return parse_postfix(entry);
  if (is_sendmail(entry)) return parse_sendmail(entry);
  return Understood::teaches_nothing;
}

bool may_tell_permanent_failure(std::string_view line) {
  return line.find(" dsn=5") != std::string_view::npos;
}

}  // namespace suppressd
