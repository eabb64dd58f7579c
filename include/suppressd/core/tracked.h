// What the tracker keeps of open messages and sends: rows of `message` and `send`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/message_key.h"
#include "suppressd/core/outcome.h"

namespace suppressd {

/// Of what is not known to have failed. Many sends fail in the same words and share them.
const std::shared_ptr<const FailureReason>& no_reason();

/// Row in `send`: an open send with failed attempts.
struct Send {
  std::string address;
  Time first_failed;
  Time last_failed;
  int attempts = 0;
  bool deferred = true;  ///< The last attempt was deferred: expiry fails this send.
  bool counted = false;  ///< Failed by the retry window already: that is told once.
  std::shared_ptr<const FailureReason> reason = no_reason();  ///< Of the last failed attempt; never null.
};

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
  /// Sends (by address) that ended while their message goes on.
  std::vector<std::pair<MessageKey, std::string>> removed_sends;

  bool empty() const { return removed.empty() && messages.empty() && sends.empty() && removed_sends.empty(); }
};

}  // namespace suppressd
