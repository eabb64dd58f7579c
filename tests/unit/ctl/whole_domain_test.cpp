#include "running_ctl.h"

namespace suppressd::ctl {
namespace {

/// 101 addresses of example.net and 100 of mail.example.org took mail yesterday.
class WholeDomain : public CtlTest {
 protected:
  void SetUp() override {
    ctl({"add", "a@b.example"});
    readers("example.net", 101);
    readers("mail.example.org", 100);
  }
  void readers(const std::string& domain, int count) {
    sql("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(count) + ") INSERT INTO recipient(address, last_delivery) SELECT 'r' || i || '@" +
        domain + "', unixepoch() - 86400 FROM n");
  }
  bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
  }
};

TEST_F(WholeDomain, of_many_readers_is_pending_and_the_message_says_how_many_and_what_to_type) {
  const auto ran = ctl({"add", "@example.net"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(
      ran.out,
      "@example.net: pending, it refuses no one yet: it covers 101 addresses that took mail within 180 days\n"
      "  to refuse them all: suppressctl confirm @example.net; to remove it: suppressctl lift "
      "@example.net\n");
  EXPECT_FALSE(is_refused("r1@example.net"));
  EXPECT_EQ(ctl({"--json", "list", "--pending"}).objects().at(0)["address"], "@example.net");
  EXPECT_EQ(ctl({"add", "--whole-domain", "@example.net"}).status, 0);
  EXPECT_TRUE(is_refused("r1@example.net"));
  EXPECT_EQ(ctl({"add", "@example.net", "--note", "again"}).status, 0) << "it is in force already";
  EXPECT_TRUE(is_refused("r1@example.net"));
}

TEST_F(WholeDomain, of_a_hundred_readers_or_fewer_is_in_force_at_once) {
  EXPECT_EQ(ctl({"add", "@mail.example.org", "@.example.org", "@sub.example.net"}).status, 0);
  EXPECT_TRUE(is_refused("r1@mail.example.org"));
  readers("www.example.org", 1);
  ctl({"lift", "@.example.org"});
  const auto ran = ctl({"--json", "add", "@.example.org"});
  EXPECT_EQ(ran.status, 1) << "101 in two subdomains";
  EXPECT_EQ(ran.objects().at(0)["known_good"], 101);
  EXPECT_EQ(ran.objects().at(0)["state"], "pending");
}

TEST_F(WholeDomain, the_command_to_type_has_the_kind) {
  const auto ran = ctl({"add", "--kind", "complaint", "@example.net"});
  EXPECT_TRUE(says(ran.out, "suppressctl confirm @example.net")) << ran.out;
  EXPECT_EQ(ran.status, 1);
}

TEST_F(WholeDomain, in_a_file_the_others_are_added) {
  std::string lines = "@example.net\n";
  for (int i = 0; i < 20; ++i) lines += "x" + std::to_string(i) + "@c.example\n";
  const auto ran = ctl({"add", "--file", write("list", lines)});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(says(ran.out, "covers 101 addresses")) << ran.out;
  EXPECT_TRUE(says(ran.out, "1 pending")) << ran.out;
  EXPECT_TRUE(is_refused("x19@c.example"));
  EXPECT_FALSE(is_refused("r1@example.net"));
}

TEST_F(WholeDomain, that_is_pending_can_be_confirmed_lifted_and_taken_back) {
  ctl({"add", "@example.net", "--for", "30d"});
  const auto confirmed = ctl({"--json", "confirm", "@example.net"});
  ASSERT_EQ(confirmed.status, 0) << confirmed.out;
  EXPECT_TRUE(is_refused("r1@example.net"));
  EXPECT_FALSE(ctl({"--json", "list", "--kind", "manual"}).objects().at(0)["until"].is_null());
  const auto number = std::to_string(confirmed.objects().at(0)["number"].get<int>());
  EXPECT_EQ(ctl({"undo", "--revert", number}).status, 0);
  EXPECT_FALSE(is_refused("r1@example.net"));
  EXPECT_EQ(ctl({"--json", "list", "--pending"}).lines().size(), 1U);
  EXPECT_EQ(ctl({"lift", "@example.net"}).status, 0);
  EXPECT_EQ(ctl({"--json", "list", "--pending"}).lines().size(), 0U);
}

TEST_F(WholeDomain, without_a_database_there_are_no_readers) {
  const auto ran =
      ctl_bare({"--config", path("suppressd.conf"), "--db", path("new.db"), "add", "@example.net"});
  EXPECT_EQ(ran.status, 0) << ran.err;
}

}  // namespace
}  // namespace suppressd::ctl
