// What a notice says about one recipient: a server's reply in it, or its own words. Private to this layer.
//
// Pure functions, linear in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include <re2/re2.h>

#include "suppressd/core/reply.h"

namespace suppressd::report {

inline constexpr std::size_t kLongestSegment = 4096;  ///< Of the text after one recipient.

/// For texts in any charset, or in a wrong one: bytes.
RE2::Options for_bytes();

/// On one line, clean.
struct Words {
  std::string text;
  EnhancedStatus status;  ///< If the text has one that is not at its beginning.
  Stage stage = Stage::unknown;
  bool has_reply = false;
};

/// Clean, with one blank between words.
std::string one_line(std::string_view text);

/// Where the first reply of a server begins; the end if there is none.
std::size_t begin_of_reply(std::string_view text);

/// The first reply of a server in `text` and what follows, else all of it.
Words words_in(std::string_view text);

/// Under Sendmail's heading `Transcript of session follows`: the first reply that it shows, else all of it.
/// As words_in() without a heading.
Words words_in_transcript(std::string_view text);
/// What a transcript shows from each RCPT to the next one, by the address in lower case; without those that
/// were sent several at once.
std::unordered_map<std::string, std::string_view> sessions_in(std::string_view text);
/// The text above that heading; all if there is none.
std::string_view above_transcript(std::string_view text);
/// From the last line that begins a session with a host; all if there is none.
std::string_view last_session(std::string_view text);
/// The first line with a reply code about each address: a transcript names its recipients again.
std::unordered_map<std::string, std::string_view> lines_about(std::string_view text);

}  // namespace suppressd::report
