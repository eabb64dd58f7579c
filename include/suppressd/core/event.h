// What a mail log tells about messages, whatever MTA wrote it.
//
// The MTA parsers make these from log entries; the send tracker takes them. All views point into the log
// entry and live as long as it does. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/reply.h"

namespace suppressd {

/// One entry of a log with its header taken off.
struct LogEntry {
  Time at;
  std::string_view host;     ///< As logged; empty where the log has none (postlogd's own file, bare lines).
  std::string_view tag;      ///< Program name without the pid: `postfix/relay/smtp`, `sm-mta`.
  std::string_view message;  ///< All behind `tag[pid]: `.
};

/// Which message an event is about.
struct QueueKey {
  std::string_view host;
  std::string_view instance;  ///< First part of the syslog name (`postfix`, `postfix-out`), or `sendmail`.
  std::string_view queue_id;
};

enum class EventKind : std::uint8_t {
  entered,        ///< A new message begins under this id: Postfix `client=`, `uid=`, cleanup `message-id=`;
                  ///< Sendmail `from=`.
  sender,         ///< Postfix qmgr `from=`: who sent it; comes again before every retry and restarts nothing.
  attempt,        ///< One delivery attempt for one or more recipients.
  expired,        ///< The MTA gave up: every recipient whose last attempt was deferred has failed.
  force_expired,  ///< The operator's doing: ends the message, teaches nothing.
  removed,        ///< The message is gone.
};

enum class AttemptStatus : std::uint8_t { sent, deferred, bounced };

struct Relay {
  std::string_view text;     ///< `relay=` as logged, for evidence.
  std::string_view host;     ///< Host name; empty for none.
  std::string_view ip;       ///< Address without brackets; empty for none or a unix socket.
  std::string_view port;     ///< Empty where none is logged, as by Sendmail.
  bool unix_socket = false;  ///< A path, or Dovecot's `host[/path]`.
  bool literal = false;      ///< An IP address or `[name]` in place of a host name: no MX record leads there.
};

struct Event {
  EventKind kind = EventKind::attempt;
  Time at;
  QueueKey key;

  // entered, sender
  bool sender_known = false;
  std::string_view sender;                  ///< Without brackets; empty for the null sender.
  std::optional<unsigned> recipient_count;  ///< Sendmail `nrcpts=`: recipients before aliases are expanded.
  bool from_client = false;  ///< Postfix smtpd `client=` or pickup `uid=`: nothing is queued yet.

  std::string_view message_id;  ///< Without brackets; empty where the line has none.

  // expired
  std::string_view notice_id;  ///< Sendmail: queue id of the bounce that it makes, of which no `entered`
                               ///< tells; empty for none.

  // attempt
  std::vector<std::string_view> recipients;  ///< Final recipients (`to=`), brackets off, as logged.
  unsigned members = 0;  ///< How many of them are members of an alias, which `recipient_count` counts once.
  AttemptStatus status = AttemptStatus::sent;
  Relay relay;
  Relay failed;  ///< Of a failure: `relay` or, where there is none, what the MTA's own words name.
  bool by_relay_mailer =
      false;    ///< Sendmail `mailer=relay`: to SMART_HOST or another relay that its configuration names.
  Reply reply;  ///< `reply.text` is the free text; hostile.
  EnhancedStatus logged_status;   ///< `dsn=`.
  std::optional<Duration> delay;  ///< Time since the message entered, as the MTA counts it.
};

}  // namespace suppressd
