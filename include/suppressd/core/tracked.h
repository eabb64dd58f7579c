// What the tracker keeps about open messages and sends: rows of `message` and `send`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/message_key.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/tag_book.h"

namespace suppressd {

/// The reason of a send that is not known to have failed. Reasons are shared, as many sends fail
/// with the same reply.
const std::shared_ptr<const FailureReason>& no_reason();

/// Row in `send`: an open send with failed attempts.
struct Send {
  std::string address;
  Time first_failed;
  Time last_failed;
  int attempts = 0;
  bool deferred = true;  ///< The last attempt was deferred: expiry fails this send.
  bool counted = false;  ///< It has already failed by the retry window, which is reported once.
  /// Why the last failed attempt failed; never null.
  std::shared_ptr<const FailureReason> reason = no_reason();
};

/// Row in `message`: an open message.
struct Message {
  MessageKey key;
  bool sender_known = false;
  bool null_sender = false;
  std::string sender;
  Tags tags;
  std::string message;      ///< Digest of its Message-ID; empty if that is not kept.
  std::string message_id;   ///< Its Message-ID, cleaned; empty: the log does not tell it.
  Time last_line;           ///< Time of the last entry that changed it or its sends.
  unsigned recipients = 0;  ///< Sendmail `nrcpts=`; 0: not known.
  unsigned ended = 0;       ///< Recipients whose sends have ended, if `recipients` is known.
};

/// A message as the store returns it, with its rows in `send`.
struct StoredMessage {
  Message message;
  std::vector<Send> sends;
};

/// What must be written to make the stored state equal to the tracker's. A new message is written
/// before its sends.
struct TrackerChanges {
  std::vector<MessageKey> removed;  ///< Messages that ended, with all their sends.
  std::vector<Message> messages;    ///< New or changed rows of `message` (without their sends).
  std::vector<std::pair<MessageKey, Send>> sends;  ///< New or changed rows of `send`.
  /// Sends (by address) that ended before their message.
  std::vector<std::pair<MessageKey, std::string>> removed_sends;
  TagChanges tags;

  bool empty() const {
    return removed.empty() && messages.empty() && sends.empty() && removed_sends.empty() && tags.empty();
  }
};

}  // namespace suppressd
