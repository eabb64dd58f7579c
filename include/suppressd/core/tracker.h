// The send tracker: from delivery attempts to what became of each send.
//
// The unit is the send (one message to one recipient), never the log line. The tracker holds the messages
// that are open and, of their sends, those with failed attempts; memory is proportional to that. It is pure:
// no clock, no I/O. Every change to what it holds is reported through take_changes(), so that the caller can
// keep it in the same transaction as the log's cursor; load() puts it back. Not thread-safe: it belongs to
// the learning thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/event.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/tracked.h"

namespace suppressd {

struct TrackerSettings {
  Duration retry_window = std::chrono::hours(72);  ///< `soft.retry_window`
  int retry_attempts = 3;                          ///< Attempts that a failure by window needs at least.
  Duration silence = std::chrono::hours(
      24 * 14);                   ///< A message of which nothing is heard for so long is dropped: *unknown*.
  bool keep_message_ids = false;  ///< Whether outcomes tell the digest of the Message-ID.
};

class Tracker {
 public:
  explicit Tracker(TrackerSettings settings);
  ~Tracker();
  Tracker(Tracker&&) noexcept;
  Tracker& operator=(Tracker&&) noexcept;

  /// What the caller, who owns rules and relays, knows of an attempt.
  struct AttemptFacts {
    bool handed_over = false;  ///< To one of `mta.local_relays`: neither failure nor delivery.
    bool relayed = false;      ///< To one of `mta.relays`.
    bool our_echo = false;     ///< The reply is our own refusal.
  };

  /// One of event.recipients in canonical form.
  struct Target {
    std::string address;   ///< Empty: not an address, skipped.
    std::string provider;  ///< Provider of the mailbox.
    std::shared_ptr<const FailureReason> reason = no_reason();  ///< Of a failed attempt; never null.
  };

  /// Takes one event; what it tells is appended to `outcomes`. `targets`: of an attempt; with another event
  /// they mean nothing.
  void take(const Event& event, const AttemptFacts& facts, const std::vector<Target>& targets,
            std::vector<Outcome>& outcomes);

  /// Drops messages of this host that were silent for longer than settings.silence at `now` (event time).
  void sweep(Time now, std::string_view host);

  /// Changes since the last call.
  TrackerChanges take_changes();

  /// Replaces all state by what was stored.
  void load(std::vector<StoredMessage> messages);

  std::size_t open_messages() const;
  std::size_t open_sends() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace suppressd
