// The classifier: from what a server said to a category.
//
// Rules are data. They are matched by RE2, linear in the text, against the reply's wording: its first 2 KB on
// one line of plain UTF-8 in lower case, without addresses and hosts (wording.h), so that hostile bytes and
// long texts cost little and names do not mislead. One pass finds the words that patterns need (keywords.h);
// only patterns all of whose words occur are tried. Of the rules that match and whose conditions hold, the
// first in order wins, so contra-indications come first. Text decides before the code, because codes lie; if
// no text matches, the tables for enhanced status and code decide (fallback.h). A failure that is temporary
// by any sign (the MTA deferred it; 4xx; a status 4.x.x) is never hard: the verdict keeps the rule's id, its
// category becomes undetermined-temporary if it was that of a dead address, and its action soft. Whose fault
// it is outranks the words: a reply before the recipient was named (its stage), and words of a clause about
// the sender or our host (subject.h), never blame the recipient; words after DATA are weak at most. The
// fallbacks are weak, too, and if the text does not mention a mailbox they do not suppress. The operator's
// own rules have the last word in all of this. A compiled Ruleset is immutable and safe from any thread; each
// thread remembers its latest judgements, because servers repeat themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/category.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/reply.h"
#include "suppressd/core/subject.h"

namespace suppressd {

/// One rule, as a rules file states it.
struct Rule {
  std::string id;        ///< Unique, `[a-z0-9.-]+`; recorded with every verdict.
  std::string pattern;   ///< RE2 syntax, matched anywhere, ignoring case. Empty: matches every text
                         ///< (conditions decide).
  std::string code;      ///< `550`, `55x`, `5xx`; empty: any.
  std::string status;    ///< `5.1.1`, `5.1.x`, `x.7.x`; empty: any. Of the reply, or the logged one where the
                         ///< reply's says less.
  std::string provider;  ///< `google.com`: only replies of that provider; empty: any.
  std::optional<Stage> stage;
  Category category = Category::undetermined_temporary;
  /// A hard verdict that may prove wrong later: `hard.weak_for`. Not stated: undetermined-permanent is weak,
  /// the others are sure.
  std::optional<bool> weak;
  std::vector<std::string> examples;  ///< Replies that must be classified by this rule.
  bool own = false;                   ///< The operator's: subject and stage are not considered.
  std::string where;                  ///< `rules.toml:120`, for messages.
};

/// What is classified.
struct Failure {
  Reply reply;  ///< `reply.text` is matched.
  EnhancedStatus
      logged_status;  ///< `dsn=` of the log line or Status of the report; may differ from the reply's.
  std::string_view provider;  ///< Registrable domain of the server; empty if unknown.
  bool temporary = false;     ///< The MTA deferred: never `hard`, whatever the text.
  bool at_next_hop =
      false;  ///< It failed at a host of ours on the way: what is about that host is `local-fault`.
};

/// One candidate of `classify --explain`.
struct Explanation {
  std::string rule;
  Category category;
  bool conditions_held;
  bool won;
};

/// What a verdict is based on.
struct Basis {
  Subject subject = Subject::none;  ///< Whom it blames.
  Stage stage = Stage::unknown;     ///< As the MTA logged it, or as the text names it.
  std::string
      words;  ///< The words that decided, as patterns see them; empty: a code, a status or a stage alone.
};

class Ruleset {
 public:
  /// Errors: a bad id, an id twice, a rule that matches everything, a pattern that RE2 rejects, a bad code or
  /// status; the message has Rule::where.
  static Result<Ruleset> compile(std::vector<Rule> rules, const ActionTable& actions, Subjects subjects = {});

  Ruleset(Ruleset&&) noexcept;
  Ruleset& operator=(Ruleset&&) noexcept;
  ~Ruleset();

  Judgement classify(const Failure& failure) const;
  std::vector<Explanation> explain(const Failure& failure) const;
  Basis basis_of(const Failure& failure) const;
  const std::vector<Rule>& rules() const;

 private:
  struct Compiled;
  explicit Ruleset(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace suppressd
