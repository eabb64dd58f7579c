// What GMime does for this layer: transfer encodings, charsets, encoded words, addresses and dates. Private
// to this layer.
//
// GMime's parser builds objects within objects without a bound of ours, so parts are found by mime_parts.h,
// and GMime sees single values and leaves only, each of bounded size. Safe from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"

namespace suppressd::report {

struct ContentType {
  std::string type = "text/plain";  ///< `multipart/report`, lower case.
  std::string boundary;
  std::string charset;
  std::string report_type;  ///< Lower case.
};
/// Of a Content-Type value; an empty or broken one is text/plain.
ContentType content_type(std::string_view value);

/// `body` decoded as Content-Transfer-Encoding says; at most `limit` bytes come out.
std::string decoded(std::string_view body, std::string_view encoding, std::size_t limit);

/// UTF-8 from `charset`; if that is unknown, the bytes as they are.
std::string to_utf8(std::string text, std::string_view charset);

/// A header value with its encoded words (RFC 2047) decoded, as clean UTF-8.
std::string decoded_words(std::string_view value);

/// Canonical addresses of an address list (RFC 5322 section 3.4), in order, each once, at most `limit`; what
/// is not one is left out.
std::vector<std::string> addresses_in(std::string_view value, std::size_t limit = 100);

/// Of a Date field. Nothing if it cannot be read or is not between 1990 and 2100.
std::optional<Time> date_in(std::string_view value);

/// The words of an HTML page: without tags, with the common entities decoded, blocks on lines of their own.
std::string text_of_html(std::string_view html);

}  // namespace suppressd::report
