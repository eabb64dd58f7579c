// Counts what the filter has done since it started.
//
// Any thread may count and read. The numbers together are not a snapshot of one moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace suppressd {

struct FilterCounters {
  std::atomic<std::uint64_t> sessions{0};    ///< Connections that sent mail.
  std::atomic<std::uint64_t> recipients{0};  ///< Recipients that were checked.
  /// Refused at RCPT, or to be removed from a non-SMTP message.
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> monitored{0};
  std::atomic<std::uint64_t> bypassed{0};
  std::atomic<std::uint64_t> lookup_errors{0};
  std::atomic<std::uint64_t> exceptions{0};
};

}  // namespace suppressd
