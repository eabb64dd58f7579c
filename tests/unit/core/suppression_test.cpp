#include "suppressd/core/suppression.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

Suppression entry_of(SuppressionKind kind) {
  Suppression entry;
  entry.address = "a@b.example";
  entry.kind = kind;
  entry.category = kind == SuppressionKind::hard ? "bad-mailbox" : "";
  entry.since = from_unix(1'793'577'600);
  return entry;
}

TEST(RecordTest, a_hard_entry_says_511_and_all_others_571) {
  EXPECT_EQ(refusal_text(entry_of(SuppressionKind::hard)).status, "5.1.1");
  for (const auto kind : {SuppressionKind::complaint, SuppressionKind::unsubscribe, SuppressionKind::manual,
                          SuppressionKind::soft})
    EXPECT_EQ(refusal_text(entry_of(kind)).status, "5.7.1");
}

TEST(RecordTest, a_refusal_names_category_date_and_ref) {
  const auto entry = entry_of(SuppressionKind::hard);
  EXPECT_EQ(refusal_text(entry).text,
            "recipient suppressed: bad-mailbox since 2026-11-02, ref " + ref_of(entry));
  EXPECT_EQ(refusal_text(entry_of(SuppressionKind::manual))
                .text.find("recipient suppressed: manual since 2026-11-02, ref "),
            0u);
}

TEST(RecordTest, our_refusal_is_recognised_in_a_remote_reply) {
  const auto text = refusal_text(entry_of(SuppressionKind::soft)).text;
  EXPECT_TRUE(is_our_refusal("550 5.7.1 <a@b.example>: " + text));
  EXPECT_FALSE(is_our_refusal("550 5.1.1 recipient suppressed by policy"));
  EXPECT_FALSE(is_our_refusal(""));
}

TEST(RecordTest, a_ref_is_the_same_for_the_same_evidence_and_differs_by_kind) {
  EXPECT_EQ(make_ref("a@b.example", SuppressionKind::hard, "x"),
            make_ref("a@b.example", SuppressionKind::hard, "x"));
  EXPECT_NE(make_ref("a@b.example", SuppressionKind::hard, "x"),
            make_ref("a@b.example", SuppressionKind::soft, "x"));
  EXPECT_NE(make_ref("a@b.example", SuppressionKind::hard, "x"),
            make_ref("a@b.example", SuppressionKind::hard, "y"));
}

TEST(RecordTest, an_entry_ends_at_its_until_and_a_pending_one_refuses_no_one) {
  auto entry = entry_of(SuppressionKind::soft);
  entry.until = entry.since + Duration{10};
  EXPECT_TRUE(entry.in_force(entry.since + Duration{9}));
  EXPECT_FALSE(entry.in_force(entry.since + Duration{10}));
  entry.until.reset();
  entry.state = SuppressionState::pending;
  EXPECT_FALSE(entry.in_force(entry.since));
}

TEST(RecordTest, names_read_back) {
  for (std::size_t i = 0; i < kSuppressionKinds; ++i) {
    const auto kind = static_cast<SuppressionKind>(i);
    EXPECT_EQ(suppression_kind_from(name_of(kind)), kind);
  }
  EXPECT_EQ(suppression_kind_from("dead"), std::nullopt);
  EXPECT_EQ(suppression_state_from("pending"), SuppressionState::pending);
}

}  // namespace
}  // namespace suppressd
