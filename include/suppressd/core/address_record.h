// All that the list knows of one address: its events, their fold, and the rows that show it. Plain data.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/time.h"
#include "suppressd/core/kept_events.h"
#include "suppressd/core/suppression.h"

namespace suppressd {

/// Row in `recipient`: the result of the fold, as views and people read it.
struct Recipient {
  std::optional<Time> last_delivery;
  int streak = 0;                    ///< Counted failed sends in a row.
  std::optional<Time> streak_since;  ///< First failure of the streak.
  std::optional<Time> last_failure;  ///< Newest soft failure since the last delivery.
  std::string last_category;         ///< Its category.
  int soft_step = 0;                 ///< Steps taken on the ladder of soft entries.
  int hard_step = 0;                 ///< Steps taken on the ladder of hard entries.

  bool operator==(const Recipient&) const = default;
  bool empty() const { return *this == Recipient{}; }
};

struct AddressRecord {
  using Entries = std::array<std::optional<Suppression>, kSuppressionKinds>;

  std::string address;
  KeptEvents events;
  ListState state;  ///< The fold of the events.
  Recipient recipient;
  Entries entries;                       ///< Rows in `suppression` for all mail, by kind.
  std::vector<Suppression> scoped = {};  ///< Those for one sender domain, by kind and scope.
  std::optional<Time> exempt_since;  ///< By an exemption of it or of its domain; nullopt: it is not exempt.

  /// Whether there is more than its address.
  bool is_known() const {
    return !events.events().empty() || events.checkpoint() || !recipient.empty() ||
           std::ranges::any_of(entries, [](const auto& row) { return row.has_value(); }) || !scoped.empty();
  }
  bool exempt() const { return exempt_since.has_value(); }
  std::optional<Suppression>& entry(SuppressionKind kind) { return entries[static_cast<std::size_t>(kind)]; }
  const std::optional<Suppression>& entry(SuppressionKind kind) const {
    return entries[static_cast<std::size_t>(kind)];
  }

  /// The same of any scope; nullptr: there is none.
  const Suppression* find(SuppressionKind kind, std::string_view scope) const;
  std::optional<Suppression> copy(SuppressionKind kind, std::string_view scope) const;
  /// Puts the row in its place; nullopt: removes it.
  void set(SuppressionKind kind, std::string_view scope, std::optional<Suppression> row);
  /// All rows: those for all mail first.
  std::vector<Suppression> rows() const;
  bool any_row(const std::function<bool(const Suppression&)>& holds) const;
};

}  // namespace suppressd
