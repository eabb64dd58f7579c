#include "exim/delivery_line.h"

#include <algorithm>

#include "suppressd/base/scan.h"

namespace suppressd {
namespace {

constexpr auto kNone = std::string_view::npos;

/// Up to the first `end` outside quotes, which is taken off, too; all of it where there is none.
std::string_view take_word(std::string_view& text, char end) {
  const std::size_t at = std::min(scan::find_unquoted(text, end), text.size());
  const std::string_view word = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return word;
}

/// Takes a colon at the end of a word off: the reason comes next.
bool take_colon(std::string_view& word) {
  if (!word.ends_with(':')) return false;
  word.remove_suffix(1);
  return true;
}

/// `mx.example.com (helo) [192.0.2.1]:25`, which has blanks in it; `ends`: a reason follows.
std::string_view take_host(std::string_view& text, bool& ends) {
  const std::size_t bracket = text.find(']');
  if (bracket == kNone) return take_word(text, ' ');
  const std::size_t end = std::min(text.find(' ', bracket), text.size());
  std::string_view host = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  ends = take_colon(host);
  return host;
}

}  // namespace

std::optional<EximDelivery> read_exim_delivery(std::string_view fields) {
  EximDelivery line;
  if (scan::find_unquoted(fields, ' ') == kNone) return std::nullopt;
  line.address = take_word(fields, ' ');
  bool ends = take_colon(line.address);
  while (!ends && !fields.empty()) {
    if (scan::take(fields, "H=")) {
      line.host = take_host(fields, ends);
    } else if (scan::take(fields, "C=\"")) {
      line.confirmation = fields.substr(0, fields.rfind('"'));
      break;  // what the server said
    } else {
      std::string_view word = take_word(fields, ' ');
      ends = take_colon(word);
      if (scan::take(word, "T=")) line.transport = word;
    }
  }
  line.reason = ends ? fields : std::string_view{};
  if (line.address.empty()) return std::nullopt;
  return line;
}

}  // namespace suppressd
