// How the built-in patterns are written: no word is taken out of the middle of another, and no rule is made
// for one text.
//
// The second needs texts: the example replies, and the corpora where those are at hand.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "suppressd/config/rules_file.h"
#include "suppressd/core/pattern.h"

#include "../corpora.h"
#include "wording.h"

namespace suppressd {
namespace {

const Ruleset& ruleset() {
  static const auto rules = load_rules({}, ActionTable{});
  return rules.value();
}

// --- bare words

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Behind the class, group or character at `begin`.
std::size_t end_of_atom(std::string_view pattern, std::size_t begin) {
  bool in_class = false;
  int depth = 0;
  for (std::size_t i = begin; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    }
    if (!in_class && depth == 0) return std::min(i + 1, pattern.size());
  }
  return pattern.size();
}

std::vector<std::string_view> alternatives(std::string_view pattern) {
  std::vector<std::string_view> result;
  std::size_t begin = 0;
  std::size_t i = 0;
  while (i < pattern.size()) {
    if (pattern[i] == '|') {
      result.push_back(pattern.substr(begin, i - begin));
      begin = ++i;
    } else {
      i = end_of_atom(pattern, i);
    }
  }
  result.push_back(pattern.substr(begin));
  return result;
}

struct Atom {
  std::string_view text;
  bool optional;
};

std::vector<Atom> atoms(std::string_view alternative) {
  std::vector<Atom> result;
  for (std::size_t i = 0; i < alternative.size();) {
    const auto end = end_of_atom(alternative, i);
    Atom atom{alternative.substr(i, end - i), false};
    i = end;
    while (i < alternative.size() &&
           std::string_view("?*+{").find(alternative[i]) != std::string_view::npos) {
      const bool counted = alternative[i] == '{';
      atom.optional = atom.optional || alternative[i] == '?' || alternative[i] == '*' ||
                      (counted && alternative[i + 1] == '0');
      i = counted ? alternative.find('}', i) + 1 : i + 1;
    }
    result.push_back(atom);
  }
  return result;
}

/// Whether a text that matches may begin (or end) with a letter or digit that may be next to another one.
bool is_bare(std::string_view alternative, bool at_end) {
  auto parts = atoms(alternative);
  if (at_end) std::ranges::reverse(parts);
  for (const auto& part : parts) {
    auto text = part.text;
    if (text.starts_with('(')) {
      text = text.substr(1, text.size() - 2);
      if (text.starts_with("?:")) text.remove_prefix(2);
      bool may_be_empty = false;
      for (const auto inner : alternatives(text)) {
        if (is_bare(inner, at_end)) return true;
        may_be_empty = may_be_empty || inner.empty();
      }
      if (may_be_empty) continue;
    } else if (text.size() == 1 && is_word(text[0])) {
      return true;
    } else if (text == R"(\w)" || text == R"(\S)" || text.starts_with('[')) {
      return false;  // It says that it means any word that begins or ends so.
    }
    if (!part.optional) return false;
  }
  return false;
}

TEST(Patterns, TheCheckOfBareWordsSeesThem) {
  EXPECT_TRUE(is_bare("closed address", false));
  EXPECT_TRUE(is_bare("(in)?(closed|open) address", false));
  EXPECT_TRUE(is_bare("(^|no) address", false));
  EXPECT_TRUE(is_bare(" ?closed", false));
  EXPECT_FALSE(is_bare(R"(\bclosed address)", false));
  EXPECT_FALSE(is_bare(R"(\w*closed address)", false)) << "it says that it means any word that ends so";
  EXPECT_FALSE(is_bare("^closed", false));
  EXPECT_TRUE(is_bare("user (unknown|not found)", true));
  EXPECT_FALSE(is_bare(R"(user (unknown|not found)\b)", true));
  EXPECT_FALSE(is_bare(R"(user reject\w*)", true));
  EXPECT_FALSE(is_bare("user unknown$", true));
  EXPECT_EQ(alternatives("a|(b|c)d|[|]e").size(), 3U);
}

TEST(Patterns, NoWordIsTakenOutOfTheMiddleOfAnother) {
  for (const auto& rule : ruleset().rules()) {
    // Of several patterns each has a pair of brackets of its own.
    for (const auto alternative : alternatives(rule.pattern)) {
      auto one = alternative;
      if (one.starts_with("(?:") && one.ends_with(')')) one = one.substr(3, one.size() - 4);
      for (const auto inner : alternatives(one)) {
        if (inner.find("(?:") != std::string_view::npos)
          continue;  // [words], which are held to this by their own test
        EXPECT_FALSE(is_bare(inner, false))
            << rule.where << ": `" << inner << "` begins with a bare word: put \\b before it";
        EXPECT_FALSE(is_bare(inner, true))
            << rule.where << ": `" << inner << "` ends with a bare word: put \\b or \\w* after it";
      }
    }
  }
}

TEST(Patterns, NoSubjectIsTakenOutOfTheMiddleOfAWord) {
  Words words;
  ASSERT_TRUE(parse_rules(builtin_rules_text(), "rules.toml", &words));
  for (const auto* name :
       {"recipient", "sender", "our-host", "message", "reason", "refusal", "not-found", "full", "disabled"}) {
    ASSERT_TRUE(words.contains(name)) << name;
    const std::string_view pattern = words[name];
    for (const auto alternative : alternatives(pattern.substr(3, pattern.size() - 4))) {
      EXPECT_FALSE(is_bare(alternative, false))
          << name << ": `" << alternative << "` begins with a bare word: put \\b before it";
    }
  }
}

// --- rules for one text

constexpr std::size_t kMostWords = 6;

std::string without_tabs_before(const std::string& line) {
  return line.substr(line.rfind('\t') + 1);
}

/// Each different wording of the example replies, of the rules' own examples, and of the corpora.
std::set<std::string> all_wordings() {
  std::set<std::string> result;
  std::ifstream replies(std::string(SUPPRESSD_SOURCE_DIR) + "/tests/golden/rules/replies.tsv");
  for (std::string line; std::getline(replies, line);) {
    if (!line.empty() && line[0] != '#') result.insert(wording_of(without_tabs_before(line)));
  }
  for (const auto& rule : ruleset().rules()) {
    for (const auto& example : rule.examples) result.insert(wording_of(example));
  }
  const auto folder = corpora::folder();
  if (!std::filesystem::exists(folder)) return result;
  for (const auto* set : {"sisimai_texts", "zonemta_texts", "bmh_texts", "mautic_texts"}) {
    for (const auto& row : corpora::rows_of(std::string(set) + "/lines.jsonl"))
      result.insert(wording_of(corpora::text_of(row, "line")));
  }
  for (const auto& mail : corpora::rows_of("sisimai/manifest.jsonl")) {
    for (const auto& event : mail.at("events"))
      result.insert(wording_of(corpora::text_of(event, "tool_diagnostic")));
  }
  result.erase("");
  return result;
}

/// Words of `text` that the pattern spells out.
std::size_t literal_words(std::string_view pattern, std::string_view text) {
  std::size_t words = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    auto end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end - begin > 1 && pattern.find(text.substr(begin, end - begin)) != std::string_view::npos) ++words;
    begin = end + 1;
  }
  return words;
}

/// How many words an alternative has of the only text that it fits; 0: it fits none, or several.
std::size_t words_of_the_only_text(std::string_view alternative, const std::set<std::string>& wordings) {
  const RE2 pattern(re2::StringPiece(alternative.data(), alternative.size()), pattern_options(alternative));
  const std::string* only = nullptr;
  for (const auto& wording : wordings) {
    if (!RE2::PartialMatch(wording, pattern)) continue;
    if (only != nullptr) return 0;
    only = &wording;
  }
  re2::StringPiece found;
  if (only == nullptr || !pattern.Match(*only, 0, only->size(), RE2::UNANCHORED, &found, 1)) return 0;
  return literal_words(alternative, found);
}

TEST(Patterns, NoRuleIsMadeForOneText) {
  const std::set<std::string> some{"550 one two three four five six seven",
                                   "550 two three four five six seven eight"};
  EXPECT_EQ(words_of_the_only_text(R"(\bone two (three|3) four five six seven\b)", some), 7U)
      << "or nothing is checked";
  EXPECT_EQ(words_of_the_only_text(R"(two three four five six seven)", some), 0U);
  const auto wordings = all_wordings();
  std::size_t checked = 0;
  for (const auto& rule : ruleset().rules()) {
    for (const auto alternative : alternatives(rule.pattern)) {
      auto one = alternative;
      if (one.starts_with("(?:") && one.ends_with(')')) one = one.substr(3, one.size() - 4);
      for (const auto inner : alternatives(one)) {
        ++checked;
        EXPECT_LE(words_of_the_only_text(inner, wordings), kMostWords)
            << rule.where << ": `" << inner << "` fits one text only, and spells out that many of its words";
      }
    }
  }
  std::cout << checked << " alternatives, " << wordings.size() << " texts\n";
}

TEST(Patterns, WhatTheVerdictsRestOnIsCounted) {
  const auto wordings = all_wordings();
  std::map<std::string, int> hits;
  int by_rule = 0;
  int by_words = 0;
  int by_code = 0;
  std::set<std::string_view> ids;
  for (const auto& rule : ruleset().rules()) ids.insert(rule.id);
  for (const auto& wording : wordings) {
    Failure failure;
    failure.reply = parse_reply(wording);
    const auto judgement = ruleset().classify(failure);
    ++hits[std::string(judgement.rule)];
    if (ids.contains(judgement.rule)) {
      ++by_rule;
    } else if (judgement.rule.starts_with("words.") || judgement.rule.starts_with("stage.")) {
      ++by_words;
    } else {
      ++by_code;
    }
  }
  const auto share = [&](int count) {
    return corpora::Score::percent(count, static_cast<int>(wordings.size()));
  };
  std::vector<std::pair<int, std::string>> most;
  for (const auto& [id, count] : hits) most.emplace_back(count, id.empty() ? "(not understood)" : id);
  std::ranges::sort(most, std::greater{});
  const auto once = std::ranges::count_if(most, [](const auto& row) { return row.first == 1; });
  std::cout << ruleset().rules().size() << " rules, " << wordings.size() << " texts: by rules "
            << share(by_rule) << " %, by subject or stage " << share(by_words) << " %, by code or not at all "
            << share(by_code) << " %; " << once << " rules decide one text only\n";
  for (const auto& [count, id] : most) {
    if (count > 1) std::cout << "  " << std::setw(5) << count << ' ' << id << '\n';
  }
  EXPECT_GE(share(by_rule), 80.0);
  EXPECT_LE(share(by_code), 10.0);
}

// --- what a sure verdict rests on

TEST(Patterns, NoSureVerdictRestsOnACodeOrOnWordsAboutTheSender) {
  for (const auto& wording : all_wordings()) {
    Failure failure;
    failure.reply = parse_reply(wording);
    const auto judgement = ruleset().classify(failure);
    if (judgement.action != Action::hard || judgement.weak) continue;
    const auto basis = ruleset().basis_of(failure);
    EXPECT_EQ(basis.subject, Subject::recipient) << wording;
    EXPECT_FALSE(basis.words.empty()) << judgement.rule << ": " << wording;
    EXPECT_TRUE(std::ranges::any_of(
        ruleset().rules(),
        [&](const Rule& rule) { return rule.id == judgement.rule && !rule.pattern.empty(); }))
        << judgement.rule << ": " << wording;
  }
}

TEST(Patterns, NoCodeOrStatusAloneIsSure) {
  for (int code = 500; code < 560; ++code) {
    for (const auto* rest : {"", " 5.1.1", " 5.1.2", " 5.1.3", " 5.1.6", " 5.1.10", " 5.2.1", " 5.0.0",
                             " 5.4.1", " 5.1.1 zx", " 5.4.4 zx"}) {
      Failure failure;
      const auto text = std::to_string(code) + rest;
      failure.reply = parse_reply(text);
      const auto judgement = ruleset().classify(failure);
      EXPECT_TRUE(judgement.action != Action::hard || judgement.weak) << text << " by " << judgement.rule;
    }
  }
}

TEST(Patterns, NoWordsBeforeTheRecipientWasNamedBlameHim) {
  for (const auto& wording : all_wordings()) {
    for (const auto stage : {Stage::connect, Stage::helo, Stage::tls, Stage::auth, Stage::mail}) {
      Failure failure;
      failure.reply = parse_reply(wording);
      failure.reply.stage = stage;
      const auto judgement = ruleset().classify(failure);
      EXPECT_NE(judgement.action, Action::hard) << name_of(stage) << ' ' << judgement.rule << ": " << wording;
      EXPECT_NE(judgement.category, Category::mailbox_full) << name_of(stage) << ": " << wording;
      EXPECT_NE(judgement.category, Category::recipient_refused) << name_of(stage) << ": " << wording;
    }
  }
}

TEST(Patterns, NoWordsAfterDataAreSure) {
  for (const auto& wording : all_wordings()) {
    for (const auto stage : {Stage::data, Stage::end_of_data}) {
      Failure failure;
      failure.reply = parse_reply(wording);
      failure.reply.stage = stage;
      const auto judgement = ruleset().classify(failure);
      EXPECT_TRUE(judgement.action != Action::hard || judgement.weak) << judgement.rule << ": " << wording;
    }
  }
}

}  // namespace
}  // namespace suppressd
