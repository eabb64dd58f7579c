#include "sendmail/sendmail.h"

#include "suppressd/base/scan.h"
#include "suppressd/base/text.h"
#include "suppressd/core/unfound_name.h"

#include "queue_id.h"
#include "relay.h"
#include "sendmail/delivery_line.h"
#include "sendmail/reply.h"

namespace suppressd {
namespace {

constexpr std::string_view kInstance = "sendmail";
constexpr std::string_view kRelayMailer = "relay";

/// Mailers that speak SMTP: `smtp`, `esmtp`, `smtp8`, `dsmtp`, `relay`; Sendmail before 8.8 names
/// none.
bool speaks_smtp(std::string_view mailer) {
  return mailer.empty() || mailer == kRelayMailer || mailer.find("smtp") != std::string_view::npos;
}

/// `00:00:05`, `1+14:41:13`.
std::optional<Duration> delay_of(std::string_view text) {
  std::int64_t days = 0;
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    const std::optional<std::int64_t> value = scan::number<std::int64_t>(text.substr(0, plus));
    if (!value || *value < 0 || *value > 100'000) return std::nullopt;
    days = *value;
    text.remove_prefix(plus + 1);
  }
  const std::optional<int> hours = scan::take_number(text, 2);
  if (!hours || !scan::take(text, ":")) return std::nullopt;
  const std::optional<int> minutes = scan::take_number(text, 2);
  if (!minutes || !scan::take(text, ":")) return std::nullopt;
  const std::optional<int> seconds = scan::take_number(text, 2);
  if (!seconds || !text.empty()) return std::nullopt;
  return Duration(days * 86400 + *hours * 3600 + *minutes * 60 + *seconds);
}

/// The class of `dsn=` decides. Logs without it (before 8.10) have no remote text before `stat=`,
/// which then decides.
std::optional<AttemptStatus> status_of(const SendmailDelivery& line, EnhancedStatus logged) {
  if (logged.klass == 2) return AttemptStatus::sent;
  if (logged.klass == 4) return AttemptStatus::deferred;
  if (logged.klass == 5) return AttemptStatus::bounced;
  if (!line.reply.empty() || line.stat.empty()) return std::nullopt;
  if (line.stat.starts_with("Sent")) return AttemptStatus::sent;
  if (line.stat.starts_with("Deferred")) return AttemptStatus::deferred;
  for (const std::string_view begin : {"User unknown", "Host unknown", "Service unavailable",
                                       "Data format error", "Remote protocol error"}) {
    if (line.stat.starts_with(begin)) return AttemptStatus::bounced;
  }
  return std::nullopt;
}

Reading read_attempt(const LogEntry& entry, std::string_view queue_id, std::string_view fields) {
  const std::optional<SendmailDelivery> line = read_sendmail_delivery(fields);
  if (!line) return Understood::not_understood;
  if (!speaks_smtp(line->mailer) || line->stat.starts_with("queued")) return Understood::teaches_nothing;
  Attempt attempt;
  attempt.logged_status = parse_enhanced_status(line->dsn).value_or(EnhancedStatus{});
  const std::optional<AttemptStatus> status = status_of(*line, attempt.logged_status);
  const unsigned bare = split_recipients(line->to, attempt.recipients);
  if (!status || attempt.recipients.empty()) return Understood::not_understood;
  attempt.status = *status;
  attempt.relay = read_relay(line->relay);
  attempt.failed =
      line->relay.empty() && line->reply.empty() ? read_relay(unfound_name(line->stat)) : attempt.relay;
  attempt.by_relay_mailer = line->mailer == kRelayMailer;
  // Recipients from the submission program have no brackets either, but it expands no aliases.
  attempt.members = attempt.by_relay_mailer ? 0 : bare;
  attempt.reply = read_sendmail_reply(line->reply, line->stat, attempt.logged_status);
  attempt.delay = delay_of(line->delay);
  return {entry, kInstance, queue_id, std::move(attempt)};
}

/// `from=<sender>, size=N, class=N, nrcpts=N, ...`
Reading read_entered(const LogEntry& entry, std::string_view queue_id, std::string_view fields) {
  constexpr std::string_view kSize = ", size=";
  MessageEntered entered;
  if (fields.starts_with('<')) {
    const std::size_t end = scan::find_unquoted(fields, '>');
    if (end == std::string_view::npos) return Understood::not_understood;
    entered.sender = fields.substr(1, end - 1);
    fields.remove_prefix(end + 1);
  } else {
    entered.sender = fields.substr(0, fields.find(kSize));
    fields.remove_prefix(entered.sender->size());
  }
  if (!fields.starts_with(kSize)) return Understood::teaches_nothing;
  fields.remove_prefix(2);
  while (!fields.empty()) {
    std::string_view field = scan::take_until(fields, ", ");
    if (scan::take(field, "nrcpts=")) entered.recipient_count = scan::number<unsigned>(field);
    if (!scan::take(field, "msgid=")) continue;
    entered.message_id = scan::without_brackets(field);
    break;  // the rest of the line may be remote text, as the message id is
  }
  // The message was rejected before it had a recipient.
  if (entered.recipient_count == 0U) return Understood::teaches_nothing;
  return {entry, kInstance, queue_id, entered};
}

/// `NEWQID: DSN: User unknown`, or one of the older labels: a notice with the null sender, for
/// which there is no `from=` line.
struct Notice {
  std::string_view queue_id;
  bool expiry = false;  ///< `Cannot send message for 5 days`
};

std::optional<Notice> read_notice(std::string_view fields) {
  const std::optional<std::string_view> queue_id = take_plain_queue_id(fields);
  for (const std::string_view label :
       {"DSN: ", "sender notify: ", "return to sender: ", "postmaster notify: ", "return receipt"}) {
    if (scan::take(fields, label))
      return Notice{queue_id.value_or(""), starts_with_ignoring_case(fields, "Cannot send message")};
  }
  return std::nullopt;
}

Reading read_notice_event(const LogEntry& entry, std::string_view queue_id, const Notice& notice) {
  if (notice.expiry) return {entry, kInstance, queue_id, MessageExpired{.notice_id = notice.queue_id}};
  if (notice.queue_id.empty()) return Understood::teaches_nothing;
  return {entry, kInstance, notice.queue_id, MessageEntered{.recipient_count = 1, .sender = ""}};
}

/// Decides by the program name (`sendmail`, `sm-mta`, `sm-msp-queue` ...) or, if there is none, by
/// the form of the message.
bool claims(const LogEntry& entry) {
  if (!entry.tag.empty()) {
    const bool path = entry.tag.find('/') != std::string_view::npos;
    return !path && (starts_with_ignoring_case(entry.tag, "sendmail") || entry.tag.starts_with("sm-"));
  }
  std::string_view fields = entry.message;
  if (!take_plain_queue_id(fields)) return false;
  if (fields.starts_with("to=") || fields.starts_with("Milter") || fields.starts_with("done; ")) return true;
  if (fields.starts_with("from=")) return fields.find(", class=") != std::string_view::npos;
  return take_plain_queue_id(fields).has_value();
}

Reading parse(const LogEntry& entry, std::string_view queue_id, std::string_view fields) {
  if (fields.starts_with("to=")) return read_attempt(entry, queue_id, fields);
  if (scan::take(fields, "from=")) return read_entered(entry, queue_id, fields);
  if (const std::optional<Notice> notice = read_notice(fields))
    return read_notice_event(entry, queue_id, *notice);
  if (fields.starts_with("done; ")) return {entry, kInstance, queue_id, MessageRemoved{}};
  return Understood::teaches_nothing;
}

}  // namespace

const Dialect kSendmail{.name = "sendmail",
                        .claims = claims,
                        .take_queue_id = take_plain_queue_id,
                        .parse = parse,
                        .permanent_failure = " dsn=5",
                        .units = "sendmail*.service"};

}  // namespace suppressd
