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

#include "delivery_status.h"
#include "forms.h"

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
  if (RE2::PartialMatch(all, reply, &code)) {
    const auto at = static_cast<std::size_t>(code.data() - text.data());
    words.has_reply = true;
    words.stage = command_before(text, at);
    kept = text.substr(at);
    re2::StringPiece whole;
    if (behind.Match({kept.data(), kept.size()}, 0, kept.size(), RE2::UNANCHORED, &whole, 1)) {
      kept = kept.substr(0, static_cast<std::size_t>(whole.data() - kept.data()));
    }
  }
  words.text = clean(trim(kept), kLongestWords);
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

/// All that stands outside the places.
std::string around(std::string_view text, const std::vector<Place>& places) {
  std::string result;
  std::size_t from = 0;
  for (const auto& place : places) {
    result += between(text, from, place.begin);
    result += place.words;
    result += '\n';
    from = place.end;
  }
  return result + std::string(between(text, from, text.size()));
}

/// A line that has the address and a reply code: the transcript names recipients again.
std::string_view line_about(std::string_view text, std::string_view address) {
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.size() > 4 && (line[0] == '4' || line[0] == '5') && to_lower(line).find(address) != std::string::npos) return line;
  }
  return {};
}

class Reading {
 public:
  Reading(std::string_view text, const Form& form, std::vector<Place> places) : text_(text), form_(form), places_(std::move(places)) {
    shared_ = words_in(around(text_, places_));
  }

  void add_all(std::vector<ReportedRecipient>& recipients) {
    for (std::size_t i = 0; i < places_.size() && recipients.size() < kReportRecipients; ++i) {
      auto words = words_at(i);
      const auto& address = places_[i].address;
      const auto same = std::ranges::find(recipients, address, &ReportedRecipient::address);
      if (same == recipients.end()) {
        recipients.push_back(recipient(address, words, origin_in(segment(i))));
      } else if (words.has_reply && same->reply().code == 0) {
        same->text = words.text;
        same->status = words.status;
        same->stage = words.stage;
      }
    }
  }

  ReportedRecipient recipient(std::string address, const Words& words, std::string origin) const {
    ReportedRecipient result;
    result.address = std::move(address);
    result.original = std::move(origin);
    result.status = words.status;
    result.text = words.text;
    result.stage = words.stage;
    return result;
  }

  const Words& shared() const { return shared_; }

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

Notice read_notice(std::string_view text, bool from_mail_system, const std::vector<std::string>& failed) {
  Notice notice;
  const auto head = text.substr(0, kOpening);
  for (const auto& known : known_forms()) {
    if (!from_mail_system && !known.form->any_sender && failed.empty()) continue;
    re2::StringPiece opening;
    if (!known.opening->Match({head.data(), head.size()}, 0, head.size(), RE2::UNANCHORED, &opening, 1)) continue;
    auto places = places_in(text, known);
    drop_contacts(places);
    if (places.empty()) continue;
    Reading reading(text, *known.form, std::move(places));
    reading.add_all(notice.recipients);
    notice.form = known.form->id;
    break;
  }
  if (notice.recipients.empty() && !failed.empty()) {
    const auto words = words_in(text);
    for (const auto& address : failed) {
      ReportedRecipient recipient;
      recipient.address = address;
      recipient.status = words.status;
      recipient.text = words.text;
      recipient.stage = words.stage;
      notice.recipients.push_back(std::move(recipient));
    }
    notice.form = "x-failed-recipients";
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
