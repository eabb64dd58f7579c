// What the two halves of the daemon can do at the moment: look-ups, and learning from each log. Also as one
// line for people. Plain data of the learning thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suppressd/store/verdict_reader.h"

namespace suppressd {

struct Health {
  struct Log {
    std::string name;
    std::optional<Trouble> trouble;
  };
  std::optional<Trouble> look_ups;
  std::optional<Trouble> learning;  ///< The database cannot be written, or no log is known.
  std::vector<Log> logs;

  bool well() const;
  /// `look-ups ok; learning from file /var/log/mail.log`
  std::string line() const;
  /// Two states of the same kind work and fail at the same things, for whatever reason.
  std::string kind() const;
};

}  // namespace suppressd
