// The daemon's signals: TERM and INT stop it, HUP and USR1 reload.
//
// libmilter has a thread of its own that waits for HUP, TERM and INT, and ends the filter at each of them.
// HUP must never get there: it stays unblocked in all our threads, with a handler that turns it into USR1,
// for which libmilter does not wait.
// arrange() is called before any thread is started, so that all inherit it; next() and next_within() belong
// to the process's first thread, which Linux tries before all others.
#pragma once

#include <chrono>
#include <optional>

namespace suppressd::signals {

enum class Wish { stop, reload };

void arrange();

/// Waits for the next signal.
Wish next();
/// nullopt: none came within that time, or the wait was cut short.
std::optional<Wish> next_within(std::chrono::seconds patience);

/// Makes next() return stop. From any thread.
void ask_to_stop();

}  // namespace suppressd::signals
