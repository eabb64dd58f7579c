// Moves breakers on, stores their test messages, and says in the log what changed.
//
// One thread, that of the learner. What fails is returned: the caller goes back as after any failed write.
#pragma once

#include <chrono>

#include "suppressd/core/test_tickets.h"
#include "suppressd/learn/learner.h"

namespace suppressd {

class BreakerWatch {
 public:
  /// To be called often: it queries the database at most once a second, or at once if there are news of
  /// alerts.
  Status look(Learner& learner, bool news);
  /// Before what the log tells of these messages is learned, which is later than their acceptance.
  static Status store(Learner& learner, TestTickets& tickets);

 private:
  using Steady = std::chrono::steady_clock;
  Steady::time_point next_;
};

}  // namespace suppressd
