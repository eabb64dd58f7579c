// The send tracker: from delivery attempts to what became of each send.
//
// The unit is the send (one message to one recipient), never the log line. The tracker holds the messages that are open and, of their
// sends, those with failed attempts; memory is proportional to that. It is pure: no clock, no I/O. Every change to what it holds is
// reported through take_changes(), so that the caller can keep it in the same transaction as the log's cursor; load() puts it back.
// Not thread-safe: it belongs to the learning thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "suppressd/core/event.h"
#include "suppressd/core/record.h"
#include "suppressd/core/time.h"

namespace suppressd {

/// Key of a message: row in `message`. `entered` is part of it, because queue ids come back.
struct MessageKey {
  std::string host;
  std::string instance;
  std::string queue_id;
  Time entered;

  bool operator==(const MessageKey&) const = default;
};

/// In which words a send failed, and what they were judged to mean. Many sends fail in the same words and share them.
struct FailureReason {
  std::string category;
  std::string action;
  bool weak = false;
  std::string rule;
  int code = 0;
  std::string status;
  std::string stage;
  std::string operator_domain;
  std::string relay;
  std::string text;

  /// Of what is not known to have failed.
  static const std::shared_ptr<const FailureReason>& none();
};

/// Row in `send`: an open send with failed attempts.
struct Send {
  std::string address;
  Time first_failed;
  Time last_failed;
  int attempts = 0;
  bool deferred = true;                                                 ///< The last attempt was deferred: expiry fails this send.
  bool counted = false;                                                 ///< Failed by the retry window already; expiry counts nothing more.
  std::shared_ptr<const FailureReason> reason = FailureReason::none();  ///< Of the last failed attempt; never null.
};

/// Most bytes that are kept of a server's words, and of the name of a relay.
inline constexpr std::size_t kReplyLimit = 512;
inline constexpr std::size_t kRelayLimit = 255;

/// Row in `message`: an open message.
struct Message {
  MessageKey key;
  bool sender_known = false;
  bool null_sender = false;
  std::string sender;
  std::string message;      ///< Digest of its Message-ID; empty where that is not kept.
  Time last_line;           ///< Time of the last entry that changed anything of it or of its sends.
  unsigned recipients = 0;  ///< Sendmail `nrcpts=`; 0: not known.
  unsigned ended = 0;       ///< Recipients that have ended, where `recipients` is known.
};

/// A message as the store gives it back, with its rows in `send`.
struct StoredMessage {
  Message message;
  std::vector<Send> sends;
};

/// What must be written to make the stored state equal to the tracker's. A message that is new always stands in `messages` when its sends
/// stand in `sends`.
struct TrackerChanges {
  std::vector<MessageKey> removed;                                ///< Messages that ended: with all their sends.
  std::vector<Message> messages;                                  ///< New or changed rows of `message` (without their sends).
  std::vector<std::pair<MessageKey, Send>> sends;                 ///< New or changed rows of `send`.
  std::vector<std::pair<MessageKey, std::string>> removed_sends;  ///< Sends (by address) that ended while their message goes on.

  bool empty() const { return removed.empty() && messages.empty() && sends.empty() && removed_sends.empty(); }
};

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
  Duration silence = std::chrono::hours(24 * 14);  ///< A message of which nothing is heard for so long is dropped: *unknown*.
  bool keep_message_ids = false;                   ///< Whether outcomes tell the digest of the Message-ID.
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
    std::string address;                                                  ///< Empty: not an address, skipped.
    std::string operator_domain;                                          ///< Operator of the mailbox.
    std::shared_ptr<const FailureReason> reason = FailureReason::none();  ///< Of a failed attempt; never null.
    bool only_deliveries = false;  ///< Nothing else is known of it, so that nobody needs the evidence of another one.
  };

  /// What events tell.
  struct Findings {
    std::vector<Outcome> outcomes;
    std::vector<std::size_t> plain_deliveries;  ///< Numbers of targets that were delivered to and of which only deliveries are known.

    void clear() {
      outcomes.clear();
      plain_deliveries.clear();
    }
  };

  /// Takes one event; findings are appended. `targets`: of an attempt; with another event they mean nothing.
  void take(const Event& event, const AttemptFacts& facts, const std::vector<Target>& targets, Findings& findings);

  /// Drops messages that were silent for longer than settings.silence at `now` (event time).
  void sweep(Time now);

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
