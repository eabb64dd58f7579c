// Forms of notices that MTAs write in their own words, as data. Private to this layer.
//
// A form is recognised by its opening words; its recipients are only on lines of the forms named with it: an
// address in the text of a server's reply is not a recipient. The first form in the table whose opening
// occurs, and which finds a recipient, is used.
#pragma once

#include <span>
#include <string_view>

namespace suppressd::report {

/// Where a recipient's words are.
enum class WordsAt {
  line,        ///< On its line.
  behind,      ///< Between its line and the next recipient's.
  before,      ///< Above its line, back to the recipient before: a transcript.
  shared,      ///< Once, for all recipients.
  transcript,  ///< In the session that Sendmail shows under its own heading, if they do not
               ///< follow.
};

/// Whose mail may have the form.
enum class Sender {
  any,
  null,    ///< The null sender's or a mail system's.
  system,  ///< A mail system's: the opening names no program, people may also use its words.
};

struct Form {
  std::string_view id;
  std::string_view opening;  ///< RE2, without case; anywhere in the first 4 KB of the notice. Empty: any
                             ///< words that report a failure.
  std::string_view lines;    ///< Names of kinds of lines, separated by blanks: line_forms().
  WordsAt words = WordsAt::behind;
  Sender sender = Sender::null;
  bool overrides = false;  ///< Its words are the reason, whatever the fields of the same report say.
};
std::span<const Form> forms();

/// A kind of line that names a recipient: RE2 with (?P<a>address), or (?P<u>text) that the program could not
/// read as an address, and optionally (?P<r>words) on the same line.
struct LineForm {
  std::string_view name;
  std::string_view pattern;
};
std::span<const LineForm> line_forms();

}  // namespace suppressd::report
