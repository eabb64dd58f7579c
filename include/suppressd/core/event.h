// What a mail log tells about messages, whatever MTA wrote it.
//
// The MTA parsers make these from log entries; the send tracker takes them. All views point into the log
// entry and live as long as it does. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
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

enum class AttemptStatus : std::uint8_t { sent, deferred, bounced };

struct Relay {
  std::string_view text;     ///< `relay=` as logged, for evidence.
  std::string_view host;     ///< Host name; empty for none.
  std::string_view ip;       ///< Address without brackets; empty for none or a unix socket.
  std::string_view port;     ///< Empty where none is logged, as by Sendmail.
  bool unix_socket = false;  ///< A path, or Dovecot's `host[/path]`.
  bool literal = false;      ///< An IP address or `[name]` in place of a host name: no MX record leads there.
};

/// The recipients of one line, in its order. The first is kept inside: most lines have no other, and then
/// nothing is allocated.
class Recipients {
 public:
  Recipients() = default;
  explicit Recipients(std::string_view only) : first_(only), size_(1) {}

  void add(std::string_view address) {
    if (size_ == 1) all_.push_back(first_);
    if (size_++ == 0)
      first_ = address;
    else
      all_.push_back(address);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::string_view* begin() const { return size_ > 1 ? all_.data() : &first_; }
  const std::string_view* end() const { return begin() + size_; }
  std::string_view operator[](std::size_t number) const { return begin()[number]; }

 private:
  std::string_view first_;
  std::vector<std::string_view> all_;  ///< Of two or more.
  std::size_t size_ = 0;
};

/// A new message begins under this queue id: Postfix `client=`, `uid=`, cleanup `message-id=`; Sendmail
/// `from=`.
struct MessageEntered {
  bool from_client = false;  ///< Postfix smtpd `client=` or pickup `uid=`: nothing is queued yet.
  std::optional<unsigned> recipient_count;  ///< Sendmail `nrcpts=`: recipients before aliases are expanded.
  std::optional<std::string_view>
      sender;  ///< Without brackets; empty for the null sender. nullopt: the line does not tell.
  std::string_view message_id;  ///< Without brackets; empty where the line has none.
};

/// Postfix qmgr `from=`: who sent the message; comes again before every retry and restarts nothing.
struct SenderNamed {
  std::string_view sender;  ///< Without brackets; empty for the null sender.
};

/// One delivery attempt for one or more recipients.
struct Attempt {
  Recipients recipients;  ///< Final recipients (`to=`), brackets off, as logged; at least one.
  unsigned members = 0;   ///< How many of them are members of an alias, which `recipient_count` counts once.
  AttemptStatus status = AttemptStatus::sent;
  bool by_relay_mailer =
      false;  ///< Sendmail `mailer=relay`: to SMART_HOST or another relay that its configuration names.
  Relay relay;
  Relay failed;  ///< Of a failure: `relay` or, where there is none, what the MTA's own words name.
  Reply reply;   ///< `reply.text` is the free text; hostile.
  EnhancedStatus logged_status;   ///< `dsn=`.
  std::optional<Duration> delay;  ///< Time since the message entered, as the MTA counts it.
};

/// The MTA gave up: every recipient whose last attempt was deferred has failed.
struct MessageExpired {
  std::optional<std::string_view> sender;  ///< As Postfix's qmgr names it; nullopt: the line does not tell.
  std::string_view notice_id;              ///< Sendmail: queue id of the bounce that it makes, of which no
                                           ///< MessageEntered tells; empty for none.
};

/// The operator ended the message: its recipients neither failed nor were delivered to.
struct MessageForceExpired {
  std::optional<std::string_view> sender;  ///< As above.
};

/// The message is gone from the queue.
struct MessageRemoved {};

/// The kinds of events, numbered as the alternatives of Event::what.
enum class EventKind : std::uint8_t { entered, sender, attempt, expired, force_expired, removed };

/// What one line told of one message. A parser returns it complete.
struct Event {
  Time at;
  QueueKey key;
  std::variant<MessageEntered, SenderNamed, Attempt, MessageExpired, MessageForceExpired, MessageRemoved>
      what;

  EventKind kind() const { return static_cast<EventKind>(what.index()); }
  /// Only of an event of kind `attempt`; of another one it throws std::bad_variant_access.
  const Attempt& attempt() const { return std::get<Attempt>(what); }
};

}  // namespace suppressd
