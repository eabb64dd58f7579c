// What the tracker keeps of open messages and sends: rows of `message` and `send`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "suppressd/base/time.h"

namespace suppressd {

/// Key of a message: row in `message`. `entered` is part of it, because queue ids come back.
struct MessageKey {
  std::string host;
  std::string instance;
  std::string queue_id;
  Time entered;

  bool operator==(const MessageKey&) const = default;
};

/// In which words a send failed, and what they were judged to mean. Many sends fail in the same words and
/// share them.
struct FailureReason {
  std::string category;
  std::string action;
  bool weak = false;
  std::string rule;
  int code = 0;
  std::string status;
  std::string stage;
  std::string provider;
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
  bool deferred = true;  ///< The last attempt was deferred: expiry fails this send.
  bool counted = false;  ///< Failed by the retry window already; expiry counts nothing more.
  std::shared_ptr<const FailureReason> reason =
      FailureReason::none();  ///< Of the last failed attempt; never null.
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

/// What must be written to make the stored state equal to the tracker's. A message that is new is written
/// before its sends.
struct TrackerChanges {
  std::vector<MessageKey> removed;  ///< Messages that ended: with all their sends.
  std::vector<Message> messages;    ///< New or changed rows of `message` (without their sends).
  std::vector<std::pair<MessageKey, Send>> sends;  ///< New or changed rows of `send`.
  std::vector<std::pair<MessageKey, std::string>>
      removed_sends;  ///< Sends (by address) that ended while their message goes on.

  bool empty() const { return removed.empty() && messages.empty() && sends.empty() && removed_sends.empty(); }
};

}  // namespace suppressd
