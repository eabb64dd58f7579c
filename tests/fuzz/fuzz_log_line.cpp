// Log lines, as any program on the host may write them, through header, dialects and bare forms.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "suppressd/mta/dialect.h"
#include "suppressd/mta/log_line.h"

#include "syslog.h"

namespace {

using namespace suppressd;

std::size_t touched = 0;

/// Reads every byte, so that a view beyond its text is seen.
void touch(std::string_view view) {
  for (const char c : view) touched += static_cast<unsigned char>(c);
}

void check(const LogEntry& entry, const Dialect* dialect) {
  touch(entry.host);
  touch(entry.tag);
  touch(entry.message);
  const Reading reading = parse_entry(entry, dialect);
  if (!reading) return;
  const QueueKey& key = reading->key;
  if (key.queue_id.empty() || key.instance.empty()) std::abort();
  for (const std::string_view view : {key.host, key.instance, key.queue_id}) touch(view);
  if (const auto* entered = std::get_if<MessageEntered>(&reading->what)) {
    touch(entered->sender.value_or(""));
    touch(entered->message_id);
  }
  if (const auto* named = std::get_if<SenderNamed>(&reading->what)) touch(named->sender);
  if (const auto* expired = std::get_if<MessageExpired>(&reading->what)) touch(expired->notice_id);
  if (reading->kind() != EventKind::attempt) return;
  const Attempt& attempt = reading->attempt();
  if (attempt.recipients.empty()) std::abort();
  for (const Relay* relay : {&attempt.relay, &attempt.failed}) {
    for (const std::string_view view : {relay->text, relay->host, relay->ip, relay->port}) touch(view);
  }
  touch(attempt.reply.text);
  for (const std::string_view recipient : attempt.recipients) touch(recipient);
}

/// As any dialect, and as each.
void check_all(const std::optional<LogEntry>& entry) {
  if (!entry) return;
  check(*entry, nullptr);
  for (const Dialect* dialect : dialects()) check(*entry, dialect);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LogLineReader reader(LineClock::make("UTC", from_unix(1795251602), std::nullopt).value());
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
    check_all(reader.read(line));
    check_all(parse_bare_line(line));
    check_all(LogEntry{from_unix(0), {}, "postfix/smtp", line});
  }
  return 0;
}
