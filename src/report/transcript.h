// The session with a server as a notice shows it: `>>> RCPT TO:<user@example.com>`, `<<< 550 5.1.1 no`.
// Private to this layer.
//
// Read once per notice, in one pass over its lines, then queried for each recipient; at most 1000 replies are
// kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/reply.h"

namespace suppressd::report {

/// RE2, in front of a command that a transcript shows as sent.
inline constexpr std::string_view kSent =
    R"((?mi)^[ \t]*(?:>>>|Sent <<<|Out:|C:|Command:|[^\n:]{1,30} sent:|[^\n]{0,60}-->)[ \t]*)";

/// Of a text that shows one: the command that was sent last before the reply at `at`.
Stage stage_in_transcript(std::string_view text, std::size_t at);

class Transcript {
 public:
  explicit Transcript(std::string_view text);

  /// At which command the server gave that reply; unknown if the session does not have it.
  Stage stage_of(std::string_view reply) const;

 private:
  struct Answer {
    std::string text;
    Stage stage;
  };
  std::vector<Answer> answers_;  ///< The first of each text, in order.
};

}  // namespace suppressd::report
