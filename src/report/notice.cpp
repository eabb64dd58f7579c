#include "notice.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <unordered_map>

#include <re2/re2.h>

#include "suppressd/base/ascii.h"
#include "suppressd/base/text.h"
#include "suppressd/core/address.h"
#include "suppressd/report/reader.h"

#include "forms.h"
#include "languages.h"
#include "mail_header.h"
#include "notice_words.h"
#include "transcript.h"

namespace suppressd::report {
namespace {

constexpr std::size_t kOpening = 4096;      ///< Of a notice, which contain its opening words.
constexpr std::size_t kContactWords = 160;  ///< Before an address, that may say that it is one to write to.
constexpr std::size_t kMostWeighed = 20;    ///< Recipients for each of whom the opening is read again.
constexpr std::size_t kLongestUnreadable = 320;

struct Line {
  std::string_view name;
  std::unique_ptr<RE2> pattern;
  int address = 0;
  bool readable = true;  ///< What it names is an address.
  int words = 0;         ///< 0: it has none.
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
      line.readable = groups.contains("a");
      line.address = groups.at(line.readable ? "a" : "u");
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
      result.push_back(
          {&form, std::make_unique<RE2>("(?i)" + std::string(form.opening), for_bytes()), std::move(named)});
    }
    return result;
  }();  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): a false alarm, the vector that is returned owns it
  return compiled;
}

/// One place at which a recipient is named.
struct Place {
  std::size_t begin;
  std::size_t end;
  std::size_t at;  ///< Where the address begins.
  std::string address;
  std::string unreadable;  ///< In place of an address.
  std::string_view words;  ///< On the same line.
};

/// Addresses that a notice gives for questions, not as recipients.
bool is_contact(std::string_view address) {
  static constexpr std::array<std::string_view, 7> kContacts{
      "postmaster@", "mailer-daemon@", "abuse@", "support@", "helpdesk@", "noreply@", "no-reply@"};
  return std::ranges::any_of(kContacts,
                             [&](std::string_view contact) { return address.starts_with(contact); });
}

/// The address that begins at `at` is one to write to instead.
bool is_contact_at(std::string_view text, std::size_t at) {
  const auto from = at - std::min(at, kContactWords);
  return ends_in_contact(text.substr(from, at - from));
}

/// In a language without blanks, the sentence runs into the address; its characters are three bytes long, and
/// not those of an ASCII address.
std::string_view without_sentence(std::string_view address) {
  const auto local_part = address.substr(0, address.rfind('@'));
  const auto sign = std::find_if(local_part.rbegin(), local_part.rend(),
                                 [](char c) { return static_cast<unsigned char>(c) >= 0xE3; });
  if (sign == local_part.rend()) return address;
  const auto end = static_cast<std::size_t>(local_part.rend() - sign) - 1 + 3;
  return end < local_part.size() ? address.substr(end) : address;
}

/// Where the sentence continues after a domain in ASCII; the end if it does not. A name of mixed letters
/// has more labels after them.
std::size_t end_of_address(std::string_view address) {
  static const RE2 glued(R"(@(?:[^@]*\.)?[^@.]*\.[A-Za-z]{2,63}()[\xE0-\xFF][^@]*$)", for_bytes());
  static const RE2 more(R"(\.[A-Za-z]{2,63}$)", for_bytes());
  const re2::StringPiece piece(address.data(), address.size());
  re2::StringPiece tail;
  if (RE2::PartialMatch(piece, more) || !RE2::PartialMatch(piece, glued, &tail)) return address.size();
  return static_cast<std::size_t>(tail.data() - address.data());
}

void find_places(std::string_view text, const Line& line, std::vector<Place>& places) {
  std::array<re2::StringPiece, 4> groups;
  std::size_t from = 0;
  while (places.size() < 2 * kReportRecipients && from < text.size()) {
    const int count = line.pattern->NumberOfCapturingGroups() + 1;
    if (!line.pattern->Match({text.data(), text.size()}, from, text.size(), RE2::UNANCHORED, groups.data(),
                             count))
      return;
    const auto offset = [&](const re2::StringPiece& piece) {
      return static_cast<std::size_t>(piece.data() - text.data());
    };
    const auto view = [](const re2::StringPiece& piece) {
      return std::string_view(piece.data(), piece.size());
    };
    const auto begin = offset(groups[0]);
    auto end = begin + groups[0].size();
    const auto& named = groups[static_cast<std::size_t>(line.address)];
    const auto at = offset(named);
    auto address = view(named);
    auto words = line.words > 0 ? view(groups[static_cast<std::size_t>(line.words)]) : std::string_view{};
    words.remove_prefix(std::min(words.find_first_not_of(">\"']"), words.size()));
    if (!line.readable) {
      places.push_back({begin, end, at, {}, clean(address, kLongestUnreadable), words});
    } else {
      while (address.ends_with('.') || address.ends_with('>')) address.remove_suffix(1);
      if (const auto length = end_of_address(address); length < address.size()) {
        end = at + length;
        words = {};
        address = address.substr(0, length);
      }
      if (auto canonical = canonical_address(without_sentence(address))) {
        places.push_back({begin, end, at, *std::move(canonical), {}, words});
      }
    }
    from = std::max(end, from + 1);
  }
}

/// Adds the rest of a list, `a@example.com, b@example.com`, of which the last place is the first.
void add_list(std::vector<Place>& places) {
  static const RE2 next(
      R"re([>"'\]]{0,2}[ \t]*[,;][ \t]*["'<]{0,2}([^\s<>()\[\]:;,"'@]{1,64}@[^\s<>()\[\]:;,"'@]{1,255}))re",
      for_bytes());
  const auto first = places.size() - 1;
  re2::StringPiece rest(places[first].words.data(), places[first].words.size());
  re2::StringPiece one;
  while (places.size() < 2 * kReportRecipients && RE2::Consume(&rest, next, &one)) {
    auto canonical = canonical_address({one.data(), one.size()});
    if (canonical)
      places.push_back(
          {places[first].begin, places[first].end, places[first].at, *std::move(canonical), {}, {}});
  }
  for (auto i = first; i < places.size(); ++i) places[i].words = {rest.data(), rest.size()};
}

/// Places that no other one covers, in order.
std::vector<Place> places_in(std::string_view text, const Known& known) {
  std::vector<Place> places;
  for (const auto* line : known.lines) find_places(text, *line, places);
  std::ranges::stable_sort(places, {}, &Place::begin);
  std::vector<Place> kept;
  for (auto& place : places) {
    if (!kept.empty() && place.begin < kept.back().end) continue;
    kept.push_back(std::move(place));
    add_list(kept);
  }
  return kept;
}

/// An address that `text` says the recipient was made from: Exim's `(generated from user@example.com)`.
std::string origin_in(std::string_view text) {
  static const RE2 origin(
      R"((?i)(?:generated|expanded|forwarded) (?:from|by):? <?([^\s<>()]{1,64}@[^\s<>()]{1,255}))",
      for_bytes());
  re2::StringPiece found;
  if (!RE2::PartialMatch({text.data(), text.size()}, origin, &found)) return {};
  auto canonical = canonical_address({found.data(), found.size()});
  return canonical ? *std::move(canonical) : std::string{};
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
  return form.sender == Sender::any || origin == Origin::mail_system ||
         (origin == Origin::null_sender && form.sender == Sender::null);
}

bool has_words(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return is_letter(c) || (c & 0x80) != 0; }) >= 8;
}

class Reading {
 public:
  Reading(std::string_view text, const Form& form, std::vector<Place> places)
      : text_(text), form_(form), places_(std::move(places)) {
    shared_ = form_.words == WordsAt::transcript ? words_in_transcript(text_) : words_in(text_);
    if (places_.size() > 1) sessions_ = sessions_in(text_);
    if (form_.words == WordsAt::transcript) transcript_.emplace(text_);
    if (form_.words == WordsAt::transcript || form_.words == WordsAt::behind) lines_ = lines_about(text_);
  }

  void add_all(std::vector<ReportedRecipient>& recipients) {
    for (std::size_t i = 0; i < places_.size() && recipients.size() < kReportRecipients; ++i) {
      auto words = words_at(i);
      const auto& address = places_[i].address;
      const auto& unreadable = places_[i].unreadable;
      const auto same = std::ranges::find_if(recipients, [&](const ReportedRecipient& other) {
        return other.address == address && other.unreadable == unreadable;
      });
      if (same == recipients.end()) {
        recipients.push_back(recipient_with(words, address));
        recipients.back().unreadable = unreadable;
        recipients.back().original =
            origin_in(between(text_, places_[i].begin, places_[i].end + segment(i).size()));
      } else if (words.has_reply && same->reply().code == 0) {
        same->text = words.text;
        same->status = words.status;
        same->stage = words.stage;
      }
    }
  }

 private:
  std::string_view segment(std::size_t i) const {
    auto next = i + 1;
    while (next < places_.size() && places_[next].begin < places_[i].end) ++next;  // Of the same list.
    const auto end = next < places_.size() ? places_[next].begin : text_.size();
    return between(text_, places_[i].end, end).substr(0, kLongestSegment);
  }

  Words words_at(std::size_t i) const {
    const auto& place = places_[i];
    if (form_.words == WordsAt::line) return words_in(place.words);
    if (form_.words != WordsAt::before) {
      if (auto words = words_in_session(i)) return *std::move(words);
    }
    return words_beside(i).value_or(shared_);
  }

  /// One session for all: what is below the last address is also about others.
  std::optional<Words> words_in_session(std::size_t i) const {
    const auto& place = places_[i];
    if (begin_of_reply(place.words) < place.words.size()) return std::nullopt;
    const auto session = sessions_.find(place.address);
    if (session == sessions_.end()) return std::nullopt;
    auto own = words_in(session->second);
    if (!own.has_reply) return std::nullopt;
    if (own.stage == Stage::unknown) own.stage = Stage::rcpt;
    return own;
  }

  /// Nothing: what is beside the address says nothing.
  std::optional<Words> words_beside(std::size_t i) const {
    const auto& place = places_[i];
    if (form_.words == WordsAt::before) {
      const auto begin = i == 0 ? 0 : places_[i - 1].end;
      return words_in(last_session(between(text_, begin, place.end)));
    }
    if (form_.words == WordsAt::shared) {
      if (places_.size() == 1) return shared_;
      auto own = words_in(std::string(place.words) + std::string(segment(i)));
      return own.has_reply || own.status || has_words(place.words) ? std::optional(own) : std::nullopt;
    }
    if (form_.words == WordsAt::transcript) {
      const auto lines = segment(i);
      auto own = words_in(std::string(place.words) + std::string(lines.substr(0, lines.find("\n\n"))));
      if (own.stage == Stage::unknown && own.has_reply) own.stage = transcript_->stage_of(own.text);
      if (own.has_reply || has_words(own.text)) return own;
      const auto line = places_.size() > 1 ? line_about(place.address) : std::string_view{};
      return line.empty() ? std::nullopt : std::optional(words_in(line));
    }
    auto own = words_in(std::string(place.words) + std::string(segment(i)));
    if (!own.has_reply) {
      if (const auto line = line_about(place.address); !line.empty()) return words_in(line);
    }
    if (own.has_reply || has_words(own.text)) return own;
    return std::nullopt;
  }

  std::string_view line_about(const std::string& address) const {
    const auto line = lines_.find(address);
    return line == lines_.end() ? std::string_view{} : line->second;
  }

  std::string_view text_;
  const Form& form_;
  std::vector<Place> places_;
  std::unordered_map<std::string, std::string_view> sessions_;  ///< By address; only where there are several.
  std::unordered_map<std::string, std::string_view> lines_;     ///< With a reply code, by address.
  std::optional<Transcript> transcript_;
  Words shared_;
};

bool among(const std::vector<std::string>& addresses, const std::string& address) {
  return std::ranges::find(addresses, address) != addresses.end();
}

void drop_contacts(std::vector<Place>& places, std::string_view text, const Around& around) {
  std::erase_if(places,
                [&](const Place& place) { return !place.address.empty() && is_contact_at(text, place.at); });
  const auto is_other = [&](const Place& place) {
    return is_contact(place.address) || among(around.others, place.address);
  };
  if (!std::ranges::all_of(places, is_other)) std::erase_if(places, is_other);
}

/// Whoever writes is alive, and may name us. Our mail to ourselves is given back.
bool cannot_have_failed(const Place& place, const Around& around) {
  if (place.address.empty()) return false;
  if (place.address == around.writer) return true;
  return among(around.others, place.address) && !among(around.recipients, place.address);
}

/// A single line may continue what a server said above it.
void drop_words_of_servers(std::vector<Place>& places, std::string_view text, const Around& around) {
  const auto reply = begin_of_reply(text);
  while (!places.empty() && places.front().begin > reply &&
         !among(around.recipients, places.front().address)) {
    if (between(text, reply, places.front().begin).find("\n\n") != std::string_view::npos) return;
    places.erase(places.begin());
  }
}

bool may_tell_of_failure(std::string_view head, const Around& around) {
  return !tells_of_success(head) && (around.header_tells || around.returns_message || tells_of_failure(head));
}

bool opens(const Known& known, std::string_view head, const Around& around, std::size_t& end) {
  if (known.form->opening.empty()) return !around.by_hand && may_tell_of_failure(head, around);
  re2::StringPiece opening;
  if (!known.opening->Match({head.data(), head.size()}, 0, head.size(), RE2::UNANCHORED, &opening, 1))
    return false;
  end = static_cast<std::size_t>(opening.end() - head.data());
  return true;
}

/// All addresses of ASCII in a text, each once; without what is called an identifier or is to be written to.
std::vector<std::string> addresses_anywhere(std::string_view text) {
  static const RE2 address(R"re((?i)(\bid["']?[:= ]{1,3}<?)?([\w!#$%&*+/=?^`{|}~.-]{1,64}@[\w.-]{1,255}))re",
                           for_bytes());
  std::vector<std::string> found;
  re2::StringPiece rest(text.data(), text.size());
  re2::StringPiece id;
  re2::StringPiece one;
  while (found.size() < kReportRecipients && RE2::FindAndConsume(&rest, address, &id, &one)) {
    std::string_view shown(one.data(), one.size());
    while (shown.ends_with('.')) shown.remove_suffix(1);
    if (!id.empty() || is_contact_at(text, static_cast<std::size_t>(one.data() - text.data()))) continue;
    auto canonical = canonical_address(shown);
    if (canonical && std::ranges::find(found, *canonical) == found.end())
      found.push_back(*std::move(canonical));
  }
  return found;
}

/// The text before a server's words, which may contain any address; without contacts and ours.
std::vector<std::string> named_before_reply(std::string_view text, const Around& around) {
  auto addresses = addresses_anywhere(text.substr(0, begin_of_reply(text)));
  std::erase_if(addresses, [&](const std::string& address) {
    return is_contact(address) || among(around.others, address);
  });
  return addresses;
}

/// Each paragraph up to the end of the first sentence that names a recipient: a later one may name whoever
/// took over.
std::string first_sentences(std::string_view text, const Around& around) {
  static const RE2 end(R"((?:[.!?]["')]? +[^\s\d<]|。|！))", for_bytes());
  std::string kept;
  bool named = false;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (trim(line).empty()) named = false;
    re2::StringPiece sign;
    std::size_t from = 0;
    while (!named) {
      const bool found = end.Match({line.data(), line.size()}, from, line.size(), RE2::UNANCHORED, &sign, 1);
      const auto to = found ? static_cast<std::size_t>(sign.data() - line.data()) + 1 : line.size();
      kept += line.substr(from, to - from);
      named = found && std::ranges::any_of(
                           addresses_anywhere(line.substr(from, to - from)),
                           [&](const std::string& address) { return among(around.recipients, address); });
      from = to;
      if (!found) break;
    }
    kept += '\n';
  }
  return kept;
}

/// Of a notice in an unknown form: the recipients of the message that it names, else the only one
/// that it names: the message went on to that one.
std::vector<std::string> mentioned(std::string_view text, const Around& around) {
  auto addresses = named_before_reply(text, around);
  const auto of_message = [&](const std::string& address) { return among(around.recipients, address); };
  if (std::ranges::any_of(addresses, of_message)) {
    if (addresses.size() > 1)
      addresses = named_before_reply(first_sentences(text.substr(0, begin_of_reply(text)), around), around);
    std::erase_if(addresses, [&](const std::string& address) { return !of_message(address); });
    return addresses;
  }
  const bool sole = addresses.size() == 1 && around.origin == Origin::mail_system;
  return sole ? addresses : std::vector<std::string>{};
}

/// A line that says that something arrived, and of no failure.
bool says_delivered(std::string_view line) {
  static const RE2 arrived(
      R"((?i)(?:^|[^:])\bdelivered\b|^[ \t]*delivered\b|\bsucceeded\b|\bsuccessful|[:=>)\]-][ \t]*(?:sent|ok|accepted)\b[.)\]]?[ \t]*$|\b250[ -]|\b2\.\d\.\d\b)",
      for_bytes());
  static const RE2 but(
      R"((?i)\bnot\b|n't\b|fail|unable|unsuccess|undeliver|\berror|reject|\bbe\b|\bcannot|\b[45]\d\d[ -]|\b[45]\.\d{1,3}\.\d)",
      for_bytes());
  const re2::StringPiece piece(line.data(), line.size());
  return RE2::PartialMatch(piece, arrived) && !RE2::PartialMatch(piece, but);
}

/// Addresses on lines, or below headings, that say so.
std::vector<std::string> delivered_in(std::string_view text) {
  std::vector<std::string> delivered;
  bool below = false;
  while (!text.empty() && delivered.size() < kReportRecipients) {
    const auto line = take_line(text);
    const auto words = trim(line);
    if (words.empty()) continue;
    const auto addresses = addresses_anywhere(line);
    if (addresses.empty()) below = words.ends_with(':') && says_delivered(line);
    if (!below && !says_delivered(line)) continue;
    delivered.insert(delivered.end(), addresses.begin(), addresses.end());
  }
  return delivered;
}

/// Of several recipients some got the message.
void find_delivered(Notice& notice, std::string_view text) {
  const auto delivered = delivered_in(text);
  for (auto& recipient : notice.recipients) {
    const bool short_words = recipient.text.size() < 100 && says_delivered(recipient.text);
    if (short_words || among(delivered, recipient.address)) recipient.fate = Fate::delivered;
  }
}

/// A session that accepted some recipients and refused others is about these.
void keep_refused(Notice& notice, std::string_view text) {
  static const RE2 first(R"(\n[^\n]{0,60}\b([2-5])\d\d[ -])", for_bytes());
  static const RE2 refused(R"(\n[^\n]{0,60}\b[45]\d\d[ -])", for_bytes());
  std::vector<std::string> accepted;
  bool any_refused = false;
  for (const auto& [address, session] : sessions_in(text)) {
    const re2::StringPiece piece(session.data(), session.size());
    re2::StringPiece digit;
    if (!RE2::PartialMatch(piece, first, &digit)) continue;
    if (digit != "2") {
      any_refused = true;
    } else if (RE2::PartialMatch(piece, refused)) {
      return;  // The message was, for all of them.
    } else {
      accepted.push_back(address);
    }
  }
  if (any_refused)
    std::erase_if(notice.recipients,
                  [&](const ReportedRecipient& one) { return among(accepted, one.address); });
}

/// A reply that names recipients of ours is about these only.
void keep_named_in_replies(Notice& notice, std::string_view text, const Around& around) {
  const auto before = named_before_reply(text, around);
  std::vector<std::string> known;
  for (const auto& one : notice.recipients) known.push_back(one.address);
  std::vector<ReportedRecipient> kept;
  std::vector<ReportedRecipient> named_only;
  for (auto& one : notice.recipients) {
    auto named = one.reply().code != 0 ? addresses_anywhere(one.text) : std::vector<std::string>{};
    std::erase_if(named, [&](const std::string& address) {
      return !among(known, address) && !(among(around.recipients, address) && among(before, address));
    });
    if (named.empty() || among(named, one.address) || among(named, one.original)) {
      kept.push_back(std::move(one));
      continue;
    }
    for (const auto& address : named) {
      if (among(known, address)) continue;
      known.push_back(address);
      named_only.push_back(one);
      named_only.back().address = address;
    }
  }
  std::ranges::move(named_only, std::back_inserter(kept));
  notice.recipients = std::move(kept);
}

/// What the notice says to all and to `recipient`: no line that names only others.
std::string without_lines_of_others(std::string_view text, const std::string& recipient) {
  std::string kept;
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto named = addresses_anywhere(line);
    if (!named.empty() && !among(named, recipient)) continue;
    kept += line;
    kept += '\n';
  }
  return kept;
}

/// A server's refusal is final, however late the message was, unless the notice says that it will be tried
/// again.
void find_delayed(Notice& notice, std::string_view head) {
  if (!tells_of_delay(head)) return;
  const bool retried = tells_of_retry(head);
  const bool several = notice.recipients.size() > 1 && notice.recipients.size() <= kMostWeighed;
  for (auto& recipient : notice.recipients) {
    const bool refused = recipient.reply().code / 100 == 5;
    if (refused &&
        (!retried || (several && !tells_of_retry(without_lines_of_others(head, recipient.address)))))
      continue;
    recipient.fate = Fate::delayed;
  }
}

/// A null sender is a person's machine as well: it must give back the message and show what a server said.
bool may_be_unknown_form(std::string_view text, std::string_view head, const Around& around) {
  if (around.by_hand) return false;
  if (around.origin == Origin::mail_system) return may_tell_of_failure(head, around);
  const bool evident = around.returns_message && tells_of_failure(head) && begin_of_reply(text) < text.size();
  return around.origin == Origin::null_sender && evident;
}

}  // namespace

Notice read_notice(std::string_view text, const Around& around) {
  Notice notice;
  const auto head = text.substr(0, kOpening);
  auto failed = around.failed;
  std::erase(failed, around.writer);
  const Form* nameless = nullptr;
  std::size_t body = 0;  // After the opening words of the first form that may be it.
  for (const auto& known : known_forms()) {
    if (!may_have(around.origin, *known.form) && failed.empty()) continue;
    std::size_t end = 0;
    if (!opens(known, head, around, end)) continue;
    if (body == 0) body = end;
    auto places = places_in(known.form->words == WordsAt::transcript ? above_transcript(text) : text, known);
    drop_contacts(places, text, around);
    const bool strict = known.form->opening.empty() || around.origin != Origin::mail_system;
    std::erase_if(places, [&](const Place& place) {
      return strict ? cannot_have_failed(place, around)
                    : !around.writer.empty() && place.address == around.writer;
    });
    if (known.form->opening.empty()) drop_words_of_servers(places, text, around);
    if (places.empty()) {
      if (nameless == nullptr && known.form->sender != Sender::any && !known.form->opening.empty())
        nameless = known.form;
      continue;
    }
    Reading reading(text, *known.form, std::move(places));
    reading.add_all(notice.recipients);
    notice.form = known.form->id;
    notice.overrides = known.form->overrides;
    break;
  }
  const auto name = [&](const std::vector<std::string>& addresses, std::string_view form) {
    auto words = words_in(text.substr(body));
    if (!words.has_reply && !has_words(words.text)) words = words_in(text);  // The opening is the reason.
    for (const auto& address : addresses) notice.recipients.push_back(recipient_with(words, address));
    notice.form = form;
  };
  if (notice.recipients.empty()) name(failed, "x-failed-recipients");
  if (notice.recipients.empty() && may_be_unknown_form(text, head, around))
    name(mentioned(text, around), "unknown");
  if (notice.recipients.empty() && nameless != nullptr) {
    name({std::string{}}, nameless->id);
    notice.overrides = nameless->overrides;
  }
  if (failed.size() == 1 && notice.recipients.size() == 1 && notice.recipients[0].original.empty() &&
      notice.recipients[0].address != failed[0]) {
    notice.recipients[0].original = failed[0];
  }
  if (around.recipients.size() > 1 || notice.recipients.size() > 1) {
    keep_named_in_replies(notice, text, around);
    if (notice.recipients.size() > 1) keep_refused(notice, text);
    if (notice.recipients.size() > 1) find_delivered(notice, text);
  }
  find_delayed(notice, head);
  return notice;
}

bool names_another(std::string_view text, const Around& around) {
  const auto named = named_before_reply(text, around);
  return std::ranges::any_of(named,
                             [&](const std::string& address) { return !among(around.recipients, address); });
}

std::string words_of(std::string_view text) {
  return words_in(text).text;
}

}  // namespace suppressd::report
