// Sendmail's log lines (deliver.c logdelivery, collect.c logsender, savemail.c; Sendmail 8.8 to
// 8.18).
//
// `stat=User unknown` is Sendmail's own wording for many replies. The class digit of `dsn=`, which
// comes before all remote text, decides the status; `reply=` has the server's words. Only mailers
// that speak SMTP count. The instance of the queue key is always `sendmail`. Pure, safe from any
// thread. Private to this layer.
#pragma once

#include "suppressd/mta/dialect.h"

namespace suppressd {

extern const Dialect kSendmail;

}  // namespace suppressd
