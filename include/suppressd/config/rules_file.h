// Rules files: the TOML form of classifier rules.
//
// A file consists of `[[rule]]` tables: `id` and `category`; `pattern` (a string, or an array of which any
// may match), `code`, `status`, `provider` and `stage`, as the rule needs them; `weak = true` for a hard
// verdict that may prove wrong later; `examples`, replies that the rule must decide. A table `[words]` names
// lists of words, which patterns use as `{{name}}`: one list for all rules. The built-in file
// (conf/rules.toml, compiled in) comes last. Rules of the operator's files come before it, in order; a rule
// with a built-in rule's id replaces that rule instead. Used by both programs; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/rules.h"

namespace suppressd {

/// The entries of `[words]`, each as one pattern.
using Words = std::map<std::string, std::string>;

/// The file that is compiled in.
std::string_view builtin_rules_text();

/// Reads one file's text. Errors have `name:line` and say what is expected: not TOML, an unknown key,
/// category or stage, a value of the wrong type, no id, a pattern that RE2 rejects. `words`: those that the
/// file may use, to which its own are added; null: only its own.
Result<std::vector<Rule>> parse_rules(std::string_view text, const std::string& name, Words* words = nullptr);

/// The rules of `files` and the built-in ones, compiled. Also an Error: a file that cannot be read, a
/// duplicate id, and an example in `files` that another rule decides, which is then named.
Result<Ruleset> load_rules(const std::vector<std::string>& files, const ActionTable& actions);

}  // namespace suppressd
