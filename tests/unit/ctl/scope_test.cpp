#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ScopeCtl : public CtlTest {
 protected:
  int check(const std::string& sender) { return ctl({"check", "a@b.example", "--from", sender}).status; }
};

TEST_F(ScopeCtl, an_unsubscribe_of_one_sender_stops_no_other_mail) {
  const auto added = ctl({"add", "--kind", "unsubscribe", "--scope", "shop.example", "a@b.example"});
  EXPECT_EQ(added.status, 0) << added.err;
  EXPECT_TRUE(has(added.out, "kind unsubscribe, for mail from shop.example, permanent")) << added.out;
  const auto refused = ctl({"check", "--from", "offers@news.shop.example", "a@b.example"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(has(refused.out, "(mail from shop.example)")) << refused.out;
  EXPECT_EQ(check("x@other.example"), 0);
  EXPECT_EQ(check("<>"), 0);
  const auto any = ctl({"check", "a@b.example"});
  EXPECT_EQ(any.status, 0);
  EXPECT_TRUE(has(any.out, "mail from shop.example is refused")) << any.out;
  EXPECT_EQ(
      ctl({"--json", "check", "--from", "x@shop.example", "a@b.example"}).objects().at(0)["entry"]["scope"],
      "shop.example");
}

TEST_F(ScopeCtl, show_and_list_name_the_scope) {
  ctl({"add", "--scope", "shop.example", "a@b.example", "@c.example"});
  ctl({"add", "d@b.example"});
  EXPECT_TRUE(has(ctl({"show", "a@b.example"}).out, "accepted, but not from shop.example"));
  EXPECT_TRUE(has(ctl({"show", "x@c.example"}).out, "for mail from shop.example"));
  EXPECT_EQ(ctl({"--json", "list", "--scope", "shop.example"}).objects().size(), 2U);
  const auto for_all = ctl({"--json", "list", "--scope", "all"}).objects();
  ASSERT_EQ(for_all.size(), 1U);
  EXPECT_TRUE(for_all[0]["scope"].is_null());
  EXPECT_TRUE(has(ctl({"dump", "--list"}).out, R"("scope":"shop.example")"));
}

TEST_F(ScopeCtl, a_lift_of_one_scope_leaves_the_others_and_can_be_taken_back) {
  ctl({"add", "--scope", "shop.example", "a@b.example"});
  ctl({"add", "--scope", "news.example", "a@b.example"});
  ctl({"add", "a@b.example"});
  const auto lifted = ctl({"--json", "lift", "--scope", "shop.example", "a@b.example"});
  EXPECT_EQ(lifted.status, 1) << "the entry for all mail still refuses mail from shop.example";
  const auto number = lifted.objects().at(0)["number"].get<int>();
  EXPECT_EQ(ctl({"lift", "--scope", "all", "a@b.example"}).status, 0);
  EXPECT_EQ(check("x@shop.example"), 0);
  EXPECT_EQ(check("x@news.example"), 1);
  EXPECT_EQ(ctl({"undo", "--revert", std::to_string(number)}).status, 0);
  EXPECT_EQ(check("x@shop.example"), 1);
  EXPECT_EQ(ctl({"lift", "a@b.example"}).status, 0);
  EXPECT_EQ(check("x@shop.example") + check("x@news.example"), 0) << "without --scope, all entries";
}

TEST_F(ScopeCtl, a_scope_that_no_sender_has_is_refused) {
  const auto wrong = [&](const std::string& scope) { return ctl({"add", "--scope", scope, "a@b.example"}); };
  EXPECT_EQ(wrong("news.shop.co.uk").status, 2);
  EXPECT_TRUE(has(wrong("news.shop.co.uk").err, "write shop.co.uk")) << wrong("news.shop.co.uk").err;
  EXPECT_EQ(wrong("a@shop.example").status, 2);
  EXPECT_EQ(ctl({"lift", "--scope", "co.uk", "a@b.example"}).status, 2);
  EXPECT_EQ(ctl({"check", "--from", "nobody", "a@b.example"}).status, 2);
}

class Reconfirmed : public CtlTest {
 protected:
  void learn(const std::string& day, const std::string& id, const std::string& answer) {
    const auto log = write(id + ".log", postfix_message(day, id, "a@b.example", answer));
    ASSERT_EQ(ctl({"replay", log}).status, 0);
  }
};

TEST_F(Reconfirmed, a_dead_address_that_its_owner_confirmed_is_tested_by_one_message) {
  learn("Nov  1 10:00:00", "4AAAAA1", kDead);
  EXPECT_TRUE(is_refused("a@b.example"));
  const auto ran = ctl({"lift", "--reconfirmed", "a@b.example"});
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
  EXPECT_TRUE(has(ran.out, "a@b.example: half open (hard bad-mailbox): the next message tests it"))
      << ran.out;
  const auto checked = ctl({"--json", "check", "a@b.example"}).objects().at(0);
  EXPECT_EQ(checked["half_open"], true);
  EXPECT_EQ(checked["suppressed"], false);
  EXPECT_TRUE(has(ctl({"show", "a@b.example"}).out, "reconfirmed hard bad-mailbox"));
  EXPECT_EQ(ctl({"lift", "--reconfirmed", "a@b.example"}).status, 1) << "it is half open already";
}

TEST_F(Reconfirmed, can_be_taken_back) {
  learn("Nov  1 10:00:00", "4AAAAA1", kDead);
  const auto number = ctl({"--json", "lift", "--reconfirmed", "a@b.example"}).objects().at(0)["number"];
  EXPECT_EQ(ctl({"undo", "--revert", number.dump()}).status, 0);
  EXPECT_TRUE(is_refused("a@b.example"));
}

TEST_F(Reconfirmed, what_no_message_can_test_is_not_changed) {
  ctl({"add", "--kind", "complaint", "a@b.example"});
  const auto ran = ctl({"lift", "--reconfirmed", "a@b.example"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(has(ran.out, "nothing to test")) << ran.out;
  EXPECT_TRUE(is_refused("a@b.example"));
  EXPECT_EQ(ctl({"lift", "--reconfirmed", "--scope", "shop.example", "a@b.example"}).status, 2);
}

}  // namespace
}  // namespace suppressd::ctl
