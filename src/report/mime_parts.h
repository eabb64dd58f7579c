// The parts of a mail, as a flat list. Private to this layer.
//
// Boundaries are searched level by level with a list of what is still to do, never by recursion, and within
// the limits of reader.h. A message within the message is one part and is not examined. If no line has the
// boundary that the header states, the one that the body itself uses is taken.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail_header.h"
#include "mime_text.h"

namespace suppressd::report {

struct Part {
  MailHeader header;
  ContentType content;
  std::string_view body;  ///< As it is in the mail.
};

/// All parts that are not multipart, in the mail's order. `body` follows `header`.
std::vector<Part> parts_of(const MailHeader& header, std::string_view body);

/// The part's text, decoded and in UTF-8 with LF at line ends, at most `limit` bytes.
std::string text_of(const Part& part, std::size_t limit);

}  // namespace suppressd::report
