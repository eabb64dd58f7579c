#include "mime_text.h"

#include <algorithm>
#include <array>
#include <memory>

#include <gmime/gmime.h>

#include "suppressd/base/text.h"
#include "suppressd/base/utf8.h"
#include "suppressd/core/address.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kLongestValue = std::size_t{16} << 10;  ///< Of a header value that GMime is given.
constexpr std::size_t kLongestSubject = 1000;
constexpr std::int64_t kYear1990 = 631152000;
constexpr std::int64_t kYear2100 = 4102444800;

void start_gmime() {
  static const bool started = [] {
    g_mime_init();
    return true;
  }();
  (void)started;
}

/// As GMime needs it: terminated, bounded, without a byte that ends it early.
std::string for_gmime(std::string_view value, std::size_t limit = kLongestValue) {
  std::string text(value.substr(0, limit));
  std::ranges::replace(text, '\0', ' ');
  return text;
}

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Object = std::unique_ptr<void, Freed<g_object_unref>>;
using Text = std::unique_ptr<char, Freed<g_free>>;

std::string or_empty(const char* text) {
  return text == nullptr ? std::string{} : std::string(text);
}

void add_addresses(InternetAddressList* list, std::size_t limit, std::vector<std::string>& addresses) {
  // Groups within groups are not valid mail: one level.
  std::vector<InternetAddress*> waiting;
  for (int i = 0; i < internet_address_list_length(list); ++i) {
    auto* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(address)) {
      auto* members = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address));
      for (int j = 0; members != nullptr && j < internet_address_list_length(members); ++j) {
        waiting.push_back(internet_address_list_get_address(members, j));
      }
    } else {
      waiting.push_back(address);
    }
  }
  for (auto* address : waiting) {
    if (addresses.size() >= limit) return;
    if (!INTERNET_ADDRESS_IS_MAILBOX(address)) continue;
    auto canonical =
        canonical_address(or_empty(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))));
    if (canonical && std::ranges::find(addresses, *canonical) == addresses.end())
      addresses.push_back(*std::move(canonical));
  }
}

/// Charsets that mail is written in. Others are not looked for: a converter is a library that is loaded by
/// the name that a stranger gave.
bool is_charset_of_mail(std::string_view name) {
  static constexpr std::array<std::string_view, 14> kFamilies{
      "utf",  "us-ascii", "iso-8859", "iso-2022", "windows-",    "cp12",   "koi8",
      "euc-", "shift",    "gb",       "big5",     "unicode-1-1", "x-sjis", "ks_c"};
  return name.size() < 32 &&
         std::ranges::any_of(kFamilies, [&](std::string_view family) { return name.starts_with(family); });
}

}  // namespace

ContentType content_type(std::string_view value) {
  start_gmime();
  ContentType result;
  if (value.empty()) return result;
  const auto text = for_gmime(value);
  const Object object(g_mime_content_type_parse(nullptr, text.c_str()));
  auto* type = static_cast<GMimeContentType*>(object.get());
  const Text name(g_mime_content_type_get_mime_type(type));
  const auto parameter = [&](const char* key) {
    return or_empty(g_mime_content_type_get_parameter(type, key));
  };
  result.type = to_lower(or_empty(name.get()));
  if (result.type == "text/") result.type = "text/plain";
  result.boundary = parameter("boundary");
  result.charset = to_lower(parameter("charset"));
  result.report_type = to_lower(parameter("report-type"));
  return result;
}

std::string decoded(std::string_view body, std::string_view encoding, std::size_t limit) {
  start_gmime();
  const auto kind = g_mime_content_encoding_from_string(for_gmime(trim(encoding), 64).c_str());
  const bool encoded = kind == GMIME_CONTENT_ENCODING_BASE64 ||
                       kind == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
                       kind == GMIME_CONTENT_ENCODING_UUENCODE;
  if (!encoded) return std::string(body.substr(0, limit));
  body = body.substr(0, 4 * limit);
  GMimeEncoding state;
  g_mime_encoding_init_decode(&state, kind);
  std::string result(g_mime_encoding_outlen(&state, body.size()) + 8, '\0');
  result.resize(g_mime_encoding_flush(&state, body.data(), body.size(), result.data()));
  result.resize(std::min(result.size(), limit));
  return result;
}

std::string to_utf8(std::string text, std::string_view charset) {
  if (charset.empty() || charset == "utf-8" || charset == "us-ascii" || !is_charset_of_mail(charset))
    return text;
  // Many programs name another charset than they write.
  const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii && is_utf8(text)) return text;
  start_gmime();
  const std::string name = charset.starts_with("unicode-1-1-utf-7") ? "UTF-7" : std::string(charset);
  auto* const converter = g_mime_iconv_open("UTF-8", name.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1))
    return text;  // NOLINT(performance-no-int-to-ptr): how iconv says it
  std::string result(4 * text.size() + 16, '\0');
  char* in = text.data();
  std::size_t in_left = text.size();
  char* out = result.data();
  std::size_t out_left = result.size();
  while (in_left > 0 && out_left > 0 &&
         g_mime_iconv(converter, &in, &in_left, &out, &out_left) == static_cast<std::size_t>(-1)) {
    if (in_left == 0 || out_left == 0) break;
    *out++ = '?';
    --out_left;
    ++in;
    --in_left;
  }
  g_mime_iconv_close(converter);
  result.resize(result.size() - out_left);
  return result;
}

std::string decoded_words(std::string_view value) {
  start_gmime();
  const Text text(g_mime_utils_header_decode_text(nullptr, for_gmime(value, 4 * kLongestSubject).c_str()));
  return clean(or_empty(text.get()), kLongestSubject);
}

std::vector<std::string> addresses_in(std::string_view value, std::size_t limit) {
  start_gmime();
  std::vector<std::string> addresses;
  if (trim(value).empty()) return addresses;
  const Object list(internet_address_list_parse(nullptr, for_gmime(value).c_str()));
  if (list) add_addresses(static_cast<InternetAddressList*>(list.get()), limit, addresses);
  return addresses;
}

std::optional<Time> date_in(std::string_view value) {
  start_gmime();
  const auto text = for_gmime(trim(value), 200);
  if (text.empty()) return std::nullopt;
  const std::unique_ptr<GDateTime, Freed<g_date_time_unref>> date(
      g_mime_utils_header_decode_date(text.c_str()));
  if (!date) return std::nullopt;
  const auto seconds = g_date_time_to_unix(date.get());
  if (seconds < kYear1990 || seconds >= kYear2100) return std::nullopt;
  return from_unix(seconds);
}

std::string text_of_html(std::string_view html) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kEntities{{{"&lt;", "<"},
                                                                                           {"&gt;", ">"},
                                                                                           {"&amp;", "&"},
                                                                                           {"&nbsp;", " "},
                                                                                           {"&quot;", "\""},
                                                                                           {"&#39;", "'"},
                                                                                           {"&#64;", "@"},
                                                                                           {"&apos;", "'"},
                                                                                           {"&#160;", " "}}};
  static constexpr std::array<std::string_view, 10> kBlocks{"<br", "<p",  "</p", "<div", "</div",
                                                            "<tr", "<li", "<td", "<h",   "<table"};
  std::string result;
  while (!html.empty()) {
    if (html[0] == '<') {
      auto end = html.find('>');
      for (const std::string_view hidden : {"<style", "<script", "<!--"}) {
        if (!starts_with_ignoring_case(html, hidden)) continue;
        const auto close = hidden == "<!--"     ? std::string_view("-->")
                           : hidden == "<style" ? std::string_view("</style")
                                                : "</script";
        const auto at = html.find(close);
        end = at == std::string_view::npos ? at : html.find('>', at);
      }
      if (std::ranges::any_of(kBlocks,
                              [&](std::string_view block) { return starts_with_ignoring_case(html, block); }))
        result += '\n';
      html.remove_prefix(end == std::string_view::npos ? html.size() : end + 1);
      continue;
    }
    const auto entity =
        std::ranges::find_if(kEntities, [&](const auto& pair) { return html.starts_with(pair.first); });
    if (html[0] == '&' && entity != kEntities.end()) {
      result += entity->second;
      html.remove_prefix(entity->first.size());
      continue;
    }
    result += html[0];
    html.remove_prefix(1);
  }
  return result;
}

}  // namespace suppressd::report
