// Rules files: the TOML form of classifier rules.
//
// A file is a row of `[[rule]]` tables: `id` and `category`, and of `pattern` (a string, or an array of which
// any may match), `code`, `status`, `provider` and `stage` what the rule needs; `weak = true` for a hard
// verdict that time may prove wrong; `examples`, replies that the rule must judge. A table `[words]` names
// lists of words, which patterns use as `{{name}}`: one list for all rules. The built-in file
// (conf/rules.toml, compiled in) comes last. Rules of the operator's files come before it, in order; one that
// has a built-in rule's id takes that rule's place instead. Used by both programs; any thread.
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

/// Reads one file's text. Errors carry `name:line` and what would be right: not TOML, an unknown key,
/// category or stage, a value of the wrong type, no id, a pattern that RE2 refuses. `words`: those that the
/// file may use, to which its own are added; null: its own alone.
Result<std::vector<Rule>> parse_rules(std::string_view text, const std::string& name, Words* words = nullptr);

/// The rules of `files` and the built-in ones, compiled. Errors also for a file that cannot be read, an id
/// given twice, and an example in `files` that another rule judges, which is then named.
Result<Ruleset> load_rules(const std::vector<std::string>& files, const ActionTable& actions);

}  // namespace suppressd
