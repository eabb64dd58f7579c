#include "notice_words.h"

#include <algorithm>
#include <utility>

#include "suppressd/base/text.h"
#include "suppressd/core/stage_words.h"

#include "mail_header.h"
#include "transcript.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kLongestWords = 1000;
constexpr std::size_t kMostSessions = 1000;

/// Sendmail's heading above the session: begin and end; both are the text's end if there is none.
std::pair<std::size_t, std::size_t> transcript_heading(std::string_view text) {
  static const RE2 heading(R"((?i)transcript of session follows[^\n]*\n)", for_bytes());
  re2::StringPiece found;
  if (!heading.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, &found, 1))
    return {text.size(), text.size()};
  return {static_cast<std::size_t>(found.begin() - text.data()),
          static_cast<std::size_t>(found.end() - text.data())};
}

/// Without lines that only describe our message: its subject may be any words.
std::string without_subject(std::string_view text) {
  static const RE2 subject(
      R"((?mi)^[ \t>*]*(?:message )?(?:subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|subiect|temat|p\S{1,2}edm\S{1,2}t|t\S{1,2}rgy|konu|ема|έμα|件名|主[题題旨]|제목)[ \t]*(?::|：)[^\n]*)",
      for_bytes());
  std::string result(text);
  RE2::GlobalReplace(&result, subject, "");
  return result;
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string result;
  for (const char c : trim(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  return clean(result, kLongestWords);
}

RE2::Options for_bytes() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  return options;
}

std::size_t begin_of_reply(std::string_view text) {
  static const RE2 reply(
      R"((?m)(?:^[ \t]*(?:<<< ?|> ?|Received >>> ?|S: ?|#)?|<-- |(?:(?:said|returned|response|reply|replied|error|code|reason|smtp)[:;]?|(?:was|with|is):)[ \t\n]*['"\[(<#]?|[:;][ \t]+|['"\[(])([45]\d\d[ \-:;,.#]))",
      for_bytes());
  re2::StringPiece code;
  if (!RE2::PartialMatch({text.data(), text.size()}, reply, &code)) return text.size();
  return static_cast<std::size_t>(code.data() - text.data());
}

Words words_in(std::string_view text) {
  static const RE2 status(R"((?:#|[Ss]tatus:? ?\(?|[\s(]|^)([45]\.\d{1,3}\.\d{1,3})(?:[\s):,;>]|$))",
                          for_bytes());
  static const RE2 behind(
      R"(\n(?:Giving up on |I'm not going to try again|\n|[ \t]*-{3,}|[ \t]*={3,}|[^\n]{0,60}--> ))",
      for_bytes());
  static const RE2 farewell(R"(\nI'm not going to try again)", for_bytes());
  const auto end_of = [](const RE2& pattern, std::string_view part) {
    re2::StringPiece found;
    if (!pattern.Match({part.data(), part.size()}, 0, part.size(), RE2::UNANCHORED, &found, 1))
      return part.size();
    return static_cast<std::size_t>(found.data() - part.data());
  };
  Words words;
  text = text.substr(0, kLongestSegment);
  re2::StringPiece found;
  const re2::StringPiece all(text.data(), text.size());
  std::string_view kept = text;
  char closing = '\0';  // What ends a reply that is quoted.
  if (const auto at = begin_of_reply(text); at < text.size()) {
    words.has_reply = true;
    words.stage = stage_in_transcript(text, at);
    kept = text.substr(at);
    const char before = at > 0 ? text[at - 1] : ' ';
    closing = before == '[' ? ']' : before == '\'' || before == '"' ? before : '\0';
    if (text.substr(0, at).ends_with("<<< ")) {
      // A reply that a transcript shows ends where its mark does.
      auto rest = kept;
      while (take_line(rest), rest.starts_with("<<<")) {
      }
      kept.remove_suffix(rest.size());
    }
    kept = kept.substr(0, end_of(behind, kept));
  } else {
    kept = kept.substr(0, end_of(farewell, kept));
  }
  words.text = words.has_reply ? one_line(kept) : one_line(without_subject(kept));
  if (closing != '\0' && words.text.ends_with(closing)) words.text.pop_back();
  if (words.text.ends_with(')') && std::ranges::count(words.text, ')') > std::ranges::count(words.text, '('))
    words.text.pop_back();
  if (words.stage == Stage::unknown) words.stage = stage_in_prose(text);
  const auto own = parse_reply(words.text).status;
  if (!own && RE2::PartialMatch(all, status, &found)) {
    words.status = parse_enhanced_status({found.data(), found.size()}).value_or(EnhancedStatus{});
  }
  return words;
}

std::unordered_map<std::string, std::string_view> sessions_in(std::string_view text) {
  static const RE2 rcpt(std::string(kSent) + R"(rcpt to:[ \t]*<?([^\s<>]{1,320}))", for_bytes());
  static const RE2 reply(R"(\n[^\n]{0,60}\b[2-5]\d\d[ -])", for_bytes());
  std::unordered_map<std::string, std::string_view> sessions;
  re2::StringPiece rest(text.data(), text.size());
  re2::StringPiece next;
  bool answered = true;  // The one before.
  bool more = RE2::FindAndConsume(&rest, rcpt, &next);
  while (more && sessions.size() < kMostSessions) {
    const auto named = next;
    const auto* const begin = rest.data();
    more = RE2::FindAndConsume(&rest, rcpt, &next);
    const auto* const end = more ? next.data() : text.data() + text.size();
    const auto part =
        std::string_view(begin, static_cast<std::size_t>(end - begin)).substr(0, kLongestSegment);
    const bool before = std::exchange(answered, RE2::PartialMatch({part.data(), part.size()}, reply));
    if (before && answered) sessions.emplace(to_lower({named.data(), named.size()}), part);
  }
  return sessions;
}

Words words_in_transcript(std::string_view text) {
  static const RE2 reply(R"((?m)^<<< [45]\d\d)", for_bytes());
  const auto below = transcript_heading(text).second;
  if (below == text.size()) return words_in(text);
  text = text.substr(below);
  if (RE2::PartialMatch({text.data(), text.size()}, reply)) return words_in(text);
  Words words;
  words.text = one_line(text);
  words.stage = stage_in_transcript(text, text.size());
  return words;
}

std::string_view above_transcript(std::string_view text) {
  return text.substr(0, transcript_heading(text).first);
}

std::string_view last_session(std::string_view text) {
  const auto lower = to_lower(text);
  const auto at = lower.rfind("while talking to");
  return at == std::string::npos ? text : text.substr(at);
}

std::unordered_map<std::string, std::string_view> lines_about(std::string_view text) {
  static const RE2 address(R"(([^\s<>()\[\]:;,"'@]{1,64}@[\w.-]{1,255}))", for_bytes());
  std::unordered_map<std::string, std::string_view> lines;
  while (!text.empty() && lines.size() < kMostSessions) {
    const auto line = take_line(text);
    if (line.size() <= 4 || (line[0] != '4' && line[0] != '5')) continue;
    re2::StringPiece rest(line.data(), line.size());
    re2::StringPiece one;
    while (RE2::FindAndConsume(&rest, address, &one)) {
      auto named = to_lower({one.data(), one.size()});
      while (named.ends_with('.')) named.pop_back();
      lines.emplace(std::move(named), line);
    }
  }
  return lines;
}

}  // namespace suppressd::report
