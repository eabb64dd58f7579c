// The daemon's life: start, serve, reload, stop.
//
// Called once, from main(), with one thread running.
#pragma once

#include "suppressd/daemon/config.h"
#include "suppressd/daemon/options.h"

namespace suppressd {

/// `--check-config`: builds all that the configuration asks for, opens and changes nothing. Says what is wrong on standard error. Exit
/// status 0 or EX_CONFIG.
int check(const Config& config);

/// Opens database, logs and socket, and serves until TERM or INT. SIGUSR1 reads the configuration and the rules anew, all or nothing.
/// Exit status: 0 after an orderly stop; EX_CONFIG, EX_NOPERM or EX_UNAVAILABLE (sysexits.h) where it cannot start, with one line that says
/// why.
int serve(const Options& options, const Config& config);

}  // namespace suppressd
