#include "suppressd/core/subject.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "suppressd/base/ascii.h"
#include "suppressd/core/pattern.h"

namespace suppressd {
namespace {

constexpr std::array<std::string_view, 6> kNames{"none",    "recipient", "sender",
                                                 "message", "our-host",  "their-server"};

/// What ends a clause. A colon does not: "Sender address rejected: user unknown" is one.
constexpr std::array<std::string_view, 9> kBorders{". ", "; ", "! ", "? ", " - ", " (", " | ", ") ", "..."};

/// Words after those of a phrase that may still say whose they are: "no such domain in the sender address".
constexpr int kWordsAfter = 4;

/// Whoever is told of a failure is not blamed for it.
constexpr std::array<std::string_view, 8> kAddressed{
    "to ", "to the ", "to your ", "notify ", "notify the ", "contact ", "contact the ", "inform the "};

std::string_view clause_before(std::string_view before) {
  std::size_t begin = 0;
  for (const auto border : kBorders) {
    if (const auto at = before.rfind(border); at != std::string_view::npos)
      begin = std::max(begin, at + border.size());
  }
  return before.substr(begin);
}

/// The first words of `after` that still belong to the clause.
std::size_t clause_after(std::string_view after) {
  auto end = after.size();
  for (const auto border : kBorders) end = std::min(end, after.find(border));
  end = std::min(end, after.find(','));
  std::size_t at = 0;
  for (int words = 0; words < kWordsAfter && at < end; ++words)
    at = std::min(after.find(' ', at), end - 1) + 1;
  return at;
}

/// The first match; empty: none.
std::string_view first(const RE2& pattern, std::string_view text) {
  re2::StringPiece found;
  return pattern.Match(text, 0, text.size(), RE2::UNANCHORED, &found, 1) ? std::string_view(found)
                                                                         : std::string_view{};
}

}  // namespace

struct Subjects::Patterns {
  explicit Patterns(const SubjectWords& words)
      : recipient(pattern(words.recipient)),
        sender(pattern(words.sender)),
        message(pattern(words.message)),
        our_host(pattern(words.our_host)),
        refusal(pattern(words.refusal)),
        reason(pattern(words.reason)),
        others(pattern(any_of({words.sender, words.our_host, words.reason}))) {}

  static std::string any_of(std::initializer_list<std::string> patterns) {
    std::string result;
    for (const auto& pattern : patterns) {
      if (!pattern.empty()) result += (result.empty() ? "(?:" : "|(?:") + pattern + ")";
    }
    return result;
  }

  /// One that matches nothing, where none was given.
  static RE2 pattern(const std::string& words) {
    const std::string_view given =
        words.empty() ? std::string_view("[^\\x00-\\x{10ffff}]") : std::string_view(words);
    return RE2(re2::StringPiece(given.data(), given.size()), pattern_options(given));
  }

  std::string_view sender_in(std::string_view text) const {
    for (auto rest = text; true;) {
      const auto found = first(sender, rest);
      if (found.empty()) return {};
      const auto before = text.substr(0, static_cast<std::size_t>(found.data() - text.data()));
      if (!std::ranges::any_of(kAddressed, [&](std::string_view words) { return before.ends_with(words); }))
        return found;
      rest.remove_prefix(static_cast<std::size_t>(found.data() - rest.data()) + found.size());
    }
  }

  /// The sender before our host, because its name is often also the host's.
  Named sender_or_host(std::string_view text) const {
    if (const auto words = sender_in(text); !words.empty()) return {Subject::sender, words};
    if (const auto words = first(our_host, text); !words.empty()) return {Subject::our_host, words};
    return {};
  }

  RE2 recipient;
  RE2 sender;
  RE2 message;
  RE2 our_host;
  RE2 refusal;
  RE2 reason;
  RE2 others;  ///< Sender, our host or reason.
};

Subjects::Subjects() = default;
Subjects::Subjects(Subjects&&) noexcept = default;
Subjects& Subjects::operator=(Subjects&&) noexcept = default;
Subjects::~Subjects() = default;

Result<Subjects> Subjects::compile(const SubjectWords& words) {
  auto patterns = std::make_unique<const Patterns>(words);
  for (const auto* pattern : {&patterns->recipient, &patterns->sender, &patterns->message,
                              &patterns->our_host, &patterns->refusal, &patterns->reason}) {
    if (!pattern->ok()) return Error{"bad pattern of a subject: " + pattern->error()};
  }
  Subjects subjects;
  subjects.patterns_ = std::move(patterns);
  return subjects;
}

bool Subjects::known() const {
  return patterns_ != nullptr;
}

bool Subjects::names_others(std::string_view wording) const {
  return patterns_ && RE2::PartialMatch(wording, patterns_->others);
}

Named Subjects::other_than_recipient(std::string_view wording, std::string_view words) const {
  if (!patterns_ || words.empty()) return {};
  const auto begin = static_cast<std::size_t>(words.data() - wording.data());
  const auto before = clause_before(wording.substr(0, begin));
  const auto after = clause_after(wording.substr(begin + words.size()));
  return patterns_->sender_or_host(
      wording.substr(begin - before.size(), before.size() + words.size() + after));
}

Named Subjects::named_after(std::string_view wording, std::string_view words) const {
  if (!patterns_ || words.empty()) return {};
  const auto after =
      prose_of(wording.substr(static_cast<std::size_t>(words.data() - wording.data()) + words.size()));
  if (const auto named = patterns_->sender_or_host(after)) return named;
  if (const auto reason = first(patterns_->reason, after); !reason.empty()) return {Subject::message, reason};
  return {};
}

std::string_view Subjects::refusal_in(std::string_view wording) const {
  return patterns_ ? first(patterns_->refusal, prose_of(wording)) : std::string_view{};
}

Named Subjects::named_in(std::string_view wording) const {
  if (!patterns_) return {};
  const auto text = prose_of(wording);
  if (const auto named = patterns_->sender_or_host(text)) return named;
  if (const auto words = first(patterns_->reason, text); !words.empty()) return {Subject::message, words};
  if (const auto words = first(patterns_->recipient, text); !words.empty())
    return {Subject::recipient, words};
  if (const auto words = first(patterns_->message, text); !words.empty()) return {Subject::message, words};
  return {};
}

std::string_view prose_of(std::string_view wording) {
  return wording.substr(0, std::min(wording.rfind(" (in reply to "), wording.find("http")));
}

std::string_view name_of(Subject subject) {
  return kNames[static_cast<std::size_t>(subject)];
}

Subject subject_of(Category category) {
  switch (category) {
    case Category::bad_mailbox:
    case Category::bad_domain:
    case Category::mailbox_disabled:
    case Category::moved:
    case Category::mailbox_full:
    case Category::recipient_refused:
    case Category::undetermined_permanent:
    case Category::auto_reply:
    case Category::complaint:
      return Subject::recipient;
    case Category::policy:
    case Category::rate_limited:
      return Subject::sender;
    case Category::content:
    case Category::message_too_large:
      return Subject::message;
    case Category::blocked:
    case Category::auth:
    case Category::protocol:
    case Category::routing:
    case Category::local_fault:
      return Subject::our_host;
    case Category::greylisted:
    case Category::connection:
    case Category::dns:
    case Category::server_error:
      return Subject::their_server;
    default:
      return Subject::none;
  }
}

}  // namespace suppressd
