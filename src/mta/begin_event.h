// Makes a reused Event new, keeping the memory of its recipients. Private to this layer.
#pragma once

#include "suppressd/core/event.h"

namespace suppressd {

inline void begin_event(Event& event, EventKind kind, const LogEntry& entry, std::string_view instance,
                        std::string_view queue_id) {
  event.kind = kind;
  event.at = entry.at;
  event.key = {entry.host, instance, queue_id};
  event.sender_known = false;
  event.sender = {};
  event.recipient_count.reset();
  event.from_client = false;
  event.notice_id = {};
  event.message_id = {};
  event.recipients.clear();
  event.members = 0;
  event.status = AttemptStatus::sent;
  event.relay = {};
  event.failed = {};
  event.by_relay_mailer = false;
  event.reply = {};
  event.logged_status = {};
  event.delay.reset();
}

}  // namespace suppressd
