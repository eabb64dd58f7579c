// journald's limit on the messages of one unit, read from where journald itself reads it.
//
// It is the unit's own limit (LogRateLimitIntervalSec=, LogRateLimitBurst=), which the service
// manager hands to journald in /run/systemd/units; else that of journald.conf; else the default.
// Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace suppressd {

struct RateLimit {
  std::chrono::microseconds interval = std::chrono::seconds{30};
  std::uint64_t burst = 10000;

  /// A busy MTA can exceed it: it allows less than 100,000 messages in 30 s, ten times the default.
  bool is_low() const;
};

/// `root` is put before all paths.
RateLimit rate_limit_of(std::string_view unit, const std::string& root = {});

}  // namespace suppressd
