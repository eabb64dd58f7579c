#include "suppressd/core/suppression.h"

#include "suppressd/base/digest.h"
#include "suppressd/base/enum_names.h"

namespace suppressd {
namespace {

constexpr std::string_view kKindNames[kSuppressionKinds] = {"complaint", "unsubscribe", "manual", "hard",
                                                            "soft"};
constexpr std::string_view kStateNames[] = {"active", "pending", "suspended"};
constexpr std::string_view kRefusalWords = "recipient suppressed: ";
constexpr std::size_t kRefDigits = 10;

}  // namespace

std::string_view name_of(SuppressionKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of(SuppressionState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

std::optional<SuppressionKind> suppression_kind_from(std::string_view name) {
  return enum_from<SuppressionKind>(kKindNames, name);
}

std::optional<SuppressionState> suppression_state_from(std::string_view name) {
  return enum_from<SuppressionState>(kStateNames, name);
}

bool is_learned(SuppressionKind kind) {
  return kind != SuppressionKind::manual && kind != SuppressionKind::unsubscribe;
}

bool is_by_hand(const Suppression& entry) {
  return !is_learned(entry.kind) || entry.actor != kProgram;
}

bool lasts_as_long(std::optional<Time> a, std::optional<Time> b) {
  return !a || (b && *a >= *b);
}

std::string make_ref(std::string_view address, SuppressionKind kind, std::string_view evidence_key,
                     std::string_view scope) {
  std::string bytes{address};
  bytes.append("|").append(name_of(kind)).append("|").append(evidence_key);
  if (!scope.empty()) bytes.append("|").append(scope);
  return short_digest(bytes, kRefDigits);
}

std::string ref_of(const Suppression& entry) {
  if (!entry.ref.empty()) return entry.ref;
  return make_ref(entry.address, entry.kind, std::to_string(to_unix(entry.since)), entry.scope);
}

std::string refusal_words(const Suppression& entry) {
  const std::string_view category =
      entry.category.empty() ? name_of(entry.kind) : std::string_view{entry.category};
  return std::string{kRefusalWords}
      .append(category)
      .append(" since ")
      .append(format_date(entry.since))
      .append(", ref ")
      .append(ref_of(entry));
}

RefusalText refusal_text(const Suppression& entry) {
  RefusalText refusal;
  refusal.status = entry.kind == SuppressionKind::hard ? "5.1.1" : "5.7.1";
  refusal.text = refusal_words(entry);
  std::string limits;
  if (entry.until) limits.append("until ").append(format_date(*entry.until));
  if (!entry.scope.empty())
    limits.append(limits.empty() ? "" : ", ").append("mail from ").append(entry.scope);
  if (!limits.empty()) refusal.text.append(" (").append(limits).append(")");
  return refusal;
}

bool is_our_refusal(std::string_view text) {
  const auto words = text.find(kRefusalWords);
  return words != std::string_view::npos && text.find(", ref ", words) != std::string_view::npos;
}

}  // namespace suppressd
