// The trace: proof, carried by outbound mail itself, that this host sent it to these recipients.
//
// One header, `Suppressd-Trace: v=1; k=KEY; q=QUEUEID; t=TIME; s=SENDER; n=COUNT; r=DIGESTS;
// e=SEALED; h=HMAC`, in a form that survives folding. `r` has eight characters for each recipient,
// a digest under the key: it tells the holder of the key whether an address is among them, and
// tells nothing to anyone else (blind copies stay blind). `e` is present for a message to a single
// recipient: its address, encrypted, so that a complaint from which the address was removed can be
// understood. `h` covers all before it. A recipient with two names counts once and has two digests.
// Of a message with more than kTracedRecipients names, the first are included, second names last.
//
// Hosts that receive each other's bounces share the key file. Pure, immutable after parse; safe
// from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd {

inline constexpr std::string_view kTraceHeader = "Suppressd-Trace";
inline constexpr std::size_t kTracedRecipients = 1000;

/// One key of the file. It signs until there is a newer key. After that, it stays valid for as long
/// as traces are.
struct TraceKey {
  std::string id;  ///< Written into the header: letters and digits.
  Time since;
  std::string secret;  ///< kSecretBytes bytes.
};

/// What is signed.
struct TracedMessage {
  std::string_view queue_id;
  Time at;
  std::string_view sender;              ///< Envelope sender as given.
  std::vector<std::string> recipients;  ///< Canonical.
  /// Second names of recipients: the address that the client gave, if the MTA has rewritten it.
  /// Canonical.
  std::vector<std::string> other_names = {};
};

/// A trace that was verified.
class Trace {
 public:
  std::string queue_id;
  Time at;
  std::string sender;
  std::size_t count = 0;                      ///< Recipients of the message.
  std::optional<std::string> sole_recipient;  ///< Only if the message has one recipient.

  /// Whether the message went to this canonical address.
  bool names(std::string_view address) const;

 private:
  friend class TraceKeys;
  std::string digests_;
  std::string recipient_key_;
};

class TraceKeys {
 public:
  /// The file: one key per line, `ID SINCE SECRET`; `#` begins a comment. Errors: `NAME:LINE: ...`.
  static Result<TraceKeys> parse(std::string_view text, const std::string& name);
  std::string text() const;

  bool empty() const { return keys_.empty(); }
  const std::vector<TraceKey>& keys() const { return keys_; }

  /// Adds a key that signs from now on. `random`: kSecretBytes from a source of randomness.
  void add(std::string_view random, Time now);
  /// Removes keys that were replaced longer than `life` ago; the newest always stays.
  void expire(Time now, Duration life);

  /// The header's value, folded with LF and a tab. Needs a key.
  std::string sign(const TracedMessage& message) const;
  /// Error: says why this value proves nothing. `life`: how old a trace may be.
  Result<Trace> verify(std::string_view value, Time now, Duration life) const;

 private:
  std::vector<TraceKey> keys_;  ///< Oldest first.
};

}  // namespace suppressd
