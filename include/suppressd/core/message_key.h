// Which message: the identity that the MTA's log gives it.
#pragma once

#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

/// Key of a message. `entered` is part of it, because queue ids come back.
struct MessageKey {
  std::string host;      ///< Log host. Of what only a trace proves, host and instance are empty.
  std::string instance;  ///< Syslog name without the service: `postfix`, `postfix-out`, `sendmail`.
  std::string queue_id;
  Time entered;  ///< When the message entered.

  bool operator==(const MessageKey&) const = default;
};

}  // namespace suppressd
