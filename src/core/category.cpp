#include "suppressd/core/category.h"

#include "suppressd/base/enum_names.h"

namespace suppressd {
namespace {

struct CategoryRow {
  Category category;
  std::string_view name;
  Action action;
};

constexpr std::array<CategoryRow, kCategoryCount> kCategories{{
    {Category::bad_mailbox, "bad-mailbox", Action::hard},
    {Category::bad_domain, "bad-domain", Action::hard},
    {Category::mailbox_disabled, "mailbox-disabled", Action::hard},
    {Category::moved, "moved", Action::hard},
    {Category::undetermined_permanent, "undetermined-permanent", Action::hard},
    {Category::mailbox_full, "mailbox-full", Action::soft},
    {Category::greylisted, "greylisted", Action::soft},
    {Category::connection, "connection", Action::soft},
    {Category::dns, "dns", Action::soft},
    {Category::server_error, "server-error", Action::soft},
    {Category::recipient_refused, "recipient-refused", Action::soft},
    {Category::undetermined_temporary, "undetermined-temporary", Action::soft},
    {Category::rate_limited, "rate-limited", Action::none},
    {Category::blocked, "blocked", Action::none},
    {Category::auth, "auth", Action::none},
    {Category::content, "content", Action::none},
    {Category::policy, "policy", Action::none},
    {Category::message_too_large, "message-too-large", Action::none},
    {Category::protocol, "protocol", Action::none},
    {Category::routing, "routing", Action::none},
    {Category::local_fault, "local-fault", Action::none},
    {Category::auto_reply, "auto-reply", Action::none},
    {Category::complaint, "complaint", Action::complaint},
    {Category::delivered, "delivered", Action::none},
    {Category::relayed, "relayed", Action::none},
    {Category::delayed, "delayed", Action::none},
    {Category::not_a_report, "not-a-report", Action::none},
    {Category::not_understood, "not-understood", Action::none},
    {Category::ignored, "ignored", Action::none},
}};

constexpr bool rows_stand_in_order() {
  for (std::size_t i = 0; i < kCategories.size(); ++i) {
    if (static_cast<std::size_t>(kCategories[i].category) != i) return false;
  }
  return true;
}
static_assert(rows_stand_in_order());

constexpr std::array<std::string_view, 4> kActions{"none", "soft", "hard", "complaint"};

}  // namespace

std::string_view name_of(Category category) {
  return kCategories[static_cast<std::size_t>(category)].name;
}

std::string_view name_of(Action action) {
  return kActions[static_cast<std::size_t>(action)];
}

std::optional<Category> category_from(std::string_view name) {
  for (const auto& row : kCategories) {
    if (row.name == name) return row.category;
  }
  return std::nullopt;
}

std::optional<Action> action_from(std::string_view name) {
  return enum_from<Action>(kActions, name);
}

bool is_failure(Category category) {
  return category < Category::delivered;
}

ActionTable::ActionTable() {
  for (const auto& row : kCategories) set(row.category, row.action);
}

}  // namespace suppressd
