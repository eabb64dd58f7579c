// Postfix's log lines (log_adhoc.c, qmgr, cleanup, smtpd, pickup, postsuper; Postfix 2.2 to 3.11).
//
// Only the services of smtp(8) and lmtp(8) report what a destination said, and error(8) and qmgr(8)
// if they quote a suspended delivery. A service with an unknown name counts as outbound if its line
// has the form of a delivery to a host. The instance of the queue key is the first component of the
// program name. Pure, safe from any thread. Private to this layer.
#pragma once

#include "suppressd/mta/dialect.h"

namespace suppressd {

extern const Dialect kPostfix;

}  // namespace suppressd
