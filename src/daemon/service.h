// The daemon's life: start, serve, reload, stop.
//
// Called once, from main(), with one thread running.
#pragma once

#include "suppressd/config/config.h"
#include "suppressd/config/options.h"

namespace suppressd {

/// `--check-config` and, without the logs, which a reload does not open, `--check-reload`: builds everything
/// that the configuration asks for, and changes nothing. Reports errors on standard error. Exit status 0 or
/// EX_CONFIG.
int check(const Config& config, bool with_logs);

/// Whether a start would get beyond the configuration: EX_CONFIG is not what serve() would return.
Status can_start(const Config& config);

/// Opens database, logs and socket, and serves until TERM or INT. HUP and USR1 read configuration and rules
/// again, all or nothing. The caller has arranged the signals. Exit status: 0 after an orderly stop;
/// EX_CONFIG (also: as the wrong user, or with the wrong socket) or EX_UNAVAILABLE (sysexits.h) if it
/// cannot start, with one line that says why.
int serve(const Options& options, const Config& config);

}  // namespace suppressd
