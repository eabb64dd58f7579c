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
#include "suppressd/core/packed_changes.h"
#include "suppressd/core/record.h"

namespace suppressd {

/// What became of a send.
struct Outcome {
  enum class Kind : std::uint8_t { delivered, relayed, failed };
  Kind kind = Kind::delivered;
  Action action = Action::none;  ///< Of a failure.
  bool weak = false;
  std::string message;  ///< Digest of the Message-ID, where the tracker was told to keep it.
  Evidence evidence;    ///< Address, time, message and reply.
};

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
    std::shared_ptr<const FailureReason> reason =
        FailureReason::none();  ///< Of a failed attempt; never null.
    bool only_deliveries =
        false;  ///< Nothing else is known of it, so that nobody needs the evidence of another one.
  };

  /// What events tell.
  struct Findings {
    std::vector<Outcome> outcomes;
    std::vector<std::size_t> plain_deliveries;  ///< Numbers of targets that were delivered to and of which
                                                ///< only deliveries are known.

    void clear() {
      outcomes.clear();
      plain_deliveries.clear();
    }
  };

  /// Takes one event; findings are appended. `targets`: of an attempt; with another event they mean nothing.
  void take(const Event& event, const AttemptFacts& facts, const std::vector<Target>& targets,
            Findings& findings);

  /// Drops messages that were silent for longer than settings.silence at `now` (event time).
  void sweep(Time now);

  /// Changes since the last call.
  PackedChanges take_changes();

  /// Replaces all state by what was stored.
  void load(std::vector<StoredMessage> messages);

  std::size_t open_messages() const;
  std::size_t open_sends() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace suppressd
