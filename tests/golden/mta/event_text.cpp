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

void add(std::string& line, const Attempt& attempt) {
  for (const std::string_view recipient : attempt.recipients)
    line.append(" to=<").append(recipient).append(">");
  line.append(" ").append(kStatuses[static_cast<std::size_t>(attempt.status)]);
  add(line, "host", attempt.relay.host);
  add(line, "ip", attempt.relay.ip);
  if (attempt.relay.literal) line.append(" literal");
  if (attempt.relay.unix_socket) line.append(" unix-socket");
  if (attempt.by_relay_mailer) line.append(" relay-mailer");
  if (attempt.members != 0) add(line, "members", std::to_string(attempt.members));
  if (attempt.status != AttemptStatus::sent && attempt.failed.text != attempt.relay.text)
    add(line, "failed", attempt.failed.text);
  if (attempt.delay) add(line, "delay", std::to_string(attempt.delay->count()));
  add(line, "dsn", format_status(attempt.logged_status));
  if (attempt.reply.stage != Stage::unknown) add(line, "stage", name_of(attempt.reply.stage));
  if (attempt.reply.code != 0) add(line, "code", std::to_string(attempt.reply.code));
  add(line, "status", format_status(attempt.reply.status));
  if (!attempt.reply.text.empty()) line.append(" text=(").append(attempt.reply.text).append(")");
}

void add(std::string& line, const MessageEntered& entered) {
  if (entered.sender) line.append(" from=<").append(*entered.sender).append(">");
  if (entered.recipient_count) add(line, "recipients", std::to_string(*entered.recipient_count));
  if (entered.from_client) line.append(" from-client");
}

void add(std::string& line, const SenderNamed& named) {
  line.append(" from=<").append(named.sender).append(">");
}

void add(std::string& line, const MessageExpired& expired) {
  if (expired.sender) line.append(" from=<").append(*expired.sender).append(">");
  add(line, "notice", expired.notice_id);
}

void add(std::string& line, const MessageForceExpired& expired) {
  if (expired.sender) line.append(" from=<").append(*expired.sender).append(">");
}

void add(std::string&, const MessageRemoved&) {}

}  // namespace

std::string event_text(const LogEntry& entry, const Reading& reading) {
  std::string line;
  if (!reading) {
    line = "not understood";
    add(line, "message", entry.message);
  } else {
    const Event& event = *reading;
    line = format_time(event.at);
    line.append(" ").append(event.key.host.empty() ? "-" : event.key.host);
    line.append(" ").append(event.key.instance).append(" ").append(event.key.queue_id);
    line.append(" ").append(kKinds[static_cast<std::size_t>(event.kind())]);
    std::visit([&](const auto& what) { add(line, what); }, event.what);
  }
  // Text that came with the entry stays on one line and is readable.
  return clean(line, 4000);
}

}  // namespace suppressd
