#include "suppressd/learn/lesson.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

Outcome outcome_with(const std::string& host) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::failed;
  outcome.action = Action::soft;
  outcome.weak = true;
  outcome.message = "DIGEST";
  outcome.evidence = {.id = 7,
                      .address = "a@b.example",
                      .at = from_unix(1),
                      .what = "failed",
                      .origin = "log",
                      .host = host,
                      .instance = "postfix-out",
                      .queue_id = "4XA0001",
                      .entered = from_unix(2),
                      .sender = "news@x.example",
                      .first_failed = from_unix(3),
                      .attempts = 4,
                      .ended_by = "window",
                      .category = "mailbox-full",
                      .action = "soft",
                      .weak = true,
                      .rule = "over-quota",
                      .code = 452,
                      .status = "4.2.2",
                      .stage = "rcpt",
                      .provider = "b.example",
                      .relay = "mx.b.example[198.51.100.1]:25",
                      .text = std::string("with a \0 in it", 14)};
  return outcome;
}

void expect_equal(const Outcome& got, const Outcome& expected) {
  EXPECT_EQ(got.kind, expected.kind);
  EXPECT_EQ(got.action, expected.action);
  EXPECT_EQ(got.weak, expected.weak);
  EXPECT_EQ(got.message, expected.message);
  const auto& a = got.evidence;
  const auto& b = expected.evidence;
  EXPECT_EQ(std::tie(a.id, a.address, a.at, a.what, a.origin, a.host, a.instance, a.queue_id, a.entered,
                     a.sender, a.first_failed, a.attempts),
            std::tie(b.id, b.address, b.at, b.what, b.origin, b.host, b.instance, b.queue_id, b.entered,
                     b.sender, b.first_failed, b.attempts));
  EXPECT_EQ(std::tie(a.ended_by, a.category, a.action, a.weak, a.rule, a.code, a.status, a.stage, a.provider,
                     a.relay, a.text),
            std::tie(b.ended_by, b.category, b.action, b.weak, b.rule, b.code, b.status, b.stage, b.provider,
                     b.relay, b.text));
}

TEST(Lesson, gives_back_what_it_was_told_in_the_same_order) {
  const auto plain = outcome_with("mta");
  const auto hostile = outcome_with(std::string(200000, 'h'));
  Lesson lesson;
  for (int turn = 0; turn < 2; ++turn) {
    lesson.clear();
    lesson.add_attempt(from_unix(3), "b.example");
    lesson.add(plain);
    lesson.add_sweep(from_unix(2));
    lesson.add(hostile);
    lesson.add(Outcome{});
    lesson.add_attempt(from_unix(-3), "c.example");
    Lesson::Reader step(lesson);
    ASSERT_TRUE(step.next());
    EXPECT_EQ(step.kind(), Lesson::Kind::attempt);
    EXPECT_EQ(step.provider(), "b.example");
    EXPECT_EQ(step.at(), from_unix(3));
    ASSERT_TRUE(step.next());
    expect_equal(step.outcome(), plain);
    ASSERT_TRUE(step.next());
    EXPECT_EQ(step.kind(), Lesson::Kind::sweep);
    EXPECT_EQ(step.at(), from_unix(2));
    ASSERT_TRUE(step.next());
    expect_equal(step.outcome(), hostile);
    ASSERT_TRUE(step.next());
    EXPECT_EQ(step.kind(), Lesson::Kind::outcome);
    expect_equal(step.outcome(), Outcome{});
    ASSERT_TRUE(step.next());
    EXPECT_EQ(step.provider(), "c.example");
    EXPECT_EQ(step.at(), from_unix(-3));
    EXPECT_FALSE(step.next());
  }
}

TEST(Lesson, more_words_than_have_a_number_come_back) {
  Lesson lesson;
  const auto name = [](int i) { return "host" + std::to_string(i % 500) + ".example"; };
  for (int i = 0; i < 2000; ++i) {
    lesson.add_attempt(from_unix(i), name(i));
    lesson.add(outcome_with(name(i + 7)));
  }
  Lesson::Reader step(lesson);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(step.next());
    EXPECT_EQ(step.provider(), name(i));
    EXPECT_EQ(step.at(), from_unix(i));
    ASSERT_TRUE(step.next());
    expect_equal(step.outcome(), outcome_with(name(i + 7)));
  }
  EXPECT_FALSE(step.next());
}

TEST(Lesson, an_operator_is_no_longer_than_a_domain_can_be) {
  Lesson lesson;
  lesson.add_attempt(from_unix(1), std::string(100000, 'x'));
  lesson.add_attempt(from_unix(1), "b.example");
  Lesson::Reader step(lesson);
  ASSERT_TRUE(step.next());
  EXPECT_EQ(step.provider(), std::string(255, 'x'));
  ASSERT_TRUE(step.next());
  EXPECT_EQ(step.provider(), "b.example");
}

}  // namespace
}  // namespace suppressd
