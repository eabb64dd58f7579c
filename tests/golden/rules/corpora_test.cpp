// The built-in rules against corpora of real bounces: how many verdicts have the class that the corpus
// states.
//
// See ../corpora.h.
#include "../corpora.h"

#include <string>

#include <gtest/gtest.h>

#include "suppressd/base/digest.h"
#include "suppressd/config/rules_file.h"
#include "suppressd/core/rules.h"

#include "postfix/reply.h"

namespace suppressd {
namespace {

using corpora::CorporaTest;
using corpora::json;
using corpora::rows_of;
using corpora::Score;
using corpora::text_of;

constexpr const char* kKnown = "tests/golden/rules/known_disagreements.tsv";

/// The corpora keep UTF-8 texts whose bytes were read as Latin-1: where every character is below U+0100,
/// these bytes are the text.
std::string without_mojibake(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      bytes += static_cast<char>(((lead & 0x03) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    } else {
      return text;
    }
  }
  return bytes;
}

const Ruleset& ruleset() {
  static const auto rules = load_rules({}, ActionTable{});
  return rules.value();
}

Judgement judge(const std::string& text, int code, const std::string& status, bool temporary) {
  Failure failure;
  failure.reply = read_postfix_reply(text);
  if (failure.reply.code == 0) failure.reply.code = code;
  failure.logged_status = parse_enhanced_status(status).value_or(EnhancedStatus{});
  failure.temporary = temporary;
  return ruleset().classify(failure);
}

/// The texts are not ours to keep: a disagreement is known by the digest of its text.
void add(Score& score, const std::string& wanted, const Judgement& judgement, const std::string& text,
         bool seen) {
  score.add(wanted, judgement.category, judgement.rule, short_digest(text, 12), text, seen);
}

class Corpora : public CorporaTest {};

TEST_F(Corpora, NoLivingAddressOfSisimaiIsCalledDead) {
  Score score("sisimai", kKnown);
  for (const auto& mail : rows_of("sisimai/manifest.jsonl")) {
    for (const auto& event : mail.at("events")) {
      const auto wanted = text_of(event, "class");
      // Feedback, auto-replies, deliveries and delays are told by the form of the mail, not by a reply's
      // words.
      if (text_of(event, "grade") != "A" || wanted.ends_with('?')) continue;
      if (wanted == "feedback" || wanted == "vacation" || wanted == "delivered" || wanted == "delayed")
        continue;
      const auto text = without_mojibake(text_of(event, "tool_diagnostic"));
      const auto status = text_of(event, "status");
      const auto code = text_of(event, "replycode");
      const bool temporary = status.starts_with('4') || text_of(event, "action") == "delayed";
      add(score, wanted, judge(text, code.empty() ? 0 : std::stoi(code), status, temporary), text,
          text_of(mail, "half") == "dev");
    }
  }
  score.print();
  EXPECT_GE(score.hard_recall(), 97.0);
  EXPECT_EQ(score.false_hard(), 0);
  EXPECT_GE(score.right(), 93.0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

Score score_texts(const std::string& set, bool (*counts)(const json&)) {
  Score score(set, kKnown);
  for (const auto& row : rows_of(set + "/lines.jsonl")) {
    const auto& expect = row.at("expect");
    auto wanted = text_of(expect, "class");
    if (wanted.empty() || wanted == "undetermined" || wanted.ends_with('?') || !counts(expect)) continue;
    if (wanted == "delayed")
      wanted = "soft";  // A delay warning's words; what it is, the form of the mail tells.
    const auto text = text_of(row, "line");
    add(score, wanted, judge(text, 0, {}, false), text, text_of(row, "half") == "dev");
  }
  score.print();
  return score;
}

bool every(const json&) {
  return true;
}

TEST_F(Corpora, NoPolicyTextOfSisimaiIsCalledHard) {
  const auto score = score_texts("sisimai_texts", [](const json& expect) {
    const auto kind = text_of(expect, "kind");
    return kind == "unit-test" || kind == "smtp_like" || expect.value("smtp_like", false);
  });
  EXPECT_EQ(score.hard_for("policy"), 0);
  EXPECT_EQ(score.false_hard(), 0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

TEST_F(Corpora, NoBlocklistTextOfZonemtaIsCalledHard) {
  const auto score = score_texts("zonemta_texts", every);
  EXPECT_EQ(score.false_hard(), 0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

TEST_F(Corpora, NoPolicyTextOfBounceMailHandlerIsCalledHard) {
  const auto score = score_texts("bmh_texts", every);
  EXPECT_EQ(score.hard_for("policy"), 0);
  EXPECT_EQ(score.unknown_disagreements(), 0);
}

TEST_F(Corpora, DeadAddressesOfMauticAreFound) {
  const auto score = score_texts("mautic_texts", every);
  EXPECT_EQ(score.hard_recall(), 100.0);
}

}  // namespace
}  // namespace suppressd
