#include "suppressd/report/verdict.h"

#include <gtest/gtest.h>

#include "suppressd/core/suppression.h"

namespace suppressd {
namespace {

Ruleset rules() {
  Rule dead;
  dead.id = "dead";
  dead.pattern = "no such user";
  dead.category = Category::bad_mailbox;
  dead.where = "test:1";
  Rule domain;
  domain.id = "no-domain";
  domain.pattern = "null mx|domain name not found|no relevant answers";
  domain.category = Category::bad_domain;
  domain.where = "test:2";
  return Ruleset::compile({dead, domain}, ActionTable{}).value();
}

Report bounce(Fate fate, EnhancedStatus status, std::string text) {
  Report report;
  report.kind = ReportKind::delivery_status;
  ReportedRecipient recipient;
  recipient.address = "user@mail.example.co.uk";
  recipient.fate = fate;
  recipient.status = status;
  recipient.text = std::move(text);
  report.recipients.push_back(std::move(recipient));
  return report;
}

ReportVerdict only(const Report& report) {
  static const auto ruleset = rules();
  const auto verdicts = judge_report(report, ruleset, ActionTable{});
  EXPECT_EQ(verdicts.size(), 1U);
  return verdicts.at(0);
}

TEST(JudgeReport, a_dead_mailbox_is_hard) {
  const auto report = bounce(Fate::failed, {5, 1, 1}, "550 5.1.1 No such user");
  const auto verdict = only(report);
  EXPECT_EQ(verdict.category, Category::bad_mailbox);
  EXPECT_EQ(verdict.action, Action::hard);
  EXPECT_EQ(verdict.rule, "dead");
  EXPECT_EQ(verdict.code, 550);
  EXPECT_EQ(verdict.provider, "example.co.uk");
  EXPECT_TRUE(verdict.judged);
}

// Bounces of our own MTA, because a next hop does not exist.
TEST(JudgeReport, a_next_hop_that_is_not_found_is_not_the_recipients_fault) {
  constexpr auto kPostfix = "Host or domain name not found. Name service error for name=";
  for (const auto* name : {"smart.nodomain.example", "example.net"}) {
    const auto report =
        bounce(Fate::failed, {5, 4, 4}, kPostfix + std::string(name) + " type=A: Host not found");
    EXPECT_EQ(only(report).category, Category::local_fault) << name;
    EXPECT_EQ(only(report).action, Action::none) << name;
  }
  auto sendmail = bounce(Fate::failed, {5, 1, 2}, "550 Host unknown");
  sendmail.recipients[0].remote_mta = "smart.nodomain.example";
  EXPECT_EQ(only(sendmail).category, Category::local_fault);
}

TEST(JudgeReport, a_domain_that_is_not_found_stays_its_recipients_fault) {
  auto sendmail = bounce(Fate::failed, {5, 1, 2}, "550 Host unknown");
  sendmail.recipients[0].remote_mta = "mail.example.co.uk";
  EXPECT_EQ(only(sendmail).category, Category::bad_domain);
  const auto transcript = bounce(Fate::failed, {5, 1, 2},
                                 "550 5.1.2 Host unknown (Name server: mail.example.co.uk.: host not found)");
  EXPECT_EQ(only(transcript).category, Category::bad_domain);
}

TEST(JudgeReport, our_own_refusal_says_nothing_about_the_address) {
  const auto report =
      bounce(Fate::failed, {5, 1, 1}, "recipient suppressed: bad-mailbox since 2026-11-01, ref ABC123");
  const auto verdict = only(report);
  EXPECT_EQ(verdict.category, Category::ignored);
  EXPECT_EQ(verdict.action, Action::none);
  EXPECT_EQ(verdict.rule, kOurRefusal);
}

TEST(JudgeReport, an_expired_message_is_never_hard) {
  for (const auto& [status, text] : {std::pair{EnhancedStatus{4, 4, 7}, "550 5.1.1 No such user"},
                                     {EnhancedStatus{5, 1, 1}, "450 4.1.1 No such user"},
                                     {EnhancedStatus{4, 0, 0}, "No such user"}}) {
    const auto report = bounce(Fate::failed, status, text);
    EXPECT_EQ(only(report).action, Action::soft) << text;
  }
}

TEST(JudgeReport, a_domain_without_mail_is_not_an_expired_message) {
  for (const auto* text :
       {"user@mail.example.co.uk has a null MX", "Domain name not found: mail.example.co.uk"}) {
    const auto report = bounce(Fate::failed, {4, 0, 0}, text);
    EXPECT_EQ(only(report).category, Category::bad_domain) << text;
    EXPECT_EQ(only(report).action, Action::hard) << text;
    EXPECT_FALSE(failure_of(only(report)).temporary);
  }
}

TEST(JudgeReport, a_domain_whose_records_are_missing_today_is_not_a_domain_that_is_gone) {
  const auto report =
      bounce(Fate::failed, {4, 0, 0}, "MX lookup responded with code NOERROR and had no relevant answers");
  EXPECT_EQ(only(report).action, Action::soft);
}

TEST(JudgeReport, a_server_that_says_temporary_is_believed_about_a_domain_too) {
  for (const auto* text :
       {"450 4.1.2 Domain name not found", "450 Domain name not found", "Domain name not found (#4.1.2)"}) {
    const auto report = bounce(Fate::failed, {4, 0, 0}, text);
    EXPECT_EQ(only(report).action, Action::soft) << text;
  }
  const auto delayed = bounce(Fate::delayed, {4, 0, 0}, "Domain name not found");
  EXPECT_EQ(only(delayed).action, Action::none);
}

TEST(JudgeReport, what_is_not_a_failure_costs_nothing) {
  for (const auto& [fate, category] : {std::pair{Fate::delayed, Category::delayed},
                                       {Fate::delivered, Category::delivered},
                                       {Fate::relayed, Category::relayed},
                                       {Fate::expanded, Category::relayed},
                                       {Fate::answered, Category::auto_reply}}) {
    const auto report = bounce(fate, {5, 1, 1}, "550 5.1.1 No such user");
    const auto verdict = only(report);
    EXPECT_EQ(verdict.category, category);
    EXPECT_EQ(verdict.action, Action::none);
    EXPECT_FALSE(verdict.judged);
  }
}

TEST(JudgeReport, ordinary_mail_gives_one_verdict_without_a_recipient) {
  const auto verdict = only(Report{});
  EXPECT_EQ(verdict.recipient, nullptr);
  EXPECT_EQ(verdict.category, Category::not_a_report);
  EXPECT_EQ(verdict.action, Action::none);
}

TEST(JudgeReport, only_complaints_among_feedback_act) {
  auto report = bounce(Fate::complained, {}, {});
  report.kind = ReportKind::feedback;
  report.feedback_type = "abuse";
  EXPECT_EQ(only(report).action, Action::complaint);
  for (const char* type : {"auth-failure", "not-spam", "virus", "other", "anything"}) {
    report.feedback_type = type;
    const auto verdict = only(report);
    EXPECT_EQ(verdict.category, Category::not_a_report) << type;
    EXPECT_EQ(verdict.action, Action::none) << type;
  }
}

TEST(JudgeReport, the_table_of_actions_decides_what_a_complaint_does) {
  auto report = bounce(Fate::complained, {}, {});
  report.kind = ReportKind::feedback;
  report.feedback_type = "abuse";
  ActionTable actions;
  actions.set(Category::complaint, Action::none);
  EXPECT_EQ(judge_report(report, rules(), actions).at(0).action, Action::none);
}

TEST(JudgeReport, the_server_that_answered_is_the_provider) {
  auto report = bounce(Fate::failed, {5, 1, 1}, "550 No such user");
  report.recipients[0].remote_mta = "mx1.filter.example.com";
  EXPECT_EQ(only(report).provider, "example.com");
}

}  // namespace
}  // namespace suppressd
