// How far a long run is: one line on a terminal, rewritten a few times per second.
//
// Writes to standard error, and nothing at all if that is not a terminal. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace suppressd::ctl {

class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `total` bytes; a total of 0: unknown.
  void show(const std::string& name, std::uint64_t done, std::uint64_t total, std::uint64_t lines);
  /// Removes the line, before something else is printed.
  void wipe();

 private:
  using Clock = std::chrono::steady_clock;
  bool on_terminal_;
  bool shown_ = false;
  Clock::time_point begun_;
  Clock::time_point last_;
};

}  // namespace suppressd::ctl
