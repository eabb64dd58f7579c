// One refused recipient, on its way from the verdict half to the learning thread.
#pragma once

#include <string>

#include "suppressd/base/bounded_queue.h"
#include "suppressd/base/time.h"
#include "suppressd/core/tags.h"

namespace suppressd {

struct Refusal {
  Time at;
  std::string address;   ///< Canonical.
  std::string sender;    ///< Envelope sender as given, cleaned; empty for the null sender.
  std::string queue_id;  ///< Empty where the MTA had given none yet.
  std::string client;    ///< IP address of the client, or `local`.
  std::string kind;      ///< Kind of the entry that decided.
  std::string category;
  std::string ref;
  std::string
      outcome;  ///< `refused`, `removed` (from a non-SMTP message), `monitored` (monitor mode), `bypassed`.
  Tags tags;    ///< Of the message, for the rates: as far as they are known by then.
};

using RefusalQueue = BoundedQueue<Refusal>;

}  // namespace suppressd
