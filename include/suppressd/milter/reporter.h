// The filter's messages to the operator, rate-limited.
//
// The filter does not log: the daemon gives it a function that does. For each subject, at most one
// line is logged in ten seconds, and the next one says how many were left out. Safe from any
// thread, and calls the function from any thread. Never throws.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace suppressd {

enum class Severity { info, warning, error };

using ReportFunction = std::function<void(Severity, const std::string&)>;

class Reporter {
 public:
  enum class Subject { lookup, exception, reply, removal, mail, pause };

  explicit Reporter(ReportFunction function) : function_(std::move(function)) {}

  void say(Subject subject, Severity severity, const std::string& line) noexcept;

 private:
  struct Turn {
    std::atomic<std::int64_t> next{0};  ///< Steady clock, seconds.
    std::atomic<std::uint64_t> left_out{0};
  };
  ReportFunction function_;
  Turn turns_[6];
};

}  // namespace suppressd
