#include "notice.h"

#include <algorithm>
#include <array>
#include <memory>

#include <re2/re2.h>

#include "suppressd/core/address.h"
#include "suppressd/core/ascii.h"
#include "suppressd/core/text.h"
#include "suppressd/report/reader.h"

#include "forms.h"
#include "notice_words.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kOpening = 4096;  ///< Of a notice, in which its opening words stand.

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
      Line line{form.name, std::make_unique<RE2>(form.pattern, for_bytes())};
      const auto& groups = line.pattern->NamedCapturingGroups();
      line.address = groups.at("a");
      if (const auto words = groups.find("r"); words != groups.end()) line.words = words->second;
      result.push_back(std::move(line));
    }
    return result;
  }();
  return compiled;
}

std::vector<const Line*> lines_named(std::string_view names) {
  std::vector<const Line*> named;
  while (!names.empty()) {
    const auto name = names.substr(0, names.find(' '));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    for (const auto& line : lines()) {
      if (line.name == name) named.push_back(&line);
    }
  }
  return named;
}

const std::vector<Known>& known_forms() {
  static const auto compiled = [] {
    std::vector<Known> result;
    for (const auto& form : forms()) {
      auto named = lines_named(form.lines);
      result.push_back({&form, std::make_unique<RE2>("(?i)" + std::string(form.opening), for_bytes()), std::move(named)});
    }
    return result;
  }();  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): a false alarm, the vector that is returned owns it
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
      auto words = line.words > 0 ? view(groups[static_cast<std::size_t>(line.words)]) : std::string_view{};
      words.remove_prefix(std::min(words.find_first_not_of(">\"']"), words.size()));
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

/// An address that `text` says the recipient was made from: Exim's `(generated from user@example.com)`.
std::string origin_in(std::string_view text) {
  static const RE2 origin(R"((?i)(?:generated|expanded|forwarded) (?:from|by):? <?([^\s<>()]{1,64}@[^\s<>()]{1,255}))", for_bytes());
  re2::StringPiece found;
  if (!RE2::PartialMatch({text.data(), text.size()}, origin, &found)) return {};
  auto canonical = canonical_address({found.data(), found.size()});
  return canonical ? *std::move(canonical) : std::string{};
}

bool says_delay(std::string_view text) {
  static const RE2 phrases(std::string(delay_phrases()), for_bytes());
  return RE2::PartialMatch({text.data(), text.size()}, phrases);
}

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) {
  return begin < end ? text.substr(begin, end - begin) : std::string_view{};
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
    return between(text_, places_[i].end, end).substr(0, kLongestSegment);
  }

  Words words_at(std::size_t i) const {
    const auto& place = places_[i];
    if (form_.words == WordsAt::before) {
      const auto begin = i == 0 ? 0 : places_[i - 1].end;
      return words_in(last_session(between(text_, begin, place.end)));
    }
    if (form_.words == WordsAt::shared) {
      if (places_.size() == 1) return shared_;
      auto own = words_in(std::string(place.words) + std::string(segment(i)));
      return own.has_reply || own.status || has_words(place.words) ? own : shared_;
    }
    if (form_.words == WordsAt::transcript) {
      const auto lines = segment(i);
      auto own = words_in(std::string(place.words) + std::string(lines.substr(0, lines.find("\n\n"))));
      if (own.stage == Stage::unknown && own.has_reply) own.stage = stage_of_reply(text_, own.text);
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
    return std::ranges::count_if(text, [](char c) { return is_letter(c) || (c & 0x80) != 0; }) >= 8;
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
    auto places = places_in(known.form->words == WordsAt::transcript ? above_transcript(text) : text, known);
    drop_contacts(places);
    if (places.empty()) {
      if (nameless == nullptr && known.form->sender == Sender::null) nameless = known.form;
      continue;
    }
    Reading reading(text, *known.form, std::move(places));
    reading.add_all(notice.recipients);
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
