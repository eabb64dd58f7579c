#include "suppressd/core/category.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

TEST(Category, every_category_reads_back_from_its_name) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    EXPECT_EQ(category_from(name_of(category)), category);
    names.insert(name_of(category));
  }
  EXPECT_EQ(names.size(), kCategoryCount);
  EXPECT_EQ(category_from("bad_mailbox"), std::nullopt);
  EXPECT_EQ(category_from(""), std::nullopt);
}

TEST(Category, every_action_reads_back_from_its_name) {
  for (const auto action : {Action::none, Action::soft, Action::hard, Action::complaint})
    EXPECT_EQ(action_from(name_of(action)), action);
  EXPECT_EQ(action_from("Hard"), std::nullopt);
}

TEST(Category, defaults_are_those_of_the_published_table) {
  const ActionTable actions;
  const auto names_with = [&](Action action) {
    std::string names;
    for (std::size_t i = 0; i < kCategoryCount; ++i) {
      const auto category = static_cast<Category>(i);
      if (is_failure(category) && actions[category] == action) names += std::string(name_of(category)) + ' ';
    }
    return names;
  };
  EXPECT_EQ(names_with(Action::hard),
            "bad-mailbox bad-domain mailbox-disabled moved undetermined-permanent ");
  EXPECT_EQ(names_with(Action::soft),
            "mailbox-full greylisted connection dns server-error recipient-refused undetermined-temporary ");
  EXPECT_EQ(
      names_with(Action::none),
      "rate-limited blocked auth content policy message-too-large protocol routing local-fault auto-reply ");
  EXPECT_EQ(names_with(Action::complaint), "complaint ");
}

TEST(Category, what_is_not_a_failure_costs_no_address) {
  const ActionTable actions;
  for (const auto category : {Category::delivered, Category::relayed, Category::delayed,
                              Category::not_a_report, Category::not_understood, Category::ignored}) {
    EXPECT_FALSE(is_failure(category));
    EXPECT_EQ(actions[category], Action::none);
  }
}

TEST(Category, one_line_changes_one_action) {
  ActionTable actions;
  actions.set(Category::blocked, Action::soft);
  EXPECT_EQ(actions[Category::blocked], Action::soft);
  EXPECT_EQ(actions[Category::auth], Action::none);
}

}  // namespace
}  // namespace suppressd
