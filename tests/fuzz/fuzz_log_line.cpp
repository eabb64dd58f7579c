// Log lines, as any program on the host may write them, through header, dialects and bare forms.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "suppressd/mta/dialect.h"
#include "suppressd/mta/log_line.h"
#include "suppressd/mta/syslog.h"

namespace {

using namespace suppressd;

std::size_t touched = 0;

/// Reads every byte, so that a view beyond its text is seen.
void touch(std::string_view view) {
  for (const char c : view) touched += static_cast<unsigned char>(c);
}

void check(const LogEntry& entry, Dialect dialect) {
  static Event event;
  touch(entry.host);
  touch(entry.tag);
  touch(entry.message);
  if (parse_entry(entry, event, dialect) != Understood::event) return;
  if (event.key.queue_id.empty() || event.key.instance.empty()) std::abort();
  if ((event.kind == EventKind::attempt) == event.recipients.empty()) std::abort();
  for (const std::string_view view : {event.key.host, event.key.instance, event.key.queue_id, event.sender,
                                      event.relay.text, event.relay.host, event.relay.ip, event.reply.text}) {
    touch(view);
  }
  for (const std::string_view recipient : event.recipients) touch(recipient);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LogLineReader reader(LineClock::make("UTC", from_unix(1795251602), std::nullopt).value());
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
    for (const Dialect dialect : {Dialect::any, Dialect::postfix, Dialect::sendmail}) {
      if (const auto entry = reader.read(line)) check(*entry, dialect);
      if (const auto entry = parse_bare_line(line)) check(*entry, dialect);
      check({from_unix(0), {}, "postfix/smtp", line}, dialect);
    }
  }
  return 0;
}
