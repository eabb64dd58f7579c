// Postfix's log lines (log_adhoc.c, qmgr, cleanup, smtpd, pickup, postsuper; Postfix 2.2 to 3.11).
//
// Only services run by smtp(8) and lmtp(8) speak for a destination, and error(8) where it quotes a suspended
// delivery. A service whose name says nothing counts as outbound when its line has the form of a delivery to
// a host. The instance of the queue key is the first component of the program name. Pure, safe from any
// thread. Private to this layer.
#pragma once

#include "suppressd/mta/dialect.h"

namespace suppressd {

extern const Dialect kPostfix;

}  // namespace suppressd
