#include "suppressd/core/normal_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>

#include "suppressd/base/ascii.h"

namespace suppressd {
namespace {

constexpr std::size_t kLongestIp = 45;      // in characters
constexpr std::size_t kLongestLocal = 255;  // of an address that is looked for
constexpr std::size_t kShortestId = 8;
constexpr std::size_t kShortestNumber = 5;
constexpr std::ptrdiff_t kDigitsOfDate = 8;

bool is_high(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool in_name(char c) {
  return is_letter(c) || is_digit(c) || is_high(c) || c == '.' || c == '-' || c == '_';
}

bool in_local_part(char c) {
  return in_name(c) || std::string_view("!#$%&'*+/=?^`{|}~").find(c) != std::string_view::npos;
}

bool in_ip(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

bool is_mark(char c) {
  return c == '.' || c == ':';
}

bool is_ip(std::string_view text) {
  if (text.empty() || text.size() > kLongestIp) return false;
  const std::string copy(text);
  in6_addr address;
  return inet_pton(AF_INET, copy.c_str(), &address) == 1 || inet_pton(AF_INET6, copy.c_str(), &address) == 1;
}

/// Length of the IP address at the start of `text`; 0: there is none.
std::size_t ip_at(std::string_view text) {
  text = text.substr(0, kLongestIp + 8);  // with a port, and the end of a sentence
  auto run = text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, in_ip) - text.begin()));
  if (std::ranges::count_if(run, is_mark) < 2 || (run.size() < text.size() && in_name(text[run.size()])))
    return 0;
  if (is_ip(run)) return run.size();                                                    // it may end in `::`
  for (int marks = 0; marks < 2 && is_mark(run.back()); ++marks) run.remove_suffix(1);  // of the sentence
  if (is_ip(run)) return run.size();
  const auto port = run.rfind(':');
  return port != std::string_view::npos && is_ip(run.substr(0, port)) ? port : 0;
}

/// A word: name characters, and the colons of a time, `14:03`. Without the marks of the sentence at its end.
std::size_t word_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    const bool in_time = text[end] == ':' && end > 1 && is_digit(text[end - 2]) && is_digit(text[end - 1]) &&
                         end + 1 < text.size() && is_digit(text[end + 1]);
    if (!in_name(text[end]) && !in_time) break;
    ++end;
  }
  while (end > 1 && !is_letter(text[end - 1]) && !is_digit(text[end - 1]) && !is_high(text[end - 1])) --end;
  return end;
}

/// `mx1.example.com`: labels, the last one of letters.
bool is_host(std::string_view word) {
  const auto dot = word.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || word.find("..") != std::string_view::npos) return false;
  const auto last = word.substr(dot + 1);
  return last.size() >= 2 && std::ranges::all_of(last, [](char c) { return is_letter(c) || is_high(c); });
}

/// `S3150`, `RFC-5321`: a name, then a short number.
bool is_error_name(std::string_view word) {
  const auto digits = static_cast<std::size_t>(std::ranges::find_if(word, is_digit) - word.begin());
  const auto number = word.substr(digits);
  return number.size() < kShortestNumber && std::ranges::all_of(number, is_digit);
}

bool is_id(std::string_view word) {
  return word.size() >= kShortestId && std::ranges::count_if(word, is_digit) >= 2 &&
         std::ranges::any_of(word, is_letter) && !is_error_name(word);
}

/// A time, a date, or many digits in a row.
bool is_number(std::string_view word) {
  if (std::ranges::any_of(word, [](char c) { return !is_digit(c) && c != ':' && c != '.' && c != '-'; }))
    return false;
  if (std::ranges::count_if(word, is_digit) >= kDigitsOfDate || word.find(':') <= 2) return true;
  std::size_t run = 0;
  for (const char c : word) {
    run = is_digit(c) ? run + 1 : 0;
    if (run >= kShortestNumber) return true;
  }
  return false;
}

std::string_view name_for(std::string_view word, bool in_link) {
  if (is_host(word)) return in_link ? word : "{host}";
  if (is_id(word)) return "{id}";
  return is_number(word) ? "{number}" : word;
}

/// Takes the local part of an address off the end of what was written.
void drop_local_part(std::string& result) {
  const auto nearest = result.size() - std::min(result.size(), kLongestLocal);
  if (result.ends_with('"')) {
    const auto open = std::string_view(result).substr(nearest, result.size() - nearest - 1).rfind('"');
    if (open != std::string_view::npos) result.resize(nearest + open);
    return;
  }
  auto begin = result.size();
  while (begin > nearest && in_local_part(result[begin - 1])) --begin;
  if (begin < result.size() && result[begin] == '\'') ++begin;  // a quotation mark
  result.resize(begin);
}

}  // namespace

std::string normal_text(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    const auto rest = text.substr(i);
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (!result.empty() && result.back() != ' ') result += ' ';
      ++i;
    } else if (c == '@' && rest.size() > 1 && (in_name(rest[1]) || rest[1] == '[')) {
      drop_local_part(result);
      result += "{address}";
      const auto literal = rest[1] == '[' ? rest.substr(0, kLongestIp + 8).find(']') : std::string_view::npos;
      i += literal != std::string_view::npos ? literal + 1 : 1 + word_at(rest.substr(1));
    } else if (const auto ip = in_ip(c) ? ip_at(rest) : 0; ip > 0) {
      result += "{ip}";
      i += ip;
    } else if (const auto word = in_name(c) ? word_at(rest) : 0; word > 0) {
      result += name_for(rest.substr(0, word), result.ends_with("://"));
      i += word;
    } else {
      result += c;
      ++i;
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

}  // namespace suppressd
