// The verdict on one recipient: refuse, pass, or fail open.
//
// Knows nothing about libmilter's protocol or SQLite: it queries a Lookup, and its ruling contains
// the note for the RefusalQueue. Bounces (null sender) are never refused. Immutable and safe from
// any thread; the Lookup must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/lookup.h"
#include "suppressd/core/refusal.h"

namespace suppressd {

enum class Mode { enforce, monitor };
enum class OnError { accept, tempfail };

struct GatekeeperSettings {
  Mode mode = Mode::enforce;
  OnError on_error = OnError::accept;
  std::string recipient_delimiter;  ///< Characters that begin an address's extension; empty: there is none.
  std::vector<std::string> bypass_senders;     ///< Canonical addresses, `@domain`s or `@.domain`s.
  std::vector<std::string> bypass_sasl_users;  ///< As the MTA gives them, compared exactly.
  std::vector<std::string> bypass_networks;    ///< `192.0.2.0/24`, `2001:db8::/32`, `192.0.2.1`.
};

/// What is known about the message when a recipient is checked.
struct Envelope {
  std::string sender;  ///< As the client gave it, without brackets; empty for the null sender.
  bool null_sender = false;
  std::string sasl_user;
  std::string client_ip;  ///< Empty for local submission.
  std::string queue_id;
};

struct Ruling {
  enum class Kind { pass, refuse, tempfail };
  Kind kind = Kind::pass;
  std::string address;  ///< Canonical; empty if it cannot be read.
  int code = 0;         ///< 550, 451.
  std::string status;   ///< `5.1.1`
  std::string text;     ///< Without `%` doubling; at most 900 characters, no control characters.
  Refusal note;         ///< Complete except for queue_id and outcome, if the address is suppressed.
  /// It is on the list; monitor mode, a bypass or enforcement that is off may let it pass all the same.
  bool suppressed = false;
  bool bypassed = false;
  /// Refused because a half-open entry is tested by one message at a time; this one may pass if it gets the
  /// claim (ProbeClaims). Address, kind and recipient are set.
  std::optional<Probe> probe;
  std::string no_room;  ///< With `probe`: the text if there is no room for its claim.
  std::string error;    ///< The look-up's error, to be logged (rate-limited).
};

/// The text of a reply, ASCII and cut. SMTP replies are (RFC 5321 section 4.2); names need not be.
std::string reply_text(std::string_view text);

class Gatekeeper {
 public:
  /// Error: a bypass entry cannot be read; the message names it.
  static Result<std::shared_ptr<const Gatekeeper>> make(GatekeeperSettings settings, Lookup& lookup);
  ~Gatekeeper();

  /// Of a half-open entry: refused, with Ruling::probe if no other message is known to test it.
  /// `recipient` is as the MTA or the client gave it; an address that cannot be read passes.
  Ruling rule(const Envelope& envelope, std::string_view recipient, Time now) const;

  /// Whether a canonical address is exempt. Error: the look-up's.
  Result<bool> exempt(std::string_view address) const;

  /// Whether mail is never refused: a bounce, or by one of milter.bypass_*.
  bool bypasses(const Envelope& envelope) const;

  /// The ruling if the list cannot be queried: what `on_error` says, but monitor mode, a bypass and
  /// bounces pass.
  Ruling undecided(const Envelope& envelope) const;

  const GatekeeperSettings& settings() const;

 private:
  struct Parts;
  explicit Gatekeeper(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace suppressd
