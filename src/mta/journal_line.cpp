#include "journal_line.h"

#include <algorithm>
#include <cstdint>

#include "suppressd/base/scan.h"
#include "suppressd/base/utf8.h"

namespace suppressd {
namespace {

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t' || text[0] == '\r' || text[0] == '\n'))
    text.remove_prefix(1);
}

std::optional<unsigned> take_hex4(std::string_view& text) {
  if (text.size() < 4) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (error != std::errc{} || end != text.data() + 4) return std::nullopt;
  text.remove_prefix(4);
  return value;
}

/// Reads the digits after `\u`. A lone surrogate becomes U+FFFD.
bool take_code_point(std::string_view& text, std::string& out) {
  std::optional<unsigned> point = take_hex4(text);
  if (!point) return false;
  if (*point >= 0xD800 && *point < 0xE000) {
    const bool high = *point < 0xDC00;
    std::string_view rest = text;
    const std::optional<unsigned> low = high && scan::take(rest, "\\u") ? take_hex4(rest) : std::nullopt;
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
      text = rest;
    } else {
      point = 0xFFFD;
    }
  }
  append_character(out, *point);
  return true;
}

/// Position of the next quote or backslash; the size of `text` if there is none.
std::size_t end_of_run(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '"' && text[end] != '\\') ++end;
  return end;
}

/// Takes a string. Decoded text is appended to `out`, within the capacity that the caller reserved.
std::optional<std::string_view> take_string(std::string_view& text, std::string& out) {
  if (!scan::take(text, "\"")) return std::nullopt;
  const std::size_t plain = end_of_run(text);
  if (plain == text.size()) return std::nullopt;
  if (text[plain] == '"') {
    const std::string_view value = text.substr(0, plain);
    text.remove_prefix(plain + 1);
    return value;
  }
  const std::size_t begin = out.size();
  while (!text.empty()) {
    const std::size_t run = end_of_run(text);
    if (run == text.size()) return std::nullopt;
    out.append(text.substr(0, run));
    const char found = text[run];
    text.remove_prefix(run + 1);
    if (found == '"') return std::string_view(out).substr(begin);
    if (text.empty()) return std::nullopt;
    const char escape = text[0];
    text.remove_prefix(1);
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (const std::size_t at = kEscapes.find(escape); at != std::string_view::npos) {
      out.push_back(kMeanings[at]);
    } else if (escape != 'u' || !take_code_point(text, out)) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// Takes an array. Bytes become text. Of strings (the entry has the field twice), the first counts.
std::optional<std::string_view> take_array(std::string_view& text, std::string& out) {
  if (!scan::take(text, "[")) return std::nullopt;
  const std::size_t begin = out.size();
  std::optional<std::string_view> first;
  skip_blanks(text);
  if (scan::take(text, "]")) return std::string_view{};
  for (;;) {
    skip_blanks(text);
    if (text.starts_with('"')) {
      const std::optional<std::string_view> value = take_string(text, out);
      if (!value) return std::nullopt;
      if (!first) first = value;
    } else {
      int value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || value < -128 || value > 255) return std::nullopt;
      out.push_back(static_cast<char>(static_cast<unsigned char>(value)));
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    skip_blanks(text);
    if (scan::take(text, "]")) return first ? *first : std::string_view(out).substr(begin);
    if (!scan::take(text, ",")) return std::nullopt;
  }
}

/// Takes any value that a journal entry can have; null, true and false become an empty text.
std::optional<std::string_view> take_value(std::string_view& text, std::string& out) {
  if (text.starts_with('"')) return take_string(text, out);
  if (text.starts_with('[')) return take_array(text, out);
  const std::size_t end = std::min(text.find_first_of(",} \t\r\n"), text.size());
  const std::string_view word = text.substr(0, end);
  const bool number = !word.empty() && word.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  if (!number && word != "null" && word != "true" && word != "false") return std::nullopt;
  text.remove_prefix(end);
  return number ? word : std::string_view{};
}

}  // namespace

std::optional<LogEntry> parse_journal_line(std::string_view line, std::string& decoded) {
  decoded.clear();
  // Decoded text is never longer than its encoded form: `decoded` does not move, so views into it
  // stay valid.
  decoded.reserve(line.size());
  skip_blanks(line);
  if (!scan::take(line, "{")) return std::nullopt;
  LogEntry entry;
  std::optional<std::int64_t> microseconds;
  std::string_view command;
  skip_blanks(line);
  bool open = !scan::take(line, "}");
  while (open) {
    skip_blanks(line);
    const std::optional<std::string_view> name = take_string(line, decoded);
    skip_blanks(line);
    if (!name || !scan::take(line, ":")) return std::nullopt;
    skip_blanks(line);
    const std::optional<std::string_view> value = take_value(line, decoded);
    if (!value) return std::nullopt;
    if (*name == "MESSAGE") {
      entry.message = *value;
    } else if (*name == "__REALTIME_TIMESTAMP") {
      microseconds = scan::number<std::int64_t>(*value);
    } else if (*name == "_HOSTNAME") {
      entry.host = *value;
    } else if (*name == "SYSLOG_IDENTIFIER") {
      entry.tag = *value;
    } else if (*name == "_COMM") {
      command = *value;
    }
    skip_blanks(line);
    if (scan::take(line, "}")) {
      open = false;
    } else if (!scan::take(line, ",")) {
      return std::nullopt;
    }
  }
  skip_blanks(line);
  if (!line.empty() || !microseconds || *microseconds < 0) return std::nullopt;
  entry.at = from_unix(*microseconds / 1'000'000);
  if (entry.tag.empty()) entry.tag = command;
  return entry;
}

}  // namespace suppressd
