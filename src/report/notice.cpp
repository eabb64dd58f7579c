#include "notice.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <re2/re2.h>

#include "suppressd/core/address.h"
#include "suppressd/core/text.h"
#include "suppressd/core/wording.h"
#include "suppressd/report/reader.h"

#include "forms.h"
#include "mail_header.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kOpening = 4096;  ///< Of a notice, in which its opening words stand.
constexpr std::size_t kLongestWords = 1000;
constexpr std::size_t kSegment = 4096;  ///< Of what stands behind one recipient.

RE2::Options options() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // A notice may be in any charset, or in a wrong one.
  options.set_log_errors(false);
  return options;
}

struct Line {
  std::string_view name;
  std::unique_ptr<RE2> pattern;
  int address = 0;
  int words = 0;  ///< 0: it has none.
};

struct Known {
  const Form* form;
  std::unique_ptr<RE2> opening;
  std::vector<const Line*> lines;
};

const std::vector<Line>& lines() {
  static const auto compiled = [] {
    std::vector<Line> result;
    for (const auto& form : line_forms()) {
      Line line{form.name, std::make_unique<RE2>(form.pattern, options())};
      const auto& groups = line.pattern->NamedCapturingGroups();
      line.address = groups.at("a");
      if (const auto words = groups.find("r"); words != groups.end()) line.words = words->second;
      result.push_back(std::move(line));
    }
    return result;
  }();
  return compiled;
}

const std::vector<Known>& known_forms() {
  static const auto compiled = [] {
    std::vector<Known> result;
    for (const auto& form : forms()) {
      Known known{&form, std::make_unique<RE2>("(?i)" + std::string(form.opening), options()), {}};
      auto names = form.lines;
      while (!names.empty()) {
        const auto name = names.substr(0, names.find(' '));
        names.remove_prefix(std::min(name.size() + 1, names.size()));
        for (const auto& line : lines()) {
          if (line.name == name) known.lines.push_back(&line);
        }
      }
      result.push_back(std::move(known));
    }
    return result;
  }();
  return compiled;
}

/// One place at which a recipient is named.
struct Place {
  std::size_t begin;
  std::size_t end;
  std::string address;
  std::string_view words;  ///< On the same line.
};

/// Addresses that a notice gives for questions, not as recipients.
bool is_contact(std::string_view address) {
  static constexpr std::array<std::string_view, 7> kContacts{"postmaster@", "mailer-daemon@", "abuse@",   "support@",
                                                             "helpdesk@",   "noreply@",       "no-reply@"};
  return std::ranges::any_of(kContacts, [&](std::string_view contact) { return address.starts_with(contact); });
}

void find_places(std::string_view text, const Line& line, std::vector<Place>& places) {
  std::array<re2::StringPiece, 4> groups;
  std::size_t from = 0;
  while (places.size() < 2 * kReportRecipients && from < text.size()) {
    const int count = line.pattern->NumberOfCapturingGroups() + 1;
    if (!line.pattern->Match({text.data(), text.size()}, from, text.size(), RE2::UNANCHORED, groups.data(), count)) return;
    const auto offset = [&](const re2::StringPiece& piece) { return static_cast<std::size_t>(piece.data() - text.data()); };
    const auto view = [](const re2::StringPiece& piece) { return std::string_view(piece.data(), piece.size()); };
    const auto begin = offset(groups[0]);
    const auto end = begin + groups[0].size();
    auto address = view(groups[static_cast<std::size_t>(line.address)]);
    while (address.ends_with('.') || address.ends_with('>')) address.remove_suffix(1);
    if (auto canonical = canonical_address(address)) {
      const auto words = line.words > 0 ? view(groups[static_cast<std::size_t>(line.words)]) : std::string_view{};
      places.push_back({begin, end, *std::move(canonical), words});
    }
    from = std::max(end, from + 1);
  }
}

/// Places that no other one covers, in order.
std::vector<Place> places_in(std::string_view text, const Known& known) {
  std::vector<Place> places;
  for (const auto* line : known.lines) find_places(text, *line, places);
  std::ranges::stable_sort(places, {}, &Place::begin);
  std::vector<Place> kept;
  for (auto& place : places) {
    if (kept.empty() || place.begin >= kept.back().end) kept.push_back(std::move(place));
  }
  return kept;
}

struct Words {
  std::string text;
  EnhancedStatus status;
  Stage stage = Stage::unknown;
  bool has_reply = false;
};

/// Clean, with one blank between words.
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

/// The command that the last line before `at` shows as sent.
Stage command_before(std::string_view text, std::size_t at) {
  static const RE2 command(R"((?mi)^[ \t]*(?:>>>|Sent <<<|Out:|C:)[ \t]*(\w+))", options());
  re2::StringPiece rest(text.data(), std::min(at, text.size()));
  std::string word;
  Stage stage = Stage::unknown;
  while (RE2::FindAndConsume(&rest, command, &word)) {
    const auto lower = to_lower(word);
    stage = lower == "mail"                      ? Stage::mail
            : lower == "rcpt"                    ? Stage::rcpt
            : lower == "data"                    ? Stage::data
            : lower == "helo" || lower == "ehlo" ? Stage::helo
                                                 : Stage::unknown;
  }
  return stage;
}

/// What `text` says: the first reply of a server in it and what follows, else all of it.
Words words_in(std::string_view text) {
  static const RE2 reply(
      R"((?m)(?:^[ \t]*(?:<<< ?|> ?|Received >>> ?|S: ?|#)?|(?:said|returned|response|reply|replied|error|code|reason|was|with|is|smtp)[:;]?[ \t\n]*['"\[(<#]?|[:;][ \t]+|['"\[(])([45]\d\d[ \-:;,.#]))",
      options());
  static const RE2 status(R"((?:\(#|^#|[Ss]tatus:? ?\(?|[\s(]|^)([45]\.\d{1,3}\.\d{1,3})(?:[\s):,;]|$))", options());
  static const RE2 behind(R"(\n(?:Giving up on |I'm not going to try again|\n|[ \t]*-{3,}|[ \t]*={3,}))", options());
  Words words;
  text = text.substr(0, kSegment);
  re2::StringPiece code;
  re2::StringPiece found;
  const re2::StringPiece all(text.data(), text.size());
  std::string_view kept = text;
  char closing = '\0';  // What ends a reply that is quoted.
  if (RE2::PartialMatch(all, reply, &code)) {
    const auto at = static_cast<std::size_t>(code.data() - text.data());
    words.has_reply = true;
    words.stage = command_before(text, at);
    kept = text.substr(at);
    const char before = at > 0 ? text[at - 1] : ' ';
    closing = before == '(' ? ')' : before == '[' ? ']' : before == '\'' || before == '"' ? before : '\0';
    if (text.substr(0, at).ends_with("<<< ")) {
      // A reply that a transcript shows ends where its mark does.
      auto rest = kept;
      while (take_line(rest), rest.starts_with("<<<")) {
      }
      kept.remove_suffix(rest.size());
    }
    re2::StringPiece whole;
    if (behind.Match({kept.data(), kept.size()}, 0, kept.size(), RE2::UNANCHORED, &whole, 1)) {
      kept = kept.substr(0, static_cast<std::size_t>(whole.data() - kept.data()));
    }
  }
  words.text = one_line(kept);
  if (closing != '\0' && words.text.ends_with(closing)) words.text.pop_back();
  if (words.stage == Stage::unknown) words.stage = stage_in(wording_of(text));
  const auto own = parse_reply(words.text).status;
  if (!own && RE2::PartialMatch(all, status, &found)) {
    words.status = parse_enhanced_status({found.data(), found.size()}).value_or(EnhancedStatus{});
  }
  return words;
}

/// An address that `text` says the recipient was made from: Exim's `(generated from user@example.com)`.
std::string origin_in(std::string_view text) {
  static const RE2 origin(R"((?i)(?:generated|expanded|forwarded) (?:from|by):? <?([^\s<>()]{1,64}@[^\s<>()]{1,255}))", options());
  re2::StringPiece found;
  if (!RE2::PartialMatch({text.data(), text.size()}, origin, &found)) return {};
  auto canonical = canonical_address({found.data(), found.size()});
  return canonical ? *std::move(canonical) : std::string{};
}

bool says_delay(std::string_view text) {
  static const RE2 phrases(std::string(delay_phrases()), options());
  return RE2::PartialMatch({text.data(), text.size()}, phrases);
}

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) {
  return begin < end ? text.substr(begin, end - begin) : std::string_view{};
}

/// The transcript of one session only: from the last line that names the host.
std::string_view last_session(std::string_view text) {
  const auto lower = to_lower(text);
  const auto at = lower.rfind("while talking to");
  return at == std::string::npos ? text : text.substr(at);
}

/// Sendmail's heading above the session: begin and end; both the text's end where there is none.
std::pair<std::size_t, std::size_t> transcript_heading(std::string_view text) {
  static const RE2 heading(R"((?i)transcript of session follows[^\n]*\n)", options());
  re2::StringPiece found;
  if (!heading.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, &found, 1)) return {text.size(), text.size()};
  return {static_cast<std::size_t>(found.begin() - text.data()), static_cast<std::size_t>(found.end() - text.data())};
}

/// Where the recipients stand: the session below is what servers said.
std::string_view before_transcript(std::string_view text) {
  return text.substr(0, transcript_heading(text).first);
}

/// What stands under Sendmail's heading: the first reply that it shows, else all of it.
Words words_in_transcript(std::string_view text) {
  static const RE2 reply(R"((?m)^<<< [45]\d\d)", options());
  const auto below = transcript_heading(text).second;
  if (below == text.size()) return words_in(text);
  text = text.substr(below);
  if (RE2::PartialMatch({text.data(), text.size()}, reply)) return words_in(text);
  Words words;
  words.text = one_line(text);
  words.stage = command_before(text, text.size());
  return words;
}

/// A line that has the address and a reply code: the transcript names recipients again.
std::string_view line_about(std::string_view text, std::string_view address) {
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.size() > 4 && (line[0] == '4' || line[0] == '5') && to_lower(line).find(address) != std::string::npos) return line;
  }
  return {};
}

ReportedRecipient recipient_with(const Words& words, std::string address) {
  ReportedRecipient recipient;
  recipient.address = std::move(address);
  recipient.status = words.status;
  recipient.text = words.text;
  recipient.stage = words.stage;
  return recipient;
}

bool may_have(Origin origin, const Form& form) {
  return form.sender == Sender::any || origin == Origin::mail_system || (origin == Origin::null_sender && form.sender == Sender::null);
}

class Reading {
 public:
  Reading(std::string_view text, const Form& form, std::vector<Place> places) : text_(text), form_(form), places_(std::move(places)) {
    shared_ = form_.words == WordsAt::transcript ? words_in_transcript(text_) : words_in(text_);
  }

  void add_all(std::vector<ReportedRecipient>& recipients) {
    for (std::size_t i = 0; i < places_.size() && recipients.size() < kReportRecipients; ++i) {
      auto words = words_at(i);
      const auto& address = places_[i].address;
      const auto same = std::ranges::find(recipients, address, &ReportedRecipient::address);
      if (same == recipients.end()) {
        recipients.push_back(recipient_with(words, address));
        recipients.back().original = origin_in(segment(i));
      } else if (words.has_reply && same->reply().code == 0) {
        same->text = words.text;
        same->status = words.status;
        same->stage = words.stage;
      }
    }
  }

 private:
  std::string_view segment(std::size_t i) const {
    const auto end = i + 1 < places_.size() ? places_[i + 1].begin : text_.size();
    return between(text_, places_[i].end, end).substr(0, kSegment);
  }

  Words words_at(std::size_t i) const {
    const auto& place = places_[i];
    if (form_.words == WordsAt::before) {
      const auto begin = i == 0 ? 0 : places_[i - 1].end;
      return words_in(last_session(between(text_, begin, place.end)));
    }
    if (form_.words == WordsAt::shared) {
      if (places_.size() == 1 || trim(place.words).empty()) return shared_;
    }
    if (form_.words == WordsAt::transcript) {
      const auto lines = segment(i);
      const auto own = words_in(std::string(place.words) + std::string(lines.substr(0, lines.find("\n\n"))));
      if (own.has_reply || has_words(own.text)) return own;
      const auto line = places_.size() > 1 ? line_about(text_, place.address) : std::string_view{};
      return line.empty() ? shared_ : words_in(line);
    }
    auto own = words_in(std::string(place.words) + std::string(segment(i)));
    if (!own.has_reply) {
      if (const auto line = line_about(text_, place.address); !line.empty()) return words_in(line);
    }
    if (own.has_reply || has_words(own.text)) return own;
    return shared_;
  }

  static bool has_words(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; }) >= 8;
  }

  std::string_view text_;
  const Form& form_;
  std::vector<Place> places_;
  Words shared_;
};

void drop_contacts(std::vector<Place>& places) {
  const bool others = std::ranges::any_of(places, [](const Place& place) { return !is_contact(place.address); });
  if (others) std::erase_if(places, [](const Place& place) { return is_contact(place.address); });
}

}  // namespace

Notice read_notice(std::string_view text, Origin origin, const std::vector<std::string>& failed) {
  Notice notice;
  const auto head = text.substr(0, kOpening);
  const Form* nameless = nullptr;
  std::size_t body = 0;  // Behind the opening words of the first form that may be it.
  for (const auto& known : known_forms()) {
    if (!may_have(origin, *known.form) && failed.empty()) continue;
    re2::StringPiece opening;
    if (!known.opening->Match({head.data(), head.size()}, 0, head.size(), RE2::UNANCHORED, &opening, 1)) continue;
    if (body == 0) body = static_cast<std::size_t>(opening.end() - head.data());
    auto places = places_in(known.form->words == WordsAt::transcript ? before_transcript(text) : text, known);
    drop_contacts(places);
    if (places.empty()) {
      if (nameless == nullptr && known.form->sender == Sender::null) nameless = known.form;
      continue;
    }
    Reading(text, *known.form, std::move(places)).add_all(notice.recipients);
    notice.form = known.form->id;
    notice.overrides = known.form->overrides;
    break;
  }
  if (notice.recipients.empty() && !failed.empty()) {
    const auto words = words_in(text.substr(body));
    for (const auto& address : failed) notice.recipients.push_back(recipient_with(words, address));
    notice.form = "x-failed-recipients";
  }
  if (notice.recipients.empty() && nameless != nullptr) {
    notice.recipients.push_back(recipient_with(words_in(text.substr(body)), {}));
    notice.form = nameless->id;
    notice.overrides = nameless->overrides;
  }
  if (failed.size() == 1 && notice.recipients.size() == 1 && notice.recipients[0].original.empty() &&
      notice.recipients[0].address != failed[0]) {
    notice.recipients[0].original = failed[0];
  }
  if (says_delay(head)) {
    for (auto& recipient : notice.recipients) recipient.fate = Fate::delayed;
  }
  return notice;
}

std::string words_of(std::string_view text) {
  return words_in(text).text;
}

}  // namespace suppressd::report
