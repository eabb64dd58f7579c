// Sendmail's log lines (deliver.c logdelivery, collect.c logsender, savemail.c; Sendmail 8.8 to 8.18).
//
// `stat=User unknown` is Sendmail's own wording for many answers; the class digit of `dsn=`, which stands
// before all remote text, decides the status, and `reply=` gives the server's words. Only mailers that speak
// SMTP count. The instance of the queue key is always `sendmail`. Pure, safe from any thread.
#pragma once

#include "suppressd/mta/dialect.h"

namespace suppressd {

/// Whether the program name is Sendmail's (`sendmail`, `sm-mta`, `sm-msp-queue` ...), or, where there is
/// none, the form is.
bool is_sendmail(const LogEntry& entry);
Reading parse_sendmail(const LogEntry& entry);

}  // namespace suppressd
