// libmilter's side: one process-wide filter, its callbacks and its socket.
//
// libmilter keeps its state in globals, so there is at most one Filter per process. run() blocks in
// smfi_main until stop(); session state lives in smfi_setpriv and nowhere else, because Debian's
// libmilter moves sessions between threads. Exceptions never leave a callback: they are answered by
// `milter.on_error`. The filter does not log: it passes its messages to `report`, from any thread.
#pragma once

#include <memory>
#include <string>

#include "suppressd/base/result.h"
#include "suppressd/core/refusal.h"
#include "suppressd/milter/counters.h"
#include "suppressd/milter/gatekeeper.h"
#include "suppressd/milter/reporter.h"
#include "suppressd/milter/session.h"
#include "suppressd/milter/socket.h"

namespace suppressd {

struct FilterSettings {
  std::string socket;           ///< `unix:/path`, `inet:port@host`, `inet6:port@host`, `fd:3`; see socket.h.
  unsigned socket_mode = 0660;  ///< Mode of a unix socket.
  std::string socket_group;     ///< Group of a unix socket; empty: the process's.
};

class Filter {
 public:
  using Report = ReportFunction;

  /// Checks the socket's form and opens it, so that a wrong socket fails at start with a helpful
  /// message. While it opens a unix socket, it changes the process's umask. Queues and claims must
  /// outlive the Filter.
  static Result<std::unique_ptr<Filter>> open(const FilterSettings& settings, SessionRules rules,
                                              RefusalQueue& refusals, MailQueue& mails, ProbeClaims& probes,
                                              TagQueue& tags, Report report);
  /// Waits for running callbacks and hands over the notes of open sessions.
  ~Filter();

  /// Serves until stop(), or TERM, INT or HUP reach libmilter's own signal thread. Error: the
  /// reason that libmilter gives.
  Status run();
  /// Makes run() return, from any thread. Clients that connect now wait for the next process, if the
  /// socket is passed on. Open sessions have three seconds to end; those that do not get no more
  /// answers, and the MTA does what its own `default_action` says when the process ends, which should
  /// be soon. Returns how many these are.
  std::size_t stop();

  /// Replaces the rules (reload): sessions use the new rules from their next message on, but a
  /// change in whether header and body are requested only from their next connection on.
  void use(SessionRules rules);

  const FilterCounters& counters() const;

 private:
  struct Parts;
  explicit Filter(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
