#include "suppressd/core/rules.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wording.h"

namespace suppressd {
namespace {

Rule rule(std::string id, std::string pattern, Category category) {
  Rule result;
  result.where = "test.toml:" + std::to_string(id.size());
  result.id = std::move(id);
  result.pattern = std::move(pattern);
  result.category = category;
  return result;
}

Failure failure(std::string_view text) {
  Failure result;
  result.reply = parse_reply(text);
  return result;
}

Ruleset compiled(std::vector<Rule> rules, const ActionTable& actions = {}) {
  auto ruleset = Ruleset::compile(std::move(rules), actions);
  EXPECT_TRUE(ruleset) << ruleset.error().message;
  return std::move(*ruleset);
}

std::string refusal_of(std::vector<Rule> rules) {
  const auto ruleset = Ruleset::compile(std::move(rules), ActionTable{});
  return ruleset ? "" : ruleset.error().message;
}

// --- order and conditions

TEST(Rules, FirstInOrderWinsWhereSeveralMatch) {
  const auto rules = compiled(
      {rule("full", "over quota", Category::mailbox_full), rule("unknown", "user", Category::bad_mailbox)});
  EXPECT_EQ(rules.classify(failure("550 5.1.1 user is over quota")).rule, "full");
  EXPECT_EQ(rules.classify(failure("550 5.1.1 user gone")).rule, "unknown");
}

TEST(Rules, TextDecidesBeforeStatusAndCode) {
  const auto rules = compiled({rule("rate", "too many recipients", Category::rate_limited)});
  const auto judgement = rules.classify(failure("550 5.1.1 too many recipients this hour"));
  EXPECT_EQ(judgement.category, Category::rate_limited);
  EXPECT_EQ(judgement.action, Action::none);
}

TEST(Rules, LetterCaseDoesNotMatterInAnyAlphabet) {
  const auto rules = compiled({rule("a", "user unknown", Category::bad_mailbox),
                               rule("b", "Пользователь НЕ найден", Category::bad_mailbox),
                               rule("c", "empfänger", Category::bad_mailbox)});
  EXPECT_EQ(rules.classify(failure("550 USER UnKnown")).rule, "a");
  EXPECT_EQ(rules.classify(failure("550 ПОЛЬЗОВАТЕЛЬ не найден")).rule, "b");
  EXPECT_EQ(rules.classify(failure("550 EMPFÄNGER fehlt")).rule, "c");
  EXPECT_EQ(rules.classify(failure("550 Empf\xE4nger fehlt")).rule, "c") << "a Latin-1 reply";
}

TEST(Rules, EveryConditionMustHold) {
  auto wanted = rule("all", "no", Category::blocked);
  wanted.code = "55x";
  wanted.status = "5.7.x";
  wanted.provider = "example.com";
  wanted.stage = Stage::rcpt;
  const auto rules = compiled({wanted});

  auto right = failure("550 5.7.1 no");
  right.provider = "Example.COM";
  right.reply.stage = Stage::rcpt;
  EXPECT_EQ(rules.classify(right).rule, "all");

  auto code = right;
  code.reply.code = 541;
  EXPECT_NE(rules.classify(code).rule, "all");
  auto status = right;
  status.reply.status = {5, 1, 1};
  EXPECT_NE(rules.classify(status).rule, "all");
  auto provider = right;
  provider.provider = "notexample.com";
  EXPECT_NE(rules.classify(provider).rule, "all");
  auto stage = right;
  stage.reply.stage = Stage::mail;
  EXPECT_NE(rules.classify(stage).rule, "all");
}

TEST(Rules, RuleWithoutPatternMatchesByItsConditionsAlone) {
  auto any = rule("every-5xx", "", Category::undetermined_permanent);
  any.code = "5xx";
  const auto rules = compiled({any, rule("full", "over quota", Category::mailbox_full)});
  EXPECT_EQ(rules.classify(failure("552 5.2.2 over quota")).rule, "every-5xx");
  EXPECT_EQ(rules.classify(failure("452 4.2.2 over quota")).rule, "full");
}

TEST(Rules, LoggedStatusCountsWhereTheReplysSaysLess) {
  auto by_status = rule("policy", "user unknown", Category::policy);
  by_status.status = "5.7.x";
  const auto rules = compiled({by_status, rule("unknown", "user unknown", Category::bad_mailbox)});
  auto sendmail = failure("User unknown");
  sendmail.logged_status = {5, 7, 1};
  EXPECT_EQ(rules.classify(sendmail).rule, "policy");
  auto vague = failure("550 5.0.0 User unknown");
  vague.logged_status = {5, 7, 1};
  EXPECT_EQ(rules.classify(vague).rule, "policy");
  auto rewritten = failure("550 5.1.1 User unknown");
  rewritten.logged_status = {5, 7, 1};
  EXPECT_EQ(rules.classify(rewritten).rule, "unknown") << "the reply's own status is the server's word";
}

TEST(Rules, StageIsTakenFromTheTextWhereTheCallerKnowsNone) {
  auto sender = rule("sender", "", Category::policy);
  sender.stage = Stage::mail;
  const auto rules = compiled({sender, rule("unknown", "user unknown", Category::bad_mailbox)});
  EXPECT_EQ(rules.classify(failure("550 User unknown (in reply to MAIL FROM command)")).rule, "sender");
  EXPECT_EQ(rules.classify(failure("550 User unknown (in reply to RCPT TO command)")).rule, "unknown");
}

// --- whose fault it is

Ruleset with_subjects(std::vector<Rule> rules) {
  auto subjects = Subjects::compile({.recipient = "user|mailbox",
                                     .sender = "sender",
                                     .message = "message",
                                     .our_host = "your ip",
                                     .refusal = "rejects",
                                     .reason = "language"});
  auto ruleset = Ruleset::compile(std::move(rules), ActionTable{}, std::move(*subjects));
  EXPECT_TRUE(ruleset) << ruleset.error().message;
  return std::move(*ruleset);
}

Judgement at(const Ruleset& rules, std::string_view text, Stage stage) {
  auto given = failure(text);
  given.reply.stage = stage;
  return rules.classify(given);
}

TEST(Rules, NoRefusalBeforeTheRecipientWasNamedBlamesHim) {
  const auto rules = compiled({rule("dead", "user unknown", Category::bad_mailbox),
                               rule("full", "over quota", Category::mailbox_full),
                               rule("gone", "no such domain", Category::bad_domain)});
  for (const auto* text :
       {"550 user unknown", "552 over quota", "550 no such domain", "550 gibberish", "550 5.1.1 gibberish"}) {
    EXPECT_EQ(at(rules, text, Stage::connect).category, Category::blocked) << text;
    EXPECT_EQ(at(rules, text, Stage::helo).category, Category::blocked) << text;
    EXPECT_EQ(at(rules, text, Stage::auth).category, Category::auth) << text;
    EXPECT_EQ(at(rules, text, Stage::mail).category, Category::policy) << text;
    EXPECT_EQ(at(rules, text, Stage::mail).rule, "stage.mail") << text;
  }
  EXPECT_EQ(at(rules, "450 user unknown", Stage::mail).action, Action::none);
  EXPECT_EQ(at(rules, "550 no such domain", Stage::lookup).category, Category::bad_domain);
  EXPECT_EQ(rules.classify(failure("535 user unknown")).category, Category::auth) << "the code answers AUTH";
}

TEST(Rules, UserUnknownAfterTheMessageIsNotSure) {
  const auto rules = compiled({rule("dead", "user unknown", Category::bad_mailbox)});
  EXPECT_FALSE(at(rules, "550 user unknown", Stage::rcpt).weak);
  EXPECT_TRUE(at(rules, "550 user unknown", Stage::data).weak);
  EXPECT_TRUE(at(rules, "550 user unknown", Stage::end_of_data).weak);
}

TEST(Rules, WordsAboutTheSenderBlameNoRecipient) {
  auto vague = rule("vague", "mailbox unavailable", Category::bad_mailbox);
  vague.weak = true;
  const auto rules = with_subjects({rule("dead", "user unknown", Category::bad_mailbox), vague});
  EXPECT_EQ(rules.classify(failure("550 user unknown")).rule, "dead");
  EXPECT_EQ(rules.classify(failure("550 sender rejected: user unknown")).rule, "words.sender");
  EXPECT_EQ(rules.classify(failure("550 your ip: user unknown")).rule, "words.our-host");
  EXPECT_EQ(rules.classify(failure("550 user unknown. The sender was told")).rule, "dead");
  EXPECT_EQ(rules.classify(failure("550 mailbox unavailable. It wants no mail of this sender")).rule,
            "words.sender");
  EXPECT_EQ(rules.classify(failure("550 mailbox unavailable in that language")).rule, "words.message");
}

TEST(Rules, PlainWordsBesideTheAddressAtRcptAreAboutItAndWeak) {
  const auto rules = with_subjects({rule("dead", "user unknown", Category::bad_mailbox)});
  EXPECT_EQ(at(rules, "550 <a@example.com> gibberish", Stage::rcpt).category,
            Category::undetermined_permanent);
  EXPECT_TRUE(at(rules, "550 5.0.0 <a@example.com> gibberish", Stage::rcpt).weak);
  EXPECT_EQ(at(rules, "550 <a@example.com> gibberish", Stage::unknown).category, Category::recipient_refused);
  for (const auto* with_a_policy :
       {"550 gibberish", "550 a@example.com AB-12", "550 a@example.com see https://example.net/help",
        "550 a@example.com he rejects"}) {
    EXPECT_EQ(at(rules, with_a_policy, Stage::rcpt).category, Category::recipient_refused) << with_a_policy;
  }
}

TEST(Rules, WhatSaysNothingOfAMailboxDoesNotSuppress) {
  const auto rules = with_subjects({rule("dead", "user unknown", Category::bad_mailbox)});
  EXPECT_EQ(rules.classify(failure("550 gibberish")).category, Category::recipient_refused);
  EXPECT_EQ(rules.classify(failure("550 bad sender")).category, Category::policy);
  EXPECT_EQ(rules.classify(failure("550 message filtered")).category, Category::content);
  EXPECT_EQ(rules.classify(failure("550 5.1.1 your ip is bad")).category, Category::blocked);
  EXPECT_EQ(rules.classify(failure("550 that mailbox is odd")).category, Category::undetermined_permanent);
  EXPECT_EQ(rules.classify(failure("550 that user rejects it")).category, Category::recipient_refused);
  EXPECT_EQ(rules.classify(failure("550")).category, Category::undetermined_permanent);
  EXPECT_EQ(rules.classify(failure("550 5.1.1 gibberish")).category, Category::bad_mailbox);
  EXPECT_EQ(at(rules, "550 gibberish", Stage::mail).category, Category::policy);
  auto exit_code = failure("69");
  exit_code.logged_status = {5, 0, 0};
  EXPECT_EQ(rules.classify(exit_code).action, Action::soft);
}

TEST(Rules, TheOperatorsOwnRuleHasTheLastWord) {
  auto own = rule("own", "user unknown", Category::bad_mailbox);
  own.own = true;
  const auto rules = with_subjects({own});
  EXPECT_EQ(rules.classify(failure("550 sender rejected: user unknown")).rule, "own");
  EXPECT_EQ(at(rules, "550 user unknown", Stage::mail).rule, "own");
  EXPECT_FALSE(at(rules, "550 user unknown", Stage::data).weak);
}

TEST(Rules, TheBasisNamesSubjectStageAndWords) {
  const auto rules = with_subjects({rule("dead", "user (is )?unknown", Category::bad_mailbox),
                                    rule("block", "blocked", Category::blocked)});
  const auto dead = rules.basis_of(failure("550 The USER is unknown (in reply to RCPT TO command)"));
  EXPECT_EQ(dead.subject, Subject::recipient);
  EXPECT_EQ(dead.stage, Stage::rcpt);
  EXPECT_EQ(dead.words, "user is unknown");
  EXPECT_EQ(rules.basis_of(failure("550 blocked")).subject, Subject::our_host);
  EXPECT_EQ(rules.basis_of(failure("550 blocked")).words, "blocked");
  EXPECT_EQ(rules.basis_of(failure("550 sender: user unknown")).words, "sender");
  EXPECT_EQ(rules.basis_of(failure("hello")).subject, Subject::none);
}

// --- the next hop

TEST(Rules, WhatTellsOfOurNextHopBlamesNoAddress) {
  const auto rules = compiled({rule("connect", "^connect to", Category::connection),
                               rule("no-name", "name service error", Category::bad_domain),
                               rule("dead", "user unknown", Category::bad_mailbox),
                               rule("full", "over quota", Category::mailbox_full),
                               rule("blocked", "blocked using", Category::blocked)});
  const auto at_next_hop = [&](std::string_view text, Stage stage) {
    auto given = failure(text);
    given.reply.stage = stage;
    const auto judged = rules.classify(given);
    given.at_next_hop = true;
    const auto judgement = rules.classify(given);
    const auto explained = rules.explain(given);
    EXPECT_EQ(std::ranges::count_if(explained, &Explanation::won), 1) << text;
    EXPECT_EQ(std::ranges::find_if(explained, &Explanation::won)->rule, judgement.rule) << text;
    if (judgement.category != Category::local_fault) {
      EXPECT_EQ(judgement.rule, judged.rule) << text;
    }
    return std::pair(judgement.category, judgement.action);
  };
  const std::pair ours{Category::local_fault, Action::none};
  EXPECT_EQ(at_next_hop("connect to smart.example[198.51.100.9]:25: Connection refused", Stage::connect),
            ours);
  EXPECT_EQ(at_next_hop("Name service error for name=smart.example type=A: Host not found", Stage::lookup),
            ours);
  EXPECT_EQ(at_next_hop("554 5.3.2 no service here", Stage::connect), ours);
  EXPECT_EQ(at_next_hop("550 gibberish", Stage::mail), ours);
  EXPECT_EQ(at_next_hop("451 4.3.0 gibberish", Stage::rcpt), ours)
      << "the server's trouble, and the server is the relay";
  EXPECT_EQ(at_next_hop("550 5.1.1 user unknown", Stage::rcpt),
            std::pair(Category::bad_mailbox, Action::hard));
  EXPECT_EQ(at_next_hop("552 5.2.2 over quota", Stage::rcpt),
            std::pair(Category::mailbox_full, Action::soft));
  EXPECT_EQ(at_next_hop("550 5.1.2 gibberish", Stage::unknown),
            std::pair(Category::bad_domain, Action::hard));
  EXPECT_EQ(at_next_hop("554 5.7.1 blocked using x", Stage::connect),
            std::pair(Category::blocked, Action::none));
}

// --- temporary failures

TEST(Rules, NoTemporaryFailureIsEverHard) {
  const auto rules = compiled({rule("unknown", "user unknown", Category::bad_mailbox)});
  auto deferred = failure("550 5.1.1 user unknown");
  deferred.temporary = true;
  auto soft_bounce = failure("550 5.1.1 user unknown");
  soft_bounce.logged_status = {4, 1, 1};
  for (const auto& given :
       {deferred, soft_bounce, failure("450 4.1.1 user unknown"), failure("550 4.2.1 user unknown"),
        failure("450 gibberish"), failure("421 5.1.1 gibberish")}) {
    const auto judgement = rules.classify(given);
    EXPECT_EQ(judgement.action, Action::soft) << given.reply.text;
    EXPECT_FALSE(judgement.weak) << given.reply.text;
  }
  const auto judgement = rules.classify(deferred);
  EXPECT_EQ(judgement.category, Category::undetermined_temporary);
  EXPECT_EQ(judgement.rule, "unknown") << "the rule still says why";
}

TEST(Rules, ConfiguredHardActionIsSoftWhileTemporaryAndKeepsItsCategory) {
  ActionTable actions;
  actions.set(Category::blocked, Action::hard);
  const auto rules = compiled({rule("block", "blocked", Category::blocked)}, actions);
  EXPECT_EQ(rules.classify(failure("554 blocked")).action, Action::hard);
  const auto judgement = rules.classify(failure("421 blocked"));
  EXPECT_EQ(judgement.action, Action::soft);
  EXPECT_EQ(judgement.category, Category::blocked);
}

TEST(Rules, ConfiguredActionsApplyToRulesAndTables) {
  ActionTable actions;
  actions.set(Category::bad_mailbox, Action::none);
  const auto rules = compiled({rule("unknown", "user unknown", Category::bad_mailbox)}, actions);
  EXPECT_EQ(rules.classify(failure("550 user unknown")).action, Action::none);
  EXPECT_EQ(rules.classify(failure("550 5.1.1 gibberish")).action, Action::none);
}

TEST(Rules, WeakIsKeptForHardVerdictsOnly) {
  auto weak = rule("perhaps", "mailbox unavailable", Category::bad_mailbox);
  weak.weak = true;
  const auto rules = compiled({weak, rule("dead", "no such user", Category::bad_mailbox),
                               rule("vague", "failed", Category::undetermined_permanent)});
  EXPECT_TRUE(rules.classify(failure("550 mailbox unavailable")).weak);
  EXPECT_FALSE(rules.classify(failure("550 no such user")).weak);
  EXPECT_TRUE(rules.classify(failure("550 failed")).weak) << "undetermined-permanent is never sure";
  EXPECT_FALSE(rules.classify(failure("450 mailbox unavailable")).weak);
}

TEST(Rules, NothingKnownIsNotUnderstood) {
  const auto rules = compiled({rule("unknown", "user unknown", Category::bad_mailbox)});
  for (const auto* text : {"", "hello world", "250 2.0.0 Ok: queued", "2.1.5 fine"}) {
    const auto judgement = rules.classify(failure(text));
    EXPECT_EQ(judgement.category, Category::not_understood) << text;
    EXPECT_EQ(judgement.action, Action::none) << text;
    EXPECT_EQ(judgement.rule, "") << text;
  }
  auto deferred = failure("hello world");
  deferred.temporary = true;
  EXPECT_EQ(rules.classify(deferred).category, Category::undetermined_temporary);
}

// --- what pretends

TEST(Rules, NamesInTheTextAreNoReasons) {
  const auto rules = compiled(
      {rule("spam", "spam", Category::content), rule("unknown", "user unknown", Category::bad_mailbox)});
  EXPECT_EQ(rules.classify(failure("550 5.1.1 <spam@example.com>: user unknown")).rule, "unknown");
  EXPECT_EQ(rules.classify(failure("550 5.1.1 <a@spam.example>: user unknown")).rule, "unknown");
  EXPECT_EQ(rules.classify(failure("host spam.example.net[192.0.2.1]:25 said: user unknown")).rule,
            "unknown");
  EXPECT_EQ(rules.classify(failure("550 5.1.1 <\"spam\"@example.com>: user unknown")).rule, "unknown");
  EXPECT_EQ(rules.classify(failure("550 5.1.1 user unknown, and spam")).rule, "spam");
}

TEST(Rules, OnlyTheFirstTwoKilobytesCount) {
  const auto rules = compiled({rule("unknown", "user unknown", Category::bad_mailbox)});
  const auto text = "550 " + std::string(kWordingLimit, 'x') + " user unknown";
  EXPECT_EQ(rules.classify(failure(text)).rule, "code.5xx");
}

TEST(Rules, EveryByteAndAnyMixOfThemIsTakenWithoutHarm) {
  const auto rules = compiled({rule("a", "us(e|é)r (is )*(unknown|not found)", Category::bad_mailbox),
                               rule("b", "[^a]{3}q", Category::blocked)});
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text = "550 ";
    const auto length = random() % 600;
    for (std::size_t i = 0; i < length; ++i) {
      static constexpr std::string_view kPieces[] = {
          "user ", "is ", "@", "[192.0.2.1]", "[", "]", "550-", "5.1.1 ", "\"", "é", "...", "unknown"};
      if (random() % 3 == 0) {
        text += kPieces[random() % std::size(kPieces)];
      } else {
        text += static_cast<char>(random() % 256);
      }
    }
    const auto given = failure(text);
    EXPECT_EQ(rules.classify(given).rule, rules.classify(given).rule);
    EXPECT_LE(wording_of(text).size(), 2 * kWordingLimit);
  }
}

TEST(Rules, WhatOneRulesetSaidIsNotTakenFromAnother) {
  const auto asked = failure("550 5.1.1 the same words");
  {
    const auto rules = compiled({rule("first", "same words", Category::bad_mailbox)});
    EXPECT_EQ(rules.classify(asked).rule, "first");
  }
  const auto rules = compiled({rule("second", "same words", Category::mailbox_full)});
  EXPECT_EQ(rules.classify(asked).rule, "second");
}

TEST(Rules, TheSameWordsAreJudgedAgainForAnotherCodeOperatorOrFate) {
  auto of_provider = rule("provider", "the same words", Category::blocked);
  of_provider.provider = "alpha.example";
  const auto rules = compiled({of_provider, rule("any", "the same words", Category::bad_mailbox)});
  auto asked = failure("550 5.1.1 the same words");
  EXPECT_EQ(rules.classify(asked).action, Action::hard);
  asked.provider = "alpha.example";
  EXPECT_EQ(rules.classify(asked).rule, "provider");
  asked.provider = "beta.example";
  EXPECT_EQ(rules.classify(asked).rule, "any");
  asked.temporary = true;
  EXPECT_EQ(rules.classify(asked).action, Action::soft);
  EXPECT_EQ(rules.classify(failure("450 4.1.1 the same words")).action, Action::soft);
}

TEST(Rules, ThreadsMayShareARuleset) {
  const auto rules = compiled({rule("unknown", "user (is )*unknown", Category::bad_mailbox),
                               rule("full", "over quota", Category::mailbox_full)});
  std::vector<std::thread> threads;
  std::array<int, 4> right{};
  for (std::size_t i = 0; i < right.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 500; ++n) {
        right[i] += rules.classify(failure("550 user is unknown " + std::to_string(n))).rule == "unknown";
        right[i] += rules.classify(failure("552 user is over quota")).rule == "full";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const int count : right) EXPECT_EQ(count, 1000);
}

// --- explain

TEST(Rules, ExplanationNamesAllThatMatchedAndTheOneThatWon) {
  auto elsewhere = rule("elsewhere", "unknown", Category::blocked);
  elsewhere.provider = "example.com";
  const auto rules =
      compiled({elsewhere, rule("unknown", "user unknown", Category::bad_mailbox),
                rule("late", "user", Category::policy), rule("other", "quota", Category::mailbox_full)});
  const auto explained = rules.explain(failure("550 5.1.1 user unknown"));
  ASSERT_EQ(explained.size(), 4U);
  EXPECT_EQ(explained[0].rule, "elsewhere");
  EXPECT_FALSE(explained[0].conditions_held);
  EXPECT_FALSE(explained[0].won);
  EXPECT_EQ(explained[1].rule, "unknown");
  EXPECT_TRUE(explained[1].won);
  EXPECT_EQ(explained[2].rule, "late");
  EXPECT_TRUE(explained[2].conditions_held);
  EXPECT_FALSE(explained[2].won);
  EXPECT_EQ(explained[3].rule, "status.5.1.1");
  EXPECT_FALSE(explained[3].won);
}

TEST(Rules, ExplanationWithoutAMatchNamesTheTable) {
  const auto rules = compiled({rule("unknown", "user unknown", Category::bad_mailbox)});
  const auto explained = rules.explain(failure("550 5.7.1 zx"));
  ASSERT_EQ(explained.size(), 1U);
  EXPECT_EQ(explained[0].rule, "status.5.7.x");
  EXPECT_TRUE(explained[0].won);
  EXPECT_TRUE(rules.explain(failure("hello")).empty());
}

TEST(Rules, ExplanationKeepsTheNameOfWhatOutrankedTheRules) {
  const auto rules = compiled({rule("unknown", "user unknown", Category::bad_mailbox)});
  auto refused = failure("550 5.1.1 user unknown");
  refused.reply.stage = Stage::mail;
  const auto judged = rules.classify(refused);
  ASSERT_NE(judged.rule, "unknown");
  const auto explained = rules.explain(refused);
  const auto winner = std::ranges::find(explained, true, &Explanation::won);
  ASSERT_NE(winner, explained.end());
  EXPECT_EQ(winner->rule, judged.rule);
}

// --- what compile refuses

TEST(Rules, BadRulesAreRefusedWithTheirPlace) {
  auto good = rule("good", "x", Category::blocked);
  EXPECT_EQ(refusal_of({good}), "");
  EXPECT_NE(refusal_of({good, good}).find("this id is taken by the rule at test.toml:4"), std::string::npos);
  EXPECT_NE(refusal_of({rule("Bad_Id", "x", Category::blocked)}).find("test.toml:6"), std::string::npos);
  EXPECT_NE(refusal_of({rule("open", "user (unknown", Category::blocked)}).find("bad pattern"),
            std::string::npos);
  EXPECT_NE(refusal_of({rule("all", "", Category::blocked)}).find("would match every reply"),
            std::string::npos);
  EXPECT_NE(refusal_of({rule("sent", "x", Category::delivered)}).find("is not a failure"), std::string::npos);
  for (const auto* code : {"650", "55", "5500", "x50", "5-0"}) {
    auto bad = good;
    bad.code = code;
    EXPECT_NE(refusal_of({bad}).find("such as 550, 55x or 5xx"), std::string::npos) << code;
  }
  for (const auto* status : {"5.1", "5.1.1.1", "5.1.x1", "3.1.1", "x", "5..1", "5.1.xx"}) {
    auto bad = good;
    bad.status = status;
    EXPECT_NE(refusal_of({bad}).find("such as 5.1.1, 5.1.x or x.7.x"), std::string::npos) << status;
  }
}

TEST(Rules, AllFormsOfAStatusAreTaken) {
  for (const auto* status : {"5.1.1", "5.1.x", "5.x.x", "x.7.x", "x.x.x", "x.1.10"}) {
    auto good = rule("good", "x", Category::blocked);
    good.status = status;
    EXPECT_EQ(refusal_of({good}), "") << status;
  }
}

}  // namespace
}  // namespace suppressd
