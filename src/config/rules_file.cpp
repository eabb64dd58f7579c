#include "suppressd/config/rules_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <toml++/toml.h>

#include "suppressd/base/file_mode.h"
#include "suppressd/base/text.h"
#include "suppressd/config/nearest.h"
#include "suppressd/core/pattern.h"

namespace suppressd {

extern const std::string_view kBuiltinRules;

namespace {

constexpr std::string_view kBuiltinName = "rules.toml (built in)";
constexpr std::array<std::string_view, 9> kKeys{"id",    "pattern",  "code", "status",  "provider",
                                                "stage", "category", "weak", "examples"};

Error error_at(const std::string& name, const toml::source_region& where, const std::string& what) {
  return Error{name + ":" + std::to_string(where.begin.line) + ": " + what};
}

std::string quoted(std::string_view text) {
  return "`" + clean(text, 120) + "`";
}

/// Which keys there are, and which was probably meant.
std::string unknown_key(std::string_view key) {
  const auto meant = nearest(key, {kKeys.begin(), kKeys.end()});
  std::string text = "unknown key " + quoted(key);
  if (!meant.empty()) text += " (did you mean " + quoted(meant) + "?)";
  text += ": a rule has ";
  for (const auto name : kKeys) {
    if (name != kKeys.front()) text += ", ";
    text += name;
  }
  return text;
}

/// A string, or an array of strings, appended to `values`.
Status read_strings(const toml::node& node, const std::string& key, const std::string& name,
                    std::vector<std::string>& values) {
  const auto expected = key + " takes a string or an array of strings";
  if (const auto* text = node.as_string()) {
    values.push_back(text->get());
    return {};
  }
  const auto* array = node.as_array();
  if (array == nullptr) return error_at(name, node.source(), expected);
  for (const auto& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return error_at(name, element.source(), expected);
    values.push_back(text->get());
  }
  return {};
}

Status read_string(const toml::node& node, const std::string& key, const std::string& name,
                   std::string& value) {
  const auto* text = node.as_string();
  if (text == nullptr)
    return error_at(name, node.source(), key + " takes a string, such as " + key + " = \"...\"");
  value = text->get();
  return {};
}

/// Replaces each `{{name}}` by the words of `[words]`.
Status insert_words(const Words& words, const std::string& name, const toml::source_region& where,
                    std::string& pattern) {
  for (std::size_t begin = 0; (begin = pattern.find("{{", begin)) != std::string::npos;) {
    const auto end = pattern.find("}}", begin);
    const auto wanted = pattern.substr(begin + 2, end == std::string::npos ? end : end - begin - 2);
    const auto known = words.find(wanted);
    if (end == std::string::npos || known == words.end())
      return error_at(name, where, "no words named " + quoted(wanted));
    pattern.replace(begin, end + 2 - begin, known->second);
    begin += known->second.size();
  }
  return {};
}

Status read_words(const toml::node& node, const std::string& name, Words& words) {
  const auto* table = node.as_table();
  if (table == nullptr)
    return error_at(name, node.source(), "words are written as a [words] table: name = [\"one\", \"two\"]");
  for (const auto& [key, list] : *table) {
    std::vector<std::string> alternatives;
    if (auto status = read_strings(list, std::string(key.str()), name, alternatives); !status) return status;
    std::string pattern;
    for (const auto& alternative : alternatives) pattern += (pattern.empty() ? "(?:" : "|") + alternative;
    pattern += pattern.empty() ? "" : ")";
    if (const auto error = name == kBuiltinName ? std::string{} : pattern_error(pattern);
        pattern.empty() || !error.empty()) {
      return error_at(name, list.source(),
                      "bad words " + quoted(key.str()) + ": " + (error.empty() ? "there are none" : error));
    }
    words[std::string(key.str())] = std::move(pattern);
  }
  return {};
}

Status read_patterns(const toml::node& node, const std::string& name, const Words& words,
                     std::string& pattern) {
  std::vector<std::string> patterns;
  if (auto status = read_strings(node, "pattern", name, patterns); !status) return status;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto& where = node.is_array() ? node.as_array()->get(i)->source() : node.source();
    if (auto status = insert_words(words, name, where, patterns[i]); !status) return status;
    if (patterns[i].empty())
      return error_at(name, where,
                      "an empty pattern matches every reply: leave the key out if only conditions decide");
    // Those of the built-in file are tried only once, when they are compiled, because this is most of the
    // cost of a start.
    const auto error = name == kBuiltinName ? std::string{} : pattern_error(patterns[i]);
    if (!error.empty()) {
      return error_at(name, where, "bad pattern " + quoted(patterns[i]) + ": " + error + " (RE2 syntax)");
    }
    pattern += patterns.size() == 1 ? patterns[i] : (i == 0 ? "(?:" : "|(?:") + patterns[i] + ")";
  }
  return {};
}

Status read_key(std::string_view key, const toml::node& node, const std::string& name, const Words& words,
                Rule& rule) {
  if (key == "id") return read_string(node, "id", name, rule.id);
  if (key == "pattern") return read_patterns(node, name, words, rule.pattern);
  if (key == "code") return read_string(node, "code", name, rule.code);
  if (key == "status") return read_string(node, "status", name, rule.status);
  if (key == "provider") return read_string(node, "provider", name, rule.provider);
  if (key == "examples") return read_strings(node, "examples", name, rule.examples);
  if (key == "weak") {
    const auto* flag = node.as_boolean();
    if (flag == nullptr) return error_at(name, node.source(), "weak takes true or false");
    rule.weak = flag->get();
    return {};
  }
  std::string word;
  if (key == "stage") {
    if (auto status = read_string(node, "stage", name, word); !status) return status;
    rule.stage = stage_from(word);
    if (rule.stage && *rule.stage != Stage::unknown) return {};
    return error_at(name, node.source(),
                    "unknown stage " + quoted(word) +
                        ": expected one of lookup, connect, helo, tls, auth, mail, rcpt, data, end-of-data");
  }
  if (key == "category") {
    if (auto status = read_string(node, "category", name, word); !status) return status;
    if (const auto category = category_from(word); category && is_failure(*category)) {
      rule.category = *category;
      return {};
    }
    std::string known;
    for (std::size_t i = 0; i < kCategoryCount; ++i) {
      const auto category = static_cast<Category>(i);
      if (is_failure(category)) known += (known.empty() ? "" : ", ") + std::string(name_of(category));
    }
    return error_at(name, node.source(), "unknown category " + quoted(word) + ": expected one of " + known);
  }
  return error_at(name, node.source(), unknown_key(key));
}

Result<Rule> read_rule(const toml::table& table, const std::string& name, const Words& words) {
  Rule rule;
  rule.where = name + ":" + std::to_string(table.source().begin.line);
  for (const auto& [key, node] : table) {
    if (auto status = read_key(key.str(), node, name, words, rule); !status) return status.error();
  }
  if (rule.id.empty())
    return Error{rule.where + ": the rule has no id: add id = \"...\", which is recorded with every result"};
  if (!table.contains("category"))
    return Error{rule.where + ": rule " + quoted(rule.id) + " has no category"};
  return rule;
}

/// Each example must be decided by its own rule. The operator may shadow built-in rules, so this only applies
/// to the operator's own.
Status check_examples(const Ruleset& ruleset, const std::unordered_set<std::string>& own) {
  for (const auto& rule : ruleset.rules()) {
    if (!own.contains(rule.id)) continue;
    for (const auto& example : rule.examples) {
      Failure failure;
      failure.reply = parse_reply(example);
      failure.provider = rule.provider;
      if (rule.stage) failure.reply.stage = *rule.stage;
      const auto judgement = ruleset.classify(failure);
      if (judgement.rule == rule.id) continue;
      const auto verdict = judgement.rule.empty()
                               ? std::string("is not understood")
                               : "is classified as " + std::string(name_of(judgement.category)) + " by " +
                                     quoted(judgement.rule);
      return Error{
          rule.where + ": rule " + quoted(rule.id) + ": its example " + quoted(example) + " " + verdict +
          ", not by the rule: fix pattern, conditions or example, or move the rule before the other"};
    }
  }
  return {};
}

/// The subjects are the words of the built-in file that have their names.
Result<Subjects> subjects_in(const Words& words) {
  const auto named = [&](const char* name) {
    const auto found = words.find(name);
    return found == words.end() ? std::string{} : found->second;
  };
  return Subjects::compile({.recipient = named("recipient"),
                            .sender = named("sender"),
                            .message = named("message"),
                            .our_host = named("our-host"),
                            .refusal = named("refusal"),
                            .reason = named("reason")});
}

Result<std::string> read_text(const std::string& path) {
  const auto wrong = [&] { return Error{path + ": cannot read the rules file: " + std::strerror(errno)}; };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  struct stat status {};
  if (!file || fstat(fileno(file.get()), &status) != 0) return wrong();
  if (auto closed = refuse_world_writable(path, status.st_mode); !closed) return closed.error();
  std::string text;
  std::array<char, 65536> buffer;
  while (const auto length = std::fread(buffer.data(), 1, buffer.size(), file.get()))
    text.append(buffer.data(), length);
  if (std::ferror(file.get()) != 0) return wrong();
  return text;
}

}  // namespace

std::string_view builtin_rules_text() {
  return kBuiltinRules;
}

Result<std::vector<Rule>> parse_rules(std::string_view text, const std::string& name, Words* words) {
  Words of_file;
  auto& known = words != nullptr ? *words : of_file;
  toml::table document;
  try {
    document = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    return error_at(name, error.source(), "not TOML: " + clean(error.description(), 300));
  }
  if (const auto* node = document.get("words")) {
    if (auto status = read_words(*node, name, known); !status) return status.error();
  }
  std::vector<Rule> rules;
  for (const auto& [key, node] : document) {
    if (key.str() == "words") continue;
    const auto* array = key.str() == "rule" ? node.as_array() : nullptr;
    if (array == nullptr)
      return error_at(name, node.source(),
                      "unknown key " + quoted(key.str()) + ": a rules file consists of [[rule]] tables");
    for (const auto& element : *array) {
      const auto* table = element.as_table();
      if (table == nullptr) return error_at(name, element.source(), "a rule is written as a [[rule]] table");
      auto rule = read_rule(*table, name, known);
      if (!rule) return rule.error();
      rules.push_back(std::move(*rule));
    }
  }
  return rules;
}

Result<Ruleset> load_rules(const std::vector<std::string>& files, const ActionTable& actions) {
  Words words;
  auto builtin = parse_rules(kBuiltinRules, std::string(kBuiltinName), &words);
  if (!builtin) return builtin.error();
  auto subjects = subjects_in(words);
  if (!subjects) return subjects.error();
  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < builtin->size(); ++i) place.emplace((*builtin)[i].id, i);

  std::vector<Rule> rules;
  std::unordered_set<std::string> own_ids;
  for (const auto& path : files) {
    const auto text = read_text(path);
    if (!text) return text.error();
    auto of_file = words;
    auto own = parse_rules(*text, path, &of_file);
    if (!own) return own.error();
    for (auto& rule : *own) {
      rule.own = true;
      own_ids.insert(rule.id);
      const auto overridden = place.find(rule.id);
      if (overridden == place.end()) {
        rules.push_back(std::move(rule));
      } else {
        (*builtin)[overridden->second] = std::move(rule);
        place.erase(overridden);
      }
    }
  }
  std::ranges::move(*builtin, std::back_inserter(rules));

  auto ruleset = Ruleset::compile(std::move(rules), actions, std::move(*subjects));
  if (!ruleset) return ruleset;
  if (auto status = check_examples(*ruleset, own_ids); !status) return status.error();
  return ruleset;
}

}  // namespace suppressd
