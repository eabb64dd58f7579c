#include "suppressd/milter/reporter.h"

#include <chrono>

namespace suppressd {
namespace {

constexpr std::int64_t kQuietSeconds = 10;

}  // namespace

void Reporter::say(Subject subject, Severity severity, const std::string& line) noexcept {
  if (!function_) return;
  Turn& turn = turns_[static_cast<std::size_t>(subject)];
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  std::int64_t next = turn.next.load();
  if (now < next || !turn.next.compare_exchange_strong(next, now + kQuietSeconds)) {
    ++turn.left_out;
    return;
  }
  try {
    const std::uint64_t left_out = turn.left_out.exchange(0);
    function_(severity, left_out == 0
                            ? line
                            : line + " (and " + std::to_string(left_out) + " more since the last such line)");
  } catch (...) {
    // There is no one to report this to, and the answer to the MTA matters more than a log line.
    ++turn.left_out;
  }
}

}  // namespace suppressd
