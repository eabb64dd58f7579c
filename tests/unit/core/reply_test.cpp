#include "suppressd/core/reply.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// Code and status as one text: `550 5.1.1`, `550 -`, `0 5.1.1`.
std::string read(std::string_view text) {
  const auto reply = parse_reply(text);
  EXPECT_EQ(reply.text.data(), text.data());
  EXPECT_EQ(reply.text.size(), text.size());
  return std::to_string(reply.code) + ' ' + (reply.status ? format_status(reply.status) : "-");
}

TEST(EnhancedStatus, reads_exactly_one_status) {
  EXPECT_EQ(parse_enhanced_status("5.1.1"), (EnhancedStatus{5, 1, 1}));
  EXPECT_EQ(parse_enhanced_status("4.7.650"), (EnhancedStatus{4, 7, 650}));
  EXPECT_EQ(parse_enhanced_status("2.0.0"), (EnhancedStatus{2, 0, 0}));
  for (const auto* text : {"", "5", "5.1", "5.1.", "5.1.1 ", " 5.1.1", "5.1.1.1", "5.1.1000", "3.1.1",
                           "1.0.0", "5..1", "5.01.1", "5.1.1x", "55.1.1", "-5.1.1", "5,1,1"}) {
    EXPECT_EQ(parse_enhanced_status(text), std::nullopt) << text;
  }
}

TEST(EnhancedStatus, writes_what_it_read) {
  EXPECT_EQ(format_status({5, 7, 999}), "5.7.999");
  EXPECT_EQ(format_status({}), "");
}

TEST(Stage, every_stage_reads_back_from_its_name) {
  for (int i = 0; i <= static_cast<int>(Stage::end_of_data); ++i) {
    const auto stage = static_cast<Stage>(i);
    EXPECT_EQ(stage_from(name_of(stage)), stage);
  }
  EXPECT_EQ(name_of(Stage::end_of_data), "end-of-data");
  EXPECT_EQ(stage_from("RCPT"), std::nullopt);
}

TEST(Reply, reads_code_and_status_at_the_start) {
  EXPECT_EQ(read("550 5.1.1 User unknown"), "550 5.1.1");
  EXPECT_EQ(read("550-5.7.1 one 550 5.7.1 two"), "550 5.7.1");
  EXPECT_EQ(read("452 4.2.2"), "452 4.2.2");
  EXPECT_EQ(read("571 Delivery not authorized"), "571 -");
  EXPECT_EQ(read("550"), "550 -");
  EXPECT_EQ(read("550 "), "550 -");
  EXPECT_EQ(read("550-"), "550 -");
  EXPECT_EQ(read("  550 5.1.1 x"), "550 5.1.1");
  EXPECT_EQ(read("550  5.1.1 x"), "550 5.1.1");
  EXPECT_EQ(read("550 5.1.1: x"), "550 5.1.1");
  EXPECT_EQ(read("550 5.1.1. x"), "550 5.1.1");
  EXPECT_EQ(read("554 5.7.1You are not allowed"), "554 5.7.1");
  EXPECT_EQ(read("5.1.1 User unknown"), "0 5.1.1");
  EXPECT_EQ(read("5.1.1"), "0 5.1.1");
}

TEST(Reply, reads_the_marks_of_qmail_and_others) {
  EXPECT_EQ(read("550 #5.1.0 Address rejected"), "550 5.1.0");
  EXPECT_EQ(read("550 (#5.1.1) no such user"), "550 5.1.1");
  EXPECT_EQ(read("550-#5.7.1 x"), "550 5.7.1");
  EXPECT_EQ(read("#5.1.1 no such user"), "0 5.1.1");
  EXPECT_EQ(read("(#5.1.1) no such user"), "0 5.1.1");
  EXPECT_EQ(read("(550 5.1.1 User unknown)"), "550 5.1.1");
  EXPECT_EQ(read("550 [5.1.1] User unknown"), "550 5.1.1");
  EXPECT_EQ(read("550 sorry, no mailbox here by that name (#5.1.1)"), "550 5.1.1");
  EXPECT_EQ(read("sorry, no mailbox here by that name. (#5.1.1)."), "0 5.1.1");
  EXPECT_EQ(read("553 sorry, not in my rcpthosts (#5.7.1) (in reply to RCPT TO command)"), "553 5.7.1");
}

TEST(Reply, a_gateway_that_quotes_the_next_server_keeps_its_own_code) {
  EXPECT_EQ(read("554 550 5.1.1 User unknown"), "554 5.1.1");
  EXPECT_EQ(read("550 550-5.1.1 User unknown"), "550 5.1.1");
  EXPECT_EQ(read("550 550 users are too many"), "550 -");
}

TEST(Reply, nothing_inside_the_prose_counts) {
  EXPECT_EQ(read("User unknown 550 5.1.1"), "0 -");
  EXPECT_EQ(read("550 rejected, the peer said 5.1.1 user unknown"), "550 -");
  EXPECT_EQ(read("550 rejected (#5.1.1) for reasons of policy"), "550 -");
  EXPECT_EQ(read("450 greylisted, see 5.1.1"), "450 -");
  EXPECT_EQ(read("550 5.7.1 the peer said (#5.1.1)"), "550 5.7.1");
  EXPECT_EQ(read("host mx.example[192.0.2.1] said: 550 5.1.1 x"), "0 -");
}

TEST(Reply, numbers_that_only_look_like_it_do_not_count) {
  EXPECT_EQ(read("5501 users"), "0 -");
  EXPECT_EQ(read("550.1 is a version"), "0 -");
  EXPECT_EQ(read("250.1.2.3 is blocked"), "0 -");
  EXPECT_EQ(read("550 5.9.1.2 is blocked"), "550 -");
  EXPECT_EQ(read("5.9.1.2 is blocked"), "0 -");
  EXPECT_EQ(read("5.1.1b is a version"), "0 -");
  EXPECT_EQ(read("150 no such code"), "0 -");
  EXPECT_EQ(read("600 no such code"), "0 -");
  EXPECT_EQ(read("550user@example.com"), "0 -");
  EXPECT_EQ(read(""), "0 -");
  EXPECT_EQ(read("(#"), "0 -");
  EXPECT_EQ(read("(#)"), "0 -");
}

}  // namespace
}  // namespace suppressd
