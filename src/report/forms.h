// Forms of notices that MTAs write in words of their own, as data. Private to this layer.
//
// A form is known by its opening words; its recipients stand on lines of the forms named with it, and nowhere
// else: an address in the text of a server's reply is none. The first form in the table whose opening is
// there, and which finds a recipient, is taken.
#pragma once

#include <span>
#include <string_view>

namespace suppressd::report {

/// Where a recipient's words stand.
enum class WordsAt {
  line,        ///< On its line.
  behind,      ///< Between its line and the next recipient's.
  before,      ///< Above its line, back to the recipient before: a transcript.
  shared,      ///< Once, for all recipients.
  transcript,  ///< In the session that Sendmail shows under a heading of its own, where they do not stand
               ///< behind.
};

/// Whose mail may have the form.
enum class Sender {
  any,
  null,    ///< The null sender's or a mail system's.
  system,  ///< A mail system's: the opening names no program, people may use its words too.
};

struct Form {
  std::string_view id;
  std::string_view opening;  ///< RE2, without case; anywhere in the first 4 KB of the notice. Empty: whatever
                             ///< tells of a failure.
  std::string_view lines;    ///< Names of kinds of lines, parted by blanks: line_forms().
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
