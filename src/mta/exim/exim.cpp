#include "exim/exim.h"

#include <algorithm>
#include <array>

#include "suppressd/base/scan.h"
#include "suppressd/base/text.h"
#include "suppressd/core/stage_words.h"
#include "suppressd/mta/relay.h"

#include "exim/delivery_line.h"
#include "opening.h"

namespace suppressd {
namespace {

constexpr std::string_view kInstance = "exim";
constexpr std::string_view kExpired = "retry timeout exceeded";

/// How Exim's own words begin.
constexpr std::array kEximOpenings{
    Opening{"Connection ", Stage::connect},
    Opening{"Network is unreachable", Stage::connect},
    Opening{"No route to host", Stage::connect},
    Opening{"host lookup did not complete", Stage::lookup},
    Opening{"all relevant MX records point to non-existent hosts", Stage::lookup},
    Opening{"lookup ", Stage::lookup},
    Opening{"Unrouteable address", Stage::lookup},
    Opening{"a TLS session is required", Stage::tls},
};

bool is_alphanumeric(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_digit(c) || is_upper(c) || is_lower(c); });
}

/// The length of `1xXdqW-0002hU-1C` or, from 4.97 on, `1tGxYz-00000003abc-0Xyz` at the start of `text`; 0: it
/// begins with none.
std::size_t length_of_id(std::string_view text) {
  for (const auto& [second, third] : {std::pair<std::size_t, std::size_t>{6, 2}, {11, 4}}) {
    const std::size_t length = 6 + 1 + second + 1 + third;
    if (text.size() <= length || text[length] != ' ' || text[6] != '-' || text[7 + second] != '-') continue;
    if (is_alphanumeric(text.substr(0, 6)) && is_alphanumeric(text.substr(7, second)) &&
        is_alphanumeric(text.substr(8 + second, third)))
      return length;
  }
  return 0;
}

/// In syslog a line has Exim's own time stamp first; `log_selector = +pid` adds `[123]`.
void skip_own_header(std::string_view& text) {
  constexpr std::string_view kStamp = "0000-00-00 00:00:00 ";
  const auto fits = [](char wanted, char c) { return wanted == '0' ? is_digit(c) : wanted == c; };
  if (text.size() > kStamp.size() && std::equal(kStamp.begin(), kStamp.end(), text.begin(), fits))
    text.remove_prefix(kStamp.size());
  const std::size_t pid = text.starts_with('[') ? text.find("] ") : std::string_view::npos;
  if (pid < 12) text.remove_prefix(pid + 2);
}

std::optional<std::string_view> take_queue_id(std::string_view& message) {
  std::string_view text = message;
  skip_own_header(text);
  const std::size_t length = length_of_id(text);
  if (length == 0) return std::nullopt;
  message = text.substr(length + 1);
  return text.substr(0, length);
}

bool claims(const LogEntry& entry) {
  if (!entry.tag.empty()) return entry.tag == "exim" || entry.tag == "exim4";
  std::string_view rest = entry.message;
  return take_queue_id(rest).has_value();
}

/// `SMTP error from remote mail server after RCPT TO:<a@b>: 550 no`
Reply read_reply(std::string_view reason) {
  std::string_view rest = reason;
  if (scan::take(rest, "SMTP error from remote mail server after ")) {
    scan::take(rest, "pipelined ");
    scan::take(rest, "sending ");
    for (std::size_t at = rest.find(": "); at != std::string_view::npos; at = rest.find(": ", at + 1)) {
      Reply reply = parse_reply(rest.substr(at + 2));
      if (reply.code == 0) continue;
      reply.stage = stage_named(rest);
      return reply;
    }
  }
  Reply reply = parse_reply(reason);
  if (reply.code == 0) reply.stage = stage_by_opening(kEximOpenings, reason);
  return reply;
}

Reading read_attempt(const LogEntry& entry, std::string_view queue_id, AttemptStatus status,
                     std::string_view fields) {
  const std::optional<EximDelivery> line = read_exim_delivery(fields);
  if (!line) return Understood::not_understood;
  const bool failed = status != AttemptStatus::sent;
  if (failed && line->reason.empty()) return Understood::not_understood;
  // Per recipient, while an expiry is of a message: those of one message expire together.
  if (line->reason.starts_with(kExpired)) return {entry, kInstance, queue_id, MessageExpired{}};
  if (line->reason.starts_with("retry time not reached")) return Understood::teaches_nothing;
  if (line->host.empty() && !failed) return Understood::teaches_nothing;
  const Relay relay = read_relay(line->host);
  Attempt attempt{.recipients = Recipients(line->address), .status = status, .relay = relay, .failed = relay};
  attempt.reply = failed ? read_reply(line->reason) : parse_reply(line->confirmation);
  attempt.logged_status = attempt.reply.status;
  return {entry, kInstance, queue_id, std::move(attempt)};
}

/// `<= sender H=... P=... S=... id=...`
Reading read_entered(const LogEntry& entry, std::string_view queue_id, std::string_view fields) {
  MessageEntered entered;
  entered.sender = scan::without_brackets(scan::take_until(fields, " "));
  while (!fields.empty() && !fields.starts_with("T=")) {  // the subject, which may hold anything
    std::string_view field = scan::take_until(fields, " ");
    if (scan::take(field, "id=")) entered.message_id = field;
  }
  return {entry, kInstance, queue_id, entered};
}

Reading parse(const LogEntry& entry, std::string_view queue_id, std::string_view rest) {
  if (scan::take(rest, "<= ")) return read_entered(entry, queue_id, rest);
  if (scan::take(rest, "=> ") || scan::take(rest, "-> "))
    return read_attempt(entry, queue_id, AttemptStatus::sent, rest);
  if (scan::take(rest, "** ")) return read_attempt(entry, queue_id, AttemptStatus::bounced, rest);
  if (scan::take(rest, "== ")) return read_attempt(entry, queue_id, AttemptStatus::deferred, rest);
  if (rest == "Completed" || rest.starts_with("Completed "))
    return {entry, kInstance, queue_id, MessageRemoved{}};
  return Understood::teaches_nothing;
}

}  // namespace

const Dialect kExim{.name = "exim",
                    .claims = claims,
                    .take_queue_id = take_queue_id,
                    .parse = parse,
                    .permanent_failure = " ** ",
                    .units = "exim*.service"};

}  // namespace suppressd
