#include "event_text.h"

#include <array>

#include "suppressd/base/text.h"
#include "suppressd/base/time.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, 6> kKinds{"entered", "sender",        "attempt",
                                                 "expired", "force-expired", "removed"};
constexpr std::array<std::string_view, 3> kStatuses{"sent", "deferred", "bounced"};

void add(std::string& line, std::string_view name, std::string_view value) {
  if (!value.empty()) line.append(" ").append(name).append("=").append(value);
}

void add_attempt(std::string& line, const Event& event) {
  for (const std::string_view recipient : event.recipients)
    line.append(" to=<").append(recipient).append(">");
  line.append(" ").append(kStatuses[static_cast<std::size_t>(event.status)]);
  add(line, "host", event.relay.host);
  add(line, "ip", event.relay.ip);
  if (event.relay.literal) line.append(" literal");
  if (event.relay.unix_socket) line.append(" unix-socket");
  if (event.by_relay_mailer) line.append(" relay-mailer");
  if (event.members != 0) add(line, "members", std::to_string(event.members));
  if (event.status != AttemptStatus::sent && event.failed.text != event.relay.text)
    add(line, "failed", event.failed.text);
  if (event.delay) add(line, "delay", std::to_string(event.delay->count()));
  add(line, "dsn", format_status(event.logged_status));
  if (event.reply.stage != Stage::unknown) add(line, "stage", name_of(event.reply.stage));
  if (event.reply.code != 0) add(line, "code", std::to_string(event.reply.code));
  add(line, "status", format_status(event.reply.status));
  if (!event.reply.text.empty()) line.append(" text=(").append(event.reply.text).append(")");
}

}  // namespace

std::string event_text(const LogEntry& entry, Understood understood, const Event& event) {
  std::string line;
  if (understood == Understood::not_understood) {
    line = "not understood";
  } else {
    line = format_time(event.at);
    line.append(" ").append(event.key.host.empty() ? "-" : event.key.host);
    line.append(" ").append(event.key.instance).append(" ").append(event.key.queue_id);
    line.append(" ").append(kKinds[static_cast<std::size_t>(event.kind)]);
    if (event.sender_known) line.append(" from=<").append(event.sender).append(">");
    if (event.recipient_count) add(line, "recipients", std::to_string(*event.recipient_count));
    if (event.from_client) line.append(" from-client");
    add(line, "notice", event.notice_id);
    if (event.kind == EventKind::attempt) add_attempt(line, event);
  }
  // Text that came with the entry stays on one line and is readable; `entry` is there to be shown when
  // nothing else can be.
  if (understood == Understood::not_understood) add(line, "message", entry.message);
  return clean(line, 4000);
}

}  // namespace suppressd
