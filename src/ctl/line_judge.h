// How suppressd classifies one line: a mail-log line, or the bare reply of a server.
//
// A log line is read, and a failed attempt judged, as the learning thread would. Any other line is a server's
// reply: 5xx is permanent, 4xx is temporary. Keeps the clock of the stream that the lines come from, and the
// buffers that answers point into. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/config/config.h"
#include "suppressd/core/event.h"
#include "suppressd/core/rules.h"
#include "suppressd/learn/attempt_judge.h"
#include "suppressd/mta/dialect.h"
#include "suppressd/mta/log_line.h"

namespace suppressd::ctl {

struct LineVerdict {
  Category category = Category::not_understood;
  Action action = Action::none;
  bool weak = false;
  bool temporary = false;
  bool handed_over = false;  ///< To one of `mta.local_relays`: is ignored.
  std::string rule;
  int code = 0;
  EnhancedStatus status;  ///< As the MTA logged it, else as the reply has it.
  Stage stage = Stage::unknown;
  std::string_view provider;
  std::string_view mta;            ///< Name of the dialect; empty: not a line of an MTA's log.
  const Event* event = nullptr;    ///< Of a log line that has one.
  std::optional<Failure> failure;  ///< What was judged, for Ruleset::explain().
};

class LineJudge {
 public:
  /// Error: a time zone that the system does not know, a relay that cannot be read.
  static Result<LineJudge> make(const Config& config, const Ruleset& rules, Time reference);

  /// Valid until the next call, and as long as `line`.
  LineVerdict judge(std::string_view line);
  /// The recipients of the last verdict, in canonical form where they have one.
  const std::vector<std::string>& recipients() const { return recipients_; }

 private:
  LineJudge(const Ruleset& rules, LineClock clock, const Dialect* dialect, Relays relays);
  LineVerdict judge_entry(const LogEntry& entry, Reading reading);
  LineVerdict judge_reply(const Reply& reply);
  void judge_attempt(const Attempt& attempt, LineVerdict& verdict);
  void take_recipients(const Attempt& attempt);
  void decide(LineVerdict& verdict, const Failure& failure) const;

  const Dialect* dialect_;
  LogLineReader lines_;
  AttemptJudge judge_;
  Reading reading_{Understood::teaches_nothing};
  std::vector<std::string> recipients_;
  std::string provider_;
};

}  // namespace suppressd::ctl
