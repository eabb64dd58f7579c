#include "suppressd/core/rules.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <unordered_map>

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include "suppressd/base/ascii.h"
#include "suppressd/base/keywords.h"
#include "suppressd/base/text.h"
#include "suppressd/core/fallback.h"
#include "suppressd/core/pattern.h"
#include "suppressd/core/stage_words.h"
#include "suppressd/core/wording.h"

namespace suppressd {
namespace {

constexpr int kAny = -1;
constexpr std::string_view kNextHop = "next-hop";
constexpr int kShortestWord = 3;  ///< Shorter ones are everywhere and do not distinguish patterns.

struct Conditions {
  std::array<int, 3> code{kAny, kAny, kAny};
  std::array<int, 3> status{kAny, kAny, kAny};
};

bool read_code(std::string_view text, std::array<int, 3>& code) {
  if (text.size() != 3 || text[0] < '2' || text[0] > '5') return false;
  for (std::size_t i = 0; i < 3; ++i) {
    const bool digit = is_digit(text[i]);
    if (!digit && (i == 0 || text[i] != 'x')) return false;
    code[i] = digit ? text[i] - '0' : kAny;
  }
  return true;
}

bool read_status(std::string_view text, std::array<int, 3>& status) {
  // Each `x` is tried as a digit: what parse_enhanced_status takes is then right.
  std::string digits(text);
  for (std::size_t part = 0, i = 0; part < 3; ++part) {
    if (i < digits.size() && digits[i] == 'x') {
      digits[i] = part == 0 ? '5' : '0';
      status[part] = kAny;
    } else {
      status[part] = 0;
    }
    i = std::min(digits.find('.', i), digits.size() - 1) + 1;
  }
  const auto parsed = parse_enhanced_status(digits);
  if (!parsed) return false;
  const std::array<int, 3> numbers{parsed->klass, parsed->subject, parsed->detail};
  for (std::size_t part = 0; part < 3; ++part) {
    if (status[part] != kAny) status[part] = numbers[part];
  }
  return true;
}

bool fits(const std::array<int, 3>& wanted, const std::array<int, 3>& numbers) {
  return std::ranges::equal(wanted, numbers,
                            [](int want, int number) { return want == kAny || want == number; });
}

bool is_rule_id(std::string_view id) {
  return !id.empty() &&
         std::ranges::all_of(id, [](char c) { return is_lower(c) || is_digit(c) || c == '.' || c == '-'; });
}

/// The reply's own status, unless the logged one says more.
EnhancedStatus telling_status(const Failure& failure) {
  const auto own = failure.reply.status;
  if (!own || (own.subject == 0 && failure.logged_status && failure.logged_status.subject != 0))
    return failure.logged_status;
  return own;
}

bool is_temporary(const Failure& failure) {
  return failure.temporary || failure.reply.code / 100 == 4 || failure.reply.status.klass == 4 ||
         failure.logged_status.klass == 4;
}

/// Whether the category means a dead address, whatever the operator's table makes of it.
bool tells_of_death(Category category) {
  static const ActionTable defaults;
  return defaults[category] == Action::hard;
}

/// Whether the category says something that only a reply about the recipient can.
bool blames_recipient(Category category) {
  return tells_of_death(category) || category == Category::mailbox_full ||
         category == Category::recipient_refused;
}

/// RFC 4954 section 6: these codes answer AUTH, or ask for it.
bool is_answer_to_auth(int code) {
  return code == 530 || code == 534 || code == 535 || code == 538;
}

struct Verdict {
  std::string_view id;
  Category category;
};

/// What a refusal before the recipient was named means. The ids are also ids of rules.
std::optional<Verdict> before_recipient(Stage stage) {
  switch (stage) {
    case Stage::connect:
      return Verdict{"stage.connect", Category::blocked};
    case Stage::helo:
      return Verdict{"stage.helo", Category::blocked};
    case Stage::tls:
      return Verdict{"stage.tls", Category::local_fault};
    case Stage::auth:
      return Verdict{"stage.auth", Category::auth};
    case Stage::mail:
      return Verdict{"stage.mail", Category::policy};
    default:
      return std::nullopt;
  }
}

/// What is meant if the words of a clause are not about the recipient.
std::optional<Verdict> about(Subject subject) {
  switch (subject) {
    case Subject::sender:
      return Verdict{"words.sender", Category::policy};
    case Subject::our_host:
      return Verdict{"words.our-host", Category::blocked};
    case Subject::message:
      return Verdict{"words.message", Category::content};
    default:
      return std::nullopt;
  }
}

bool has_letters(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; });
}

/// Whether a reply names the address, and is plain words otherwise. One with a code or a page of the server's
/// own has a policy behind it, and no missing mailbox.
bool names_the_address_only(std::string_view wording) {
  if (wording.find('@') == std::string_view::npos) return false;
  if (wording.find("://") != std::string_view::npos || wording.find("www.") != std::string_view::npos)
    return false;
  auto words = wording.substr(std::min(wording.find(' '), wording.size()));  // The code.
  if (words.size() > 1 && is_digit(words[1]))
    words = words.substr(std::min(words.find(' ', 1), words.size()));  // The status.
  return std::ranges::none_of(words, is_digit);
}

/// Servers say the same few things again and again, and matching costs more than all the rest of a line:
/// without this memory, `classify` takes twice the time for replies that repeat themselves.
struct Remembered {
  std::uint64_t ruleset = 0;  ///< Compiled::serial.
  std::string asked;
  Judgement judgement;
};
constexpr std::size_t kRemembered = 4096;
constexpr std::size_t kRememberedWords = 2048;

/// A rule whose text may match: `pattern` is its index among the patterns; -1: it has none.
struct Candidate {
  std::size_t rule;
  int pattern;
};

/// Which rules may match a text depends on the words in it alone; replies that differ in a number or a name
/// have the same. Another question than the judgement, which depends on all of the text: without this memory,
/// `classify` takes 1.4 times the time for replies that are all different.
struct RememberedWords {
  std::uint64_t ruleset = 0;
  std::vector<int> words;
  std::vector<Candidate> candidates;
};

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> serial{0};
  return ++serial;
}

}  // namespace

struct Ruleset::Compiled {
  std::uint64_t serial = next_serial();
  std::vector<Rule> rules;
  std::vector<Conditions> conditions;
  ActionTable actions;
  Subjects subjects;
  re2::FilteredRE2 patterns{kShortestWord};
  Keywords keywords;                 ///< The words that patterns need.
  std::vector<int> rule_of_pattern;  ///< Index in `rules` of each pattern.
  std::vector<int> without_pattern;  ///< Rules of which only the conditions decide.

  /// What a failure shows to the rules.
  struct Facts {
    std::string wording;
    Stage stage;
    EnhancedStatus status;
  };

  static Facts facts_of(const Failure& failure) {
    Facts facts{wording_of(failure.reply.text), failure.reply.stage, telling_status(failure)};
    if (facts.stage == Stage::unknown) facts.stage = stage_in(facts.wording);
    if (facts.stage == Stage::unknown && is_answer_to_auth(failure.reply.code)) facts.stage = Stage::auth;
    return facts;
  }

  /// In the order of the rules.
  std::vector<Candidate> candidates(std::string_view wording) const {
    thread_local std::vector<RememberedWords> memory(
        kRememberedWords);  // Only threads that judge allocate it.
    auto words = keywords.find(wording);
    const std::string_view bytes(reinterpret_cast<const char*>(words.data()), words.size() * sizeof(int));
    auto& place = memory[std::hash<std::string_view>{}(bytes) % kRememberedWords];
    if (place.ruleset != serial || place.words != words) {
      auto found = candidates_with(words);
      place = {serial, std::move(words), std::move(found)};
    }
    return place.candidates;
  }

  std::vector<Candidate> candidates_with(const std::vector<int>& words) const {
    std::vector<int> possible;
    if (!rule_of_pattern.empty()) patterns.AllPotentials(words, &possible);
    std::vector<Candidate> result;
    result.reserve(possible.size() + without_pattern.size());
    for (const int i : possible)
      result.push_back({static_cast<std::size_t>(rule_of_pattern[static_cast<std::size_t>(i)]), i});
    for (const int i : without_pattern) result.push_back({static_cast<std::size_t>(i), -1});
    std::ranges::sort(result, {}, &Candidate::rule);
    return result;
  }

  /// All that a judgement depends on, as one text.
  static std::string key_of(const Failure& failure, const Facts& facts, bool temporary) {
    const int numbers[] = {failure.reply.code,
                           facts.status.klass,
                           facts.status.subject,
                           facts.status.detail,
                           static_cast<int>(facts.stage),
                           temporary,
                           failure.at_next_hop};
    std::string key(reinterpret_cast<const char*>(numbers), sizeof numbers);
    key.reserve(key.size() + facts.wording.size() + 1 + failure.provider.size());
    return key.append(facts.wording).append(1, '\0').append(failure.provider);
  }

  /// A judgement and what it is based on: `words` is a part of the wording.
  struct Decision {
    Judgement judgement;
    Named basis;
  };

  Decision match(const Failure& failure, const Facts& facts, bool temporary) const {
    for (const auto& candidate : candidates(facts.wording)) {
      if (!conditions_hold(candidate.rule, failure, facts) || !text_matches(candidate, facts.wording))
        continue;
      const auto& rule = rules[candidate.rule];
      if (blames_next_hop(rule.category, failure, facts))
        return {fault_of_next_hop(), {Subject::our_host, {}}};
      const bool weak = rule.weak.value_or(rule.category == Category::undetermined_permanent);
      const Named basis{subject_of(rule.category), {}};
      if (rule.own || !blames_recipient(rule.category))
        return {judge(rule.category, weak, rule.id, temporary), basis};
      if (const auto early = before_recipient(facts.stage)) return by_stage(*early, temporary);
      // Most replies are about no one else, and finding the words costs more than matching them.
      if (rule.category != Category::recipient_refused && subjects.names_others(facts.wording)) {
        const auto words = words_of(candidate, facts.wording);
        auto other = subjects.other_than_recipient(facts.wording, words);
        if (!other && weak) other = subjects.named_after(facts.wording, words);
        if (const auto verdict = about(other.subject))
          return {judge(verdict->category, false, verdict->id, temporary), other};
      }
      return {judge(rule.category, weak || is_late(facts.stage), rule.id, temporary), basis};
    }
    return by_code(failure, facts, temporary);
  }

  Decision by_code(const Failure& failure, const Facts& facts, bool temporary) const {
    const auto row = fallback(failure.reply.code, facts.status, facts.stage, temporary);
    if (blames_next_hop(row.category, failure, facts)) return {fault_of_next_hop(), {Subject::our_host, {}}};
    const auto early = before_recipient(facts.stage);
    if (early && (blames_recipient(row.category) || row.id.empty())) return by_stage(*early, temporary);
    if (!tells_of_death(row.category) || !subjects.known()) {
      return {judge(row.category, row.weak, row.id, temporary), {subject_of(row.category), {}}};
    }
    // A status about the address may come without words about the recipient, a mere 5xx may not.
    const bool of_address = row.category != Category::undetermined_permanent;
    const auto named = subjects.named_in(facts.wording);
    if (const auto verdict = about(named.subject);
        verdict && !(of_address && named.subject == Subject::message)) {
      return {judge(verdict->category, false, verdict->id, temporary), named};
    }
    if (const auto refusal = subjects.refusal_in(facts.wording); !of_address && !refusal.empty()) {
      return {judge(Category::recipient_refused, false, "words.refusal", temporary),
              {Subject::recipient, refusal}};
    }
    if (of_address || named)
      return {judge(row.category, true, row.id, temporary), {Subject::recipient, named.words}};
    if (has_letters(prose_of(facts.wording)) &&
        !(facts.stage == Stage::rcpt && names_the_address_only(facts.wording))) {
      return {judge(Category::recipient_refused, false, "words.none", temporary), {}};
    }
    if (failure.reply.code == 0)
      return {judge(Category::undetermined_temporary, false, "words.none", temporary), {}};
    return {judge(row.category, true, row.id, temporary), {Subject::recipient, {}}};
  }

  Decision by_stage(const Verdict& verdict, bool temporary) const {
    return {judge(verdict.category, false, verdict.id, temporary), {subject_of(verdict.category), {}}};
  }

  /// The recipient was already accepted. Some filters call a user unknown whose message they do not
  /// like.
  static bool is_late(Stage stage) { return stage == Stage::data || stage == Stage::end_of_data; }

  /// The words by which a rule's pattern matches; empty: it has none.
  std::string_view words_of(const Candidate& candidate, std::string_view wording) const {
    if (candidate.pattern < 0) return {};
    re2::StringPiece found;
    patterns.GetRE2(candidate.pattern).Match(wording, 0, wording.size(), RE2::UNANCHORED, &found, 1);
    return found;
  }

  /// Whether it is about the next hop itself, and not about a recipient that it would not accept. If no
  /// address is blamed the category stays.
  bool blames_next_hop(Category category, const Failure& failure, const Facts& facts) const {
    if (!failure.at_next_hop || actions[category] == Action::none) return false;
    const bool of_the_host =
        category == Category::connection || category == Category::dns || category == Category::server_error;
    const bool before_recipient = facts.stage != Stage::unknown && facts.stage < Stage::rcpt;
    return of_the_host || before_recipient;
  }

  Judgement fault_of_next_hop() const {
    return {Category::local_fault, actions[Category::local_fault], false, kNextHop};
  }

  bool text_matches(const Candidate& candidate, std::string_view wording) const {
    return candidate.pattern < 0 || RE2::PartialMatch(wording, patterns.GetRE2(candidate.pattern));
  }

  bool conditions_hold(std::size_t index, const Failure& failure, const Facts& facts) const {
    const auto& rule = rules[index];
    const auto& wanted = conditions[index];
    const int code = failure.reply.code;
    if (!rule.code.empty() && !fits(wanted.code, {code / 100, code / 10 % 10, code % 10})) return false;
    if (!rule.status.empty() &&
        (!facts.status ||
         !fits(wanted.status, {facts.status.klass, facts.status.subject, facts.status.detail}))) {
      return false;
    }
    if (rule.stage && *rule.stage != facts.stage) return false;
    return rule.provider.empty() || equals_ignoring_case(rule.provider, failure.provider);
  }

  Judgement judge(Category category, bool weak, std::string_view rule, bool temporary) const {
    Judgement judgement{category, actions[category], weak, rule};
    if (temporary && tells_of_death(category)) {
      judgement.category = Category::undetermined_temporary;
      judgement.action = actions[Category::undetermined_temporary];
    }
    if (temporary && judgement.action == Action::hard) judgement.action = Action::soft;
    if (judgement.action != Action::hard) judgement.weak = false;
    return judgement;
  }
};

Ruleset::Ruleset(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Ruleset::Ruleset(Ruleset&&) noexcept = default;
Ruleset& Ruleset::operator=(Ruleset&&) noexcept = default;
Ruleset::~Ruleset() = default;

Result<Ruleset> Ruleset::compile(std::vector<Rule> rules, const ActionTable& actions, Subjects subjects) {
  auto compiled = std::make_unique<Compiled>();
  compiled->actions = actions;
  compiled->subjects = std::move(subjects);
  std::unordered_map<std::string_view, const Rule*> ids;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& rule = rules[i];
    const auto wrong = [&](const std::string& what) {
      return Error{rule.where + ": rule `" + clean(rule.id, 80) + "`: " + what};
    };
    if (!is_rule_id(rule.id)) return wrong("an id is made of a-z, 0-9, `.` and `-`");
    if (const auto [other, added] = ids.emplace(rule.id, &rule); !added)
      return wrong("this id is taken by the rule at " + other->second->where);
    if (!is_failure(rule.category))
      return wrong("category `" + std::string(name_of(rule.category)) + "` is not a failure");
    Conditions conditions;
    if (!rule.code.empty() && !read_code(rule.code, conditions.code)) {
      return wrong("bad code `" + clean(rule.code, 40) + "`: expected a form such as 550, 55x or 5xx");
    }
    if (!rule.status.empty() && !read_status(rule.status, conditions.status)) {
      return wrong("bad status `" + clean(rule.status, 40) +
                   "`: expected a form such as 5.1.1, 5.1.x or x.7.x");
    }
    compiled->conditions.push_back(conditions);
    if (rule.pattern.empty()) {
      if (rule.code.empty() && rule.status.empty() && rule.provider.empty() && !rule.stage) {
        return wrong("it has neither pattern nor condition and would match every reply");
      }
      compiled->without_pattern.push_back(static_cast<int>(i));
      continue;
    }
    int id = 0;
    if (compiled->patterns.Add(rule.pattern, pattern_options(rule.pattern), &id) != RE2::NoError)
      return wrong("bad pattern: " + pattern_error(rule.pattern));
    compiled->rule_of_pattern.push_back(static_cast<int>(i));
  }
  if (!compiled->rule_of_pattern.empty()) {
    std::vector<std::string> words;
    compiled->patterns.Compile(&words);
    compiled->keywords = Keywords(words);
  }
  compiled->rules = std::move(rules);
  return Ruleset(std::move(compiled));
}

Judgement Ruleset::classify(const Failure& failure) const {
  thread_local std::vector<Remembered> memory(kRemembered);  // Only threads that judge pay for it.
  const auto facts = Compiled::facts_of(failure);
  const bool temporary = is_temporary(failure);
  auto asked = Compiled::key_of(failure, facts, temporary);
  auto& place = memory[std::hash<std::string_view>{}(asked) % kRemembered];
  if (place.ruleset != compiled_->serial || place.asked != asked) {
    place = {compiled_->serial, std::move(asked), compiled_->match(failure, facts, temporary).judgement};
  }
  return place.judgement;
}

std::vector<Explanation> Ruleset::explain(const Failure& failure) const {
  const auto facts = Compiled::facts_of(failure);
  std::vector<Explanation> result;
  bool decided = false;
  for (const auto& candidate : compiled_->candidates(facts.wording)) {
    if (!compiled_->text_matches(candidate, facts.wording)) continue;
    const auto& rule = compiled_->rules[candidate.rule];
    const bool held = compiled_->conditions_hold(candidate.rule, failure, facts);
    result.push_back({rule.id, rule.category, held, held && !decided});
    decided = decided || held;
  }
  const auto row = fallback(failure.reply.code, facts.status, facts.stage, is_temporary(failure));
  if (!row.id.empty()) result.push_back({row.id, row.category, true, !decided});
  // The stage or the subject may have outranked the rule.
  const auto judgement = classify(failure);
  for (auto& explanation : result) explanation.won = explanation.won && explanation.rule == judgement.rule;
  if (!judgement.rule.empty() && std::ranges::none_of(result, &Explanation::won)) {
    const auto named = std::ranges::find(result, judgement.rule, &Explanation::rule);
    if (named == result.end()) {
      result.push_back({judgement.rule, judgement.category, true, true});
    } else {
      named->won = true;
    }
  }
  return result;
}

Basis Ruleset::basis_of(const Failure& failure) const {
  const auto facts = Compiled::facts_of(failure);
  const auto decision = compiled_->match(failure, facts, is_temporary(failure));
  auto words = decision.basis.words;
  if (words.empty()) {
    for (const auto& candidate : compiled_->candidates(facts.wording)) {
      if (compiled_->rules[candidate.rule].id == decision.judgement.rule)
        words = compiled_->words_of(candidate, facts.wording);
    }
  }
  return {decision.basis.subject, facts.stage, std::string(words)};
}

const std::vector<Rule>& Ruleset::rules() const {
  return compiled_->rules;
}

}  // namespace suppressd
