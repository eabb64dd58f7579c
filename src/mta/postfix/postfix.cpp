#include "postfix/postfix.h"

#include <algorithm>
#include <array>

#include "suppressd/base/scan.h"
#include "suppressd/mta/relay.h"

#include "postfix/delivery_line.h"
#include "postfix/reply.h"
#include "queue_id.h"

namespace suppressd {
namespace {

/// What a service's lines can mean.
enum class Service {
  unknown,
  silent,
  outbound,
  error,
  queue_manager,
  receiver,
  submitter,
  cleaner,
  queue_tool
};

/// `postfix` and `smtp` of `postfix/relay/smtp`.
struct Program {
  std::string_view instance;
  std::string_view service;
};

Program split_tag(std::string_view tag) {
  Program program{tag.substr(0, tag.find('/')), {}};
  if (program.instance.size() < tag.size()) program.service = tag.substr(tag.rfind('/') + 1);
  if (program.instance.empty()) program.instance = "postfix";
  return program;
}

Service service_of(std::string_view name) {
  using enum Service;
  struct Row {
    std::string_view name;
    Service service;
  };
  static constexpr std::array kServices{
      Row{"smtp", outbound},        Row{"lmtp", outbound},
      Row{"qmgr", queue_manager},   Row{"cleanup", cleaner},
      Row{"smtpd", receiver},       Row{"pickup", submitter},
      Row{"error", error},          Row{"retry", error},
      Row{"bounce", silent},        Row{"local", silent},
      Row{"virtual", silent},       Row{"pipe", silent},
      Row{"discard", silent},       Row{"defer", silent},
      Row{"trace", silent},         Row{"verify", silent},
      Row{"postsuper", queue_tool}, Row{"nqmgr", queue_manager},
      Row{"oqmgr", queue_manager},  Row{"spawn", silent},
      Row{"showq", silent},         Row{"flush", silent},
      Row{"postscreen", silent},    Row{"proxymap", silent},
      Row{"sendmail", silent},      Row{"trivial-rewrite", silent},
      Row{"amavis", silent},        Row{"amavisd", silent},
      Row{"opendkim", silent},      Row{"opendmarc", silent},
      Row{"maildrop", silent},      Row{"dovecot", silent},
  };
  for (const Row& row : kServices) {
    if (row.name == name) return row.service;
  }
  return unknown;
}

enum class Fate { sent, deferred, bounced, probe, unknown };

Fate fate_of(std::string_view status) {
  if (status == "sent") return Fate::sent;
  if (status == "deferred" || status == "SOFTBOUNCE") return Fate::deferred;
  if (status == "bounced") return Fate::bounced;
  if (status.starts_with("deliverable") || status.starts_with("undeliverable")) return Fate::probe;
  return Fate::unknown;
}

/// `0.11`, `428621`, as whole seconds.
std::optional<Duration> delay_of(std::string_view text) {
  const std::optional<std::int64_t> seconds = scan::number<std::int64_t>(text.substr(0, text.find('.')));
  if (!seconds || *seconds < 0 || *seconds > 100'000'000'000) return std::nullopt;
  return Duration(*seconds);
}

/// Whom a line is about; what it told is still to come.
struct Line {
  const LogEntry& entry;
  std::string_view instance;
  std::string_view queue_id;

  template <typename Told>
  Reading told(Told&& what) const {
    return {entry, instance, queue_id, std::forward<Told>(what)};
  }
};

/// One line of a service that delivers, or of one that answers for it.
Reading read_attempt(const Line& line, std::string_view fields, Service service, bool named) {
  const std::optional<PostfixDelivery> delivery = read_postfix_delivery(fields);
  if (!delivery)
    return service == Service::outbound || !named ? Understood::not_understood : Understood::teaches_nothing;
  std::string_view text = delivery->text;
  const bool suspended = scan::take(text, "delivery temporarily suspended: ");
  const bool answers_for_another = service == Service::error || service == Service::queue_manager;
  if (answers_for_another && !suspended) return Understood::teaches_nothing;

  const Relay relay = read_relay(delivery->relay);
  const Fate fate = fate_of(delivery->status);
  if (service == Service::unknown) {
    const bool to_host = !relay.ip.empty() || relay.unix_socket;
    const bool nowhere = delivery->relay == "none" && fate != Fate::sent;
    // Before 2.3 and behind some log filters a relay has no address.
    const bool host_name = delivery->dsn.empty() && relay.host.find('.') != std::string_view::npos;
    if (!to_host && !nowhere && !host_name) return Understood::teaches_nothing;
  }
  if (fate == Fate::probe) return Understood::teaches_nothing;
  if (fate == Fate::unknown) return Understood::not_understood;

  const bool nowhere = delivery->relay.empty() || delivery->relay == "none";
  return line.told(Attempt{.recipients = Recipients(delivery->to),
                           .status = fate == Fate::sent      ? AttemptStatus::sent
                                     : fate == Fate::bounced ? AttemptStatus::bounced
                                                             : AttemptStatus::deferred,
                           .relay = relay,
                           .failed = nowhere ? read_relay(host_in_postfix_words(text)) : relay,
                           .reply = read_postfix_reply(text),
                           .logged_status = parse_enhanced_status(delivery->dsn).value_or(EnhancedStatus{}),
                           .delay = delay_of(delivery->delay)});
}

/// `from=<sender>, ...` of qmgr.
Reading read_sender(const Line& line, std::string_view fields) {
  const std::optional<std::size_t> end = end_of_bracketed(fields);
  if (!end) return Understood::not_understood;
  const std::string_view sender = fields.substr(1, *end - 2);
  const std::string_view rest = fields.substr(*end);
  if (rest.starts_with(", size=")) return line.told(SenderNamed{sender});
  if (rest.starts_with(", status=expired")) return line.told(MessageExpired{.sender = sender});
  if (rest.starts_with(", status=force-expired")) return line.told(MessageForceExpired{sender});
  return Understood::teaches_nothing;
}

/// Whether the program name is Postfix's (`NAME/SERVICE`, or `postfix`), or, where there is none, the form
/// is.
bool claims(const LogEntry& entry) {
  if (!entry.tag.empty())
    return (entry.tag.find('/') != std::string_view::npos && entry.tag[0] != '/') || entry.tag == "postfix";
  std::string_view fields = entry.message;
  if (!take_plain_queue_id(fields)) return false;
  if (fields.starts_with("to=")) return read_postfix_delivery(fields).has_value();
  if (scan::take(fields, "from="))
    return fields.find(", nrcpt=") != std::string_view::npos ||
           fields.find(", status=") != std::string_view::npos;
  for (const std::string_view begin : {"client=", "uid=", "message-id=", "resent-message-id=", "removed"}) {
    if (fields.starts_with(begin)) return true;
  }
  return false;
}

Reading parse(const LogEntry& entry, std::string_view queue_id, std::string_view fields) {
  const Program program = split_tag(entry.tag);
  const Service service = service_of(program.service);
  const bool named = !program.service.empty();
  const auto by = [&](Service one) { return service == one || !named; };
  const Line line{entry, program.instance, queue_id};

  if (fields.starts_with("to=")) {
    const bool may_speak = service == Service::outbound || service == Service::unknown ||
                           service == Service::error || service == Service::queue_manager;
    return may_speak ? read_attempt(line, fields, service, named) : Understood::teaches_nothing;
  }
  if (by(Service::queue_manager) && scan::take(fields, "from=")) return read_sender(line, fields);
  if ((by(Service::queue_manager) || service == Service::queue_tool) && fields == "removed")
    return line.told(MessageRemoved{});
  if ((by(Service::receiver) && fields.starts_with("client=")) ||
      (by(Service::submitter) && fields.starts_with("uid=")))
    return line.told(MessageEntered{.from_client = true});
  if (by(Service::cleaner) &&
      (fields.starts_with("message-id=") || fields.starts_with("resent-message-id="))) {
    const std::string_view id = fields.substr(fields.find('=') + 1);
    return line.told(MessageEntered{.message_id = scan::without_brackets(id)});
  }
  if (service == Service::queue_tool && fields == "requeued") return line.told(MessageRemoved{});
  if (service == Service::queue_tool && (fields == "expired" || fields.starts_with("force-expired")))
    return line.told(MessageForceExpired{});
  return Understood::teaches_nothing;
}

}  // namespace

const Dialect kPostfix{.name = "postfix",
                       .claims = claims,
                       .take_queue_id = take_plain_queue_id,
                       .parse = parse,
                       .permanent_failure = " dsn=5",
                       .units = "postfix*.service"};

}  // namespace suppressd
