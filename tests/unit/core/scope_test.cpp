#include "suppressd/core/scope.h"

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(Scope, of_a_sender_is_its_organisational_domain) {
  EXPECT_EQ(scope_of("bounce+anna=b.example@News.Shop.CO.UK"), "shop.co.uk");
  EXPECT_EQ(scope_of("news@shop.example"), "shop.example");
  EXPECT_EQ(scope_of("news@mail.b\xc3\xbc"
                     "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(scope_of(""), "") << "the null sender";
  EXPECT_EQ(scope_of("news@[192.0.2.1]"), "") << "no domain name";
  EXPECT_EQ(scope_of("a@b!c"), "");
}

TEST(Scope, is_named_by_a_registered_domain_or_all) {
  EXPECT_EQ(*scope_from("Shop.Example"), "shop.example");
  EXPECT_EQ(*scope_from("b\xc3\xbc"
                        "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(*scope_from("all"), "");
  const auto error = [](std::string_view text) {
    const auto scope = scope_from(text);
    return scope ? "none" : scope.error().message;
  };
  EXPECT_NE(error("news.shop.co.uk").find("write shop.co.uk in place of news.shop.co.uk"), std::string::npos);
  EXPECT_NE(error("co.uk").find("public suffix"), std::string::npos);
  for (const auto* wrong :
       {"", "news@shop.example", "@shop.example", ".shop.example", "shop..example", "a b"})
    EXPECT_NE(error(wrong).find("such as shop.example"), std::string::npos) << wrong;
}

TEST(Scope, an_entry_for_a_domain_never_covers_other_mail) {
  MailScope mail("news@mail.shop.example");
  EXPECT_TRUE(mail.in("shop.example"));
  EXPECT_TRUE(mail.in(""));
  EXPECT_FALSE(mail.in("other.example"));
  EXPECT_TRUE(mail.in("mail.shop.example")) << "written by hand";
  EXPECT_FALSE(mail.in("hop.example"));
  MailScope bounce("");
  EXPECT_TRUE(bounce.in(""));
  EXPECT_FALSE(bounce.in("shop.example"));
}

}  // namespace
}  // namespace suppressd
