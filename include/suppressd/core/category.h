// Why a delivery failed, and what this does to the address.
//
// The names are those of the configuration and the database. Pure, safe from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace suppressd {

enum class Category : std::uint8_t {
  // hard by default
  bad_mailbox,
  bad_domain,
  mailbox_disabled,
  moved,
  undetermined_permanent,
  // soft by default
  mailbox_full,
  greylisted,
  connection,
  dns,
  server_error,
  recipient_refused,
  undetermined_temporary,
  // none by default: the sender's fault, the provider's, or ours
  rate_limited,
  blocked,
  auth,
  content,
  policy,
  message_too_large,
  protocol,
  routing,
  local_fault,
  auto_reply,
  // a feedback report
  complaint,
  // not a failure
  delivered,
  relayed,
  delayed,
  not_a_report,
  not_understood,
  ignored,
};

inline constexpr std::size_t kCategoryCount = static_cast<std::size_t>(Category::ignored) + 1;

enum class Action : std::uint8_t { none, soft, hard, complaint };

/// `bad-mailbox`, `undetermined-permanent` ...
std::string_view name_of(Category category);
/// `none`, `soft`, `hard`, `complaint`.
std::string_view name_of(Action action);

std::optional<Category> category_from(std::string_view name);
std::optional<Action> action_from(std::string_view name);

/// Whether the category is a failed delivery or a complaint, so that `[action]` may name it.
bool is_failure(Category category);

/// What each category does to an address: the defaults, as changed by `[action]`.
class ActionTable {
 public:
  ActionTable();  ///< The defaults of the design.
  Action operator[](Category category) const { return actions_[static_cast<std::size_t>(category)]; }
  void set(Category category, Action action) { actions_[static_cast<std::size_t>(category)] = action; }

 private:
  std::array<Action, kCategoryCount> actions_{};
};

}  // namespace suppressd
