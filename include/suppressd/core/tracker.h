// The send tracker turns delivery attempts into the outcome of each send.
//
// The unit is the send (one message to one recipient), never the log line. The tracker holds the
// open messages and those of their sends that have failed attempts; its memory is proportional to
// them. It is pure: no clock, no I/O. Every change to what it holds is reported through
// take_changes(), so that the caller can store it in the same transaction as the log's cursor;
// load() restores it. Not thread-safe: it belongs to the learning thread.
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
  int retry_attempts = 3;                          ///< The fewest attempts for a failure by window.
  /// A message of which the log says nothing for this long is dropped: its sends stay *unknown*.
  Duration silence = std::chrono::hours(24 * 14);
  bool keep_message_ids = false;  ///< Whether outcomes have the digest of the Message-ID.
};

class Tracker {
 public:
  explicit Tracker(TrackerSettings settings);
  ~Tracker();
  Tracker(Tracker&&) noexcept;
  Tracker& operator=(Tracker&&) noexcept;

  /// What the caller, which owns rules and relays, knows about an attempt.
  struct AttemptFacts {
    bool handed_over = false;  ///< To one of `mta.local_relays`: neither failure nor delivery.
    bool relayed = false;      ///< To one of `mta.relays`.
    bool our_echo = false;     ///< The reply is our own refusal.
  };

  /// One of event.recipients in canonical form.
  struct Target {
    std::string address;   ///< Empty: not an address, skipped.
    std::string provider;  ///< Provider of the mailbox.
    /// Why the attempt failed, if it did; never null.
    std::shared_ptr<const FailureReason> reason = no_reason();
  };

  /// Takes one event and appends the outcomes that follow from it to `outcomes`. `facts` and
  /// `targets` count for attempts only.
  void take(const Event& event, const AttemptFacts& facts, const std::vector<Target>& targets,
            std::vector<Outcome>& outcomes);

  /// What is known of a send before an attempt is taken.
  struct KnownSend {
    const Message* message = nullptr;  ///< Valid until the next change; nullptr: not known.
    int failed_attempts = 0;
  };
  KnownSend known(const Event& attempt, std::string_view address) const;

  /// The tags of a message, from the milter: they go to its row as soon as the log shows it, and follow it
  /// through a content filter. If two messages fit, neither gets them.
  void tag(TagNote note);
  /// Notes from before that time are lost.
  void drop_tags(Time before);

  /// Drops messages of this host that were silent for longer than settings.silence at `now` (event
  /// time). What is learned does not depend on it: a line that comes after such a silence is about
  /// another message, dropped or not.
  void sweep(Time now, std::string_view host);

  /// Changes since the last call.
  TrackerChanges take_changes();

  /// Replaces the whole state with what was stored.
  void load(std::vector<StoredMessage> messages, std::vector<TagNote> notes = {},
            std::optional<TagGap> gap = {});

  std::size_t open_messages() const;
  std::size_t open_sends() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace suppressd
