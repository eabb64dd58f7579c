// What a remote server said: code, enhanced status, text, and at which stage of the dialogue.
//
// Pure functions, safe from any thread. Views point into the caller's text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace suppressd {

/// RFC 3463 section 2: class.subject.detail. `subject` and `detail` are 0 to 999.
struct EnhancedStatus {
  std::uint8_t klass = 0;  ///< 2, 4 or 5; 0: there was none.
  std::uint16_t subject = 0;
  std::uint16_t detail = 0;

  explicit operator bool() const { return klass != 0; }
  bool operator==(const EnhancedStatus&) const = default;
};

/// Reads exactly `5.1.1` and nothing else.
std::optional<EnhancedStatus> parse_enhanced_status(std::string_view text);
std::string format_status(EnhancedStatus status);  ///< `5.1.1`; empty if there is none.

/// Where in the SMTP dialogue the reply came; `lookup` is before any connection (DNS), `connect` the
/// connection itself and the greeting.
enum class Stage : std::uint8_t { unknown, lookup, connect, helo, tls, auth, mail, rcpt, data, end_of_data };
std::string_view name_of(Stage stage);
std::optional<Stage> stage_from(std::string_view name);

struct Reply {
  int code = 0;  ///< SMTP reply code (RFC 5321 section 4.2), 200 to 599; 0: there was none.
  EnhancedStatus
      status;  ///< The status in the reply's own text, which may contradict the one that the MTA logged.
  Stage stage = Stage::unknown;
  std::string_view text;  ///< The reply with code and status, unchanged.
};

/// Reads a bare reply: `550 5.1.1 User unknown`, `550-5.7.1 one 550 5.7.1 two`, `550 #5.1.0 ...`, `(550 5.1.1
/// ...)`, `5.1.1 ...`, or only text. The first code at its start counts, and the status right after it, or
/// else qmail's mark `(#5.1.1)` at the very end; a code or status inside the prose does not.
Reply parse_reply(std::string_view text);

}  // namespace suppressd
