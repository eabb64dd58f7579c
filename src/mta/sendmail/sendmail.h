// Sendmail's log lines (deliver.c logdelivery, collect.c logsender, savemail.c; Sendmail 8.8 to 8.18).
//
// `stat=User unknown` is Sendmail's own wording for many answers; the class digit of `dsn=`, which stands
// before all remote text, decides the status, and `reply=` gives the server's words. Only mailers that speak
// SMTP count. The instance of the queue key is always `sendmail`. Pure, safe from
// any thread. Private to this layer.
#pragma once

#include "suppressd/mta/dialect.h"

namespace suppressd {

extern const Dialect kSendmail;

}  // namespace suppressd
