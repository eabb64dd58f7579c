// The half-open addresses that a message in this process tests, from RCPT until its row is in `probe`.
//
// The sessions of the milter share it, so that of many messages at the same moment one becomes the probe.
// A claim that is taken reserves the room that it needs later: at the end of the message it cannot be lost.
// Safe from any thread; the learning thread stores what was sent. A claim is not yet stored when the process
// is killed: then one more probe may go out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/base/text.h"
#include "suppressd/core/half_open.h"

namespace suppressd {

class ProbeClaims {
 public:
  enum class Taken : std::uint8_t {
    ours,
    another,  ///< Another message has it.
    no_room,
  };

  /// At most `capacity` claims at a time. `wake` is called when there is something to store; it must not
  /// block.
  explicit ProbeClaims(std::size_t capacity, std::function<void()> wake = {})
      : capacity_(capacity), wake_(std::move(wake)) {}

  /// If it is ours, release() or sent() must follow.
  Taken take(std::string_view address);
  /// The message was not sent.
  void release(std::string_view address) noexcept;
  /// The message was accepted: it is the probe.
  void sent(Probe probe) noexcept;

  /// Those that were sent and are not stored yet. Costs nothing if there are none.
  std::vector<Probe> waiting();
  /// They are in the database, where every look-up sees them.
  void stored(const std::vector<Probe>& probes);

 private:
  std::mutex mutex_;
  /// By the entry's address; nullopt: not sent yet.
  std::unordered_map<std::string, std::optional<Probe>, TextHash, std::equal_to<>> claims_;
  std::atomic<std::size_t> waiting_{0};
  std::size_t capacity_;
  std::function<void()> wake_;
};

}  // namespace suppressd
