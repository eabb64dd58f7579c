#include "suppressd/core/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include <idn2.h>

#include "suppressd/base/text.h"
#include "suppressd/base/utf8.h"

namespace suppressd {
namespace {

constexpr std::size_t kLongestLocal = 64;    // RFC 5321 section 4.5.3.1.1
constexpr std::size_t kLongestDomain = 255;  // section 4.5.3.1.2
constexpr std::size_t kLongestLabel = 63;    // RFC 1035 section 2.3.4

/// For each byte its lower case where it may stand in an unquoted local part (atext of RFC 5322) or in a host
/// name; 0 where it may not.
struct Alphabet {
  std::array<char, 256> atext{};
  std::array<char, 256> host{};
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (const char c : std::string_view{"abcdefghijklmnopqrstuvwxyz0123456789_-"}) {
    alphabet.atext[static_cast<unsigned char>(c)] = c;
    alphabet.host[static_cast<unsigned char>(c)] = c;
  }
  for (const char c : std::string_view{"!#$%&'*+/=?^`{|}~"})
    alphabet.atext[static_cast<unsigned char>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c) {
    alphabet.atext[static_cast<unsigned char>(c)] = static_cast<char>(c + ('a' - 'A'));
    alphabet.host[static_cast<unsigned char>(c)] = static_cast<char>(c + ('a' - 'A'));
  }
  return alphabet;
}
constexpr Alphabet kAlphabet = make_alphabet();

char atext(char c) {
  return kAlphabet.atext[static_cast<unsigned char>(c)];
}
char host_character(char c) {
  return kAlphabet.host[static_cast<unsigned char>(c)];
}

/// Writes the dot-separated words of `text` in lower case to `out`; false where a word is empty, over
/// `longest`, or has a character that `lower` maps to 0.
template <typename Lower>
bool copy_words(std::string_view text, std::size_t longest, Lower lower, char* out) {
  std::size_t word = 0;
  for (const char c : text) {
    if (c == '.') {
      if (word == 0) return false;
      word = 0;
      *out++ = '.';
      continue;
    }
    const char small = lower(c);
    if (small == 0 || ++word > longest) return false;
    *out++ = small;
  }
  return word > 0;
}

/// The path of nearly every address: all ASCII, nothing quoted, no trailing dot. One pass.
bool plain_address(std::string_view text, std::string& address) {
  const auto at = text.rfind('@');
  if (at > kLongestLocal || text.size() - at - 1 > kLongestDomain)
    return false;  // Without an `@`, `at` is the greatest number.
  std::array<char, kLongestLocal + 1 + kLongestDomain> out;
  if (!copy_words(text.substr(0, at), kLongestLocal, atext, out.data())) return false;
  out[at] = '@';
  if (!copy_words(text.substr(at + 1), kLongestLabel, host_character, out.data() + at + 1)) return false;
  address.assign(out.data(), text.size());
  return true;
}

std::string shown(std::string_view text) {
  return "\"" + clean(text, 100) + "\"";
}

Error not_an_address(std::string_view text, std::string_view why) {
  return {shown(text) + " is not a mail address: " + std::string(why) + " (write it like user@example.com)"};
}

/// Address literal (RFC 5321 section 4.1.3) in lower case.
Result<std::string> canonical_literal(std::string_view text) {
  auto literal = to_lower(text);
  constexpr std::string_view kTag = "ipv6:";
  in6_addr binary{};
  if (literal.size() > 2 && literal.ends_with(']')) {
    const auto inside = literal.substr(1, literal.size() - 2);
    const bool six = inside.starts_with(kTag);
    const bool hidden = inside.find('\0') != std::string::npos;  // inet_pton would stop there.
    if (!hidden &&
        inet_pton(six ? AF_INET6 : AF_INET, inside.c_str() + (six ? kTag.size() : 0), &binary) == 1)
      return literal;
  }
  return Error{shown(text) + " is not an address literal (write it like [192.0.2.1] or [IPv6:2001:db8::1])"};
}

/// A-labels of a domain with U-labels (IDNA2008, non-transitional as in UTS 46).
Result<std::string> to_a_labels(std::string_view text) {
  // No character takes more than four bytes, and none becomes shorter than one octet.
  if (text.size() > 4 * kLongestDomain) return Error{"the domain is longer than 255 octets"};
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return Error{"the domain has a control character"};
  std::uint8_t* converted = nullptr;
  const int outcome = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(terminated.c_str()), &converted,
                                     IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<std::uint8_t, decltype(&idn2_free)> owner(converted, &idn2_free);
  if (outcome != IDN2_OK) {
    return Error{"the domain " + shown(text) +
                 " is not an internationalised domain name: " + idn2_strerror(outcome)};
  }
  return std::string(reinterpret_cast<const char*>(converted));
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Why a text is not a domain, without naming the whole text.
Result<std::string> read_domain(std::string_view text) {
  if (text.empty()) return Error{"the domain is empty"};
  if (text.starts_with('[')) return canonical_literal(text);
  std::string name(text);
  if (!is_ascii(text)) {
    auto converted = to_a_labels(text);
    if (!converted) return converted;
    name = std::move(*converted);
  }
  if (name.ends_with('.')) name.pop_back();
  if (name.size() > kLongestDomain) return Error{"the domain is longer than 255 octets"};
  std::string result(name.size(), '\0');
  if (!copy_words(name, kLongestLabel, host_character, result.data())) {
    return Error{shown(text) +
                 " is not a domain (labels of letters, digits, - and _, each of 1 to 63 octets)"};
  }
  return result;
}

/// The address cut at its last unquoted `@`, with quotes and backslashes of the local part taken off.
struct Parts {
  std::string local;
  std::string_view domain;
  bool has_domain = false;
};

/// Reads a local part in the forms of RFC 5321 and the older ones of RFC 5322 (`"a b".c`), and also one that
/// needs quotes but has none, as Postfix before 3.5 logs it.
Result<Parts> split(std::string_view text) {
  Parts parts;
  std::size_t last_at = std::string::npos;  // In parts.local.
  bool quoted = false;
  bool word_begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (++i == text.size()) return Error{"it ends in a backslash"};
      parts.local += text[i];
      word_begins = false;
    } else if (quoted) {
      if (c != '"') {
        parts.local += c;
        continue;
      }
      quoted = false;
      if (i + 1 < text.size() && text[i + 1] != '.' && text[i + 1] != '@')
        return Error{"a quoted part ends in the middle of a word"};
    } else if (c == '"' && word_begins) {
      quoted = true;
      word_begins = false;
    } else if (c == '"') {
      return Error{"a quote in the middle of a word needs a backslash before it"};
    } else {
      if (c == '@') {
        last_at = parts.local.size();
        parts.domain = text.substr(i + 1);
      }
      parts.local += c;
      word_begins = c == '.' || c == '@';
    }
  }
  if (quoted) return Error{"a quote is not closed"};
  if (last_at != std::string::npos) {
    parts.has_domain = true;
    parts.local.resize(last_at);
  }
  return parts;
}

/// The local part as RFC 5321 section 4.1.2 writes it: a dot-string where it can be one, else in quotes with
/// as few backslashes as possible.
Result<std::string> canonical_local(std::string_view content) {
  if (content.empty()) return Error{"the part before the @ is empty"};
  std::string result = to_lower(content);
  bool needs_quotes =
      content.starts_with('.') || content.ends_with('.') || content.find("..") != std::string_view::npos;
  for (auto rest = content; !rest.empty();) {
    char32_t character = 0;
    const auto length = next_character(rest, character);
    if (length == 0) return Error{"it is not UTF-8"};
    if (is_control(character)) return Error{"it has a control character"};
    if (length == 1 && rest[0] != '.' && atext(rest[0]) == 0) needs_quotes = true;
    rest.remove_prefix(length);
  }
  if (needs_quotes) {
    std::string in_quotes = "\"";
    for (const char c : result) {
      if (c == '"' || c == '\\') in_quotes += '\\';
      in_quotes += c;
    }
    result = std::move(in_quotes) + '"';
  }
  if (result.size() > kLongestLocal) return Error{"the part before the @ is longer than 64 octets"};
  return result;
}

/// What a client types, without blanks and brackets around it.
Result<std::string_view> without_brackets(std::string_view text) {
  const auto inside = trim(text);
  if (!inside.starts_with('<')) return inside;
  if (!inside.ends_with('>')) return not_an_address(text, "it begins with < and does not end with >");
  return trim(inside.substr(1, inside.size() - 2));
}

/// Position after the source route (`@a,@b:`) that `text` begins with; 0: there is none.
std::size_t route_length(std::string_view text) {
  if (!text.starts_with('@')) return 0;
  bool literal = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') literal = true;
    if (text[i] == ']') literal = false;
    if (text[i] == ':' && !literal) return i + 1;
  }
  return 0;
}

}  // namespace

Result<std::string> canonical_address(std::string_view text, std::string_view default_domain) {
  auto typed = without_brackets(text);
  if (!typed) return typed.error();
  std::string plain;
  if (plain_address(*typed, plain)) return plain;

  const auto bare = typed->substr(route_length(*typed));
  if (bare.empty())
    return Error{"the address is empty, as the null sender's is; write it like user@example.com"};
  auto parts = split(bare);
  if (!parts) return not_an_address(text, parts.error().message);
  if (!parts->has_domain) {
    if (default_domain.empty()) return not_an_address(text, "it has no @ and no domain");
    parts->domain = default_domain;
  }
  auto local = canonical_local(parts->local);
  if (!local) return not_an_address(text, local.error().message);
  const auto domain = read_domain(parts->domain);
  if (!domain) return not_an_address(text, domain.error().message);
  return std::move(local).value() + '@' + *domain;
}

bool make_canonical(std::string_view text, std::string& address) {
  const auto typed = without_brackets(text);
  if (typed && plain_address(*typed, address)) return true;
  auto made = canonical_address(text);
  address = made ? std::move(*made) : std::string{};
  return made.ok();
}

Result<std::string> canonical_entry(std::string_view text) {
  const auto typed = without_brackets(text);
  if (!typed) return typed.error();
  if (!typed->starts_with('@') || route_length(*typed) > 0) return canonical_address(text);
  const bool subdomains = typed->starts_with("@.");
  auto domain = read_domain(typed->substr(subdomains ? 2 : 1));
  if (domain && subdomains && domain->starts_with('['))
    domain = Error{"an address literal has no subdomains"};
  if (!domain) {
    return Error{shown(text) + " is not a domain: " + domain.error().message +
                 " (write it like @example.com, or its subdomains like @.example.com)"};
  }
  return (subdomains ? "@." : "@") + *domain;
}

Result<std::string> canonical_domain(std::string_view text) {
  auto domain = read_domain(trim(text));
  if (!domain) return Error{shown(text) + " is not a domain: " + domain.error().message};
  return domain;
}

std::string_view domain_of(std::string_view canonical) {
  const auto at = canonical.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : canonical.substr(at + 1);
}

std::string_view whole_domain_of(std::string_view canonical) {
  const auto at = canonical.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : canonical.substr(at);
}

}  // namespace suppressd
