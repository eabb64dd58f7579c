// What the filter has done since it started.
//
// Any thread counts, any thread reads; the numbers are not a consistent snapshot of one moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace suppressd {

struct FilterCounters {
  std::atomic<std::uint64_t> sessions{0};    ///< Connections that sent mail.
  std::atomic<std::uint64_t> recipients{0};  ///< Checked.
  std::atomic<std::uint64_t> refused{0};     ///< Refused at RCPT, or to be removed from a non-SMTP message.
  std::atomic<std::uint64_t> monitored{0};
  std::atomic<std::uint64_t> bypassed{0};
  std::atomic<std::uint64_t> lookup_errors{0};
  std::atomic<std::uint64_t> exceptions{0};
};

}  // namespace suppressd
