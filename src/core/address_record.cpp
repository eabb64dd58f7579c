#include "suppressd/core/address_record.h"

#include <tuple>
#include <utility>

namespace suppressd {
namespace {

auto place_of(const std::vector<Suppression>& rows, SuppressionKind kind, std::string_view scope) {
  return std::ranges::lower_bound(rows, std::tuple(kind, scope), {}, [](const Suppression& row) {
    return std::tuple(row.kind, std::string_view{row.scope});
  });
}

}  // namespace

const Suppression* AddressRecord::find(SuppressionKind kind, std::string_view scope) const {
  if (scope.empty()) return entry(kind) ? &*entry(kind) : nullptr;
  const auto place = place_of(scoped, kind, scope);
  return place != scoped.end() && place->kind == kind && place->scope == scope ? &*place : nullptr;
}

std::optional<Suppression> AddressRecord::copy(SuppressionKind kind, std::string_view scope) const {
  const auto* row = find(kind, scope);
  return row != nullptr ? std::optional(*row) : std::nullopt;
}

void AddressRecord::set(SuppressionKind kind, std::string_view scope, std::optional<Suppression> row) {
  if (scope.empty()) {
    entry(kind) = std::move(row);
    return;
  }
  const auto place = scoped.begin() + (place_of(scoped, kind, scope) - scoped.begin());
  const bool known = place != scoped.end() && place->kind == kind && place->scope == scope;
  if (known && row)
    *place = std::move(*row);
  else if (known)
    scoped.erase(place);
  else if (row)
    scoped.insert(place, std::move(*row));
}

std::vector<Suppression> AddressRecord::rows() const {
  std::vector<Suppression> all;
  for (const auto& row : entries)
    if (row) all.push_back(*row);
  all.insert(all.end(), scoped.begin(), scoped.end());
  return all;
}

bool AddressRecord::any_row(const std::function<bool(const Suppression&)>& holds) const {
  return std::ranges::any_of(entries, [&](const auto& row) { return row && holds(*row); }) ||
         std::ranges::any_of(scoped, holds);
}

}  // namespace suppressd
