#include "suppressd/core/unfound_name.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(UnfoundName, is_taken_from_the_words_of_either_mta) {
  EXPECT_EQ(unfound_name("Host or domain name not found. Name service error for name=b.example type=MX: Host "
                         "not found, try again"),
            "b.example");
  EXPECT_EQ(unfound_name("Name service error for domain b.example: Host not found, try again"), "b.example");
  EXPECT_EQ(unfound_name("Name service error for b.example: Host not found"), "b.example");
  EXPECT_EQ(unfound_name("unable to look up host b.example: Name or service not known"), "b.example");
  EXPECT_EQ(unfound_name("no MX host for b.example has a valid address record"), "b.example");
  EXPECT_EQ(unfound_name("Domain b.example does not accept mail (nullMX)"), "b.example");
  EXPECT_EQ(
      unfound_name("550 5.1.2 <user@a.example>... Host unknown (Name server: b.example.: host not found)"),
      "b.example.");
  EXPECT_EQ(unfound_name("Deferred: Name server: b.example: host name lookup failure"), "b.example");
  EXPECT_EQ(unfound_name("Deferred: host map: lookup (b.example): deferred"), "b.example");
}

TEST(UnfoundName, no_other_words_are_read_as_a_name) {
  for (const auto* text : {"", "550 5.1.1 User unknown", "Domain of sender does not accept mail",
                           "Name service error for name=b.example",
                           "Deferred: Connection refused by mx.b.example.", "550 Host unknown"})
    EXPECT_EQ(unfound_name(text), "") << text;
}

TEST(UnfoundName, the_recipients_domain_and_what_is_in_it_are_not_foreign) {
  for (const auto* name : {"b.example", "B.Example.", "mx.b.example.", "mail.b.example"})
    EXPECT_FALSE(is_foreign_name(name, "b.example")) << name;
  EXPECT_FALSE(is_foreign_name("mail.b.example", "news.b.example"));
  for (const auto* name : {"smart.nodomain.example", "b.example.net", "xb.example"})
    EXPECT_TRUE(is_foreign_name(name, "b.example")) << name;
  EXPECT_TRUE(is_foreign_name("other.co.uk", "b.co.uk"));
  EXPECT_FALSE(is_foreign_name("b.example", "")) << "nobody knows";
}

}  // namespace
}  // namespace suppressd
