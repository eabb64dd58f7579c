#include "filters.h"

#include <CLI/CLI.hpp>

#include "suppressd/base/text.h"
#include "suppressd/core/category.h"
#include "suppressd/core/provider.h"
#include "suppressd/core/suppression.h"

namespace suppressd::ctl {
namespace {

std::string kind_names() {
  std::string names;
  for (std::size_t kind = 0; kind < kSuppressionKinds; ++kind) {
    names += (kind == 0                      ? ""
              : kind + 1 < kSuppressionKinds ? ", "
                                             : " or ") +
             std::string(name_of(static_cast<SuppressionKind>(kind)));
  }
  return names;
}

std::string failure_names() {
  std::string names;
  for (std::size_t number = 0; number < kCategoryCount; ++number) {
    const auto category = static_cast<Category>(number);
    if (!is_failure(category)) continue;
    names += (names.empty() ? "" : ", ") + std::string(name_of(category));
  }
  return names;
}

/// The category of an entry made by hand is the name of its kind.
Result<std::string> check_category(const std::string& text) {
  std::string name = to_lower(text);
  if (category_from(name) || suppression_kind_from(name)) return name;
  return Error{"--category " + text + ": no such category; the categories are " + failure_names()};
}

Result<std::optional<Time>> read_when(const char* option, const std::string& text, Time now) {
  if (text.empty()) return std::optional<Time>{};
  const auto when = parse_when(text, now);
  if (!when) return Error{std::string(option) + ": " + when.error().message};
  return std::optional<Time>{*when};
}

}  // namespace

Result<Time> parse_when(std::string_view text, Time now) {
  if (text == "now") return now;
  if (const auto ago = parse_duration(text); ago && *ago != kForever) return now - *ago;
  return parse_time(text);
}

Result<std::string> check_kind(const std::string& text) {
  std::string name = to_lower(text);
  if (suppression_kind_from(name)) return name;
  return Error{"--kind " + text + ": no such kind; the kinds are " + kind_names()};
}

void FilterOptions::add_to(CLI::App& command) {
  command
      .add_option("--since", since,
                  "Entries that began at or after TIME (`2026-11-01T22:58`, or `2h`: two hours ago)")
      ->type_name("TIME");
  command.add_option("--until", until, "Entries that began before TIME")->type_name("TIME");
  command.add_option("--provider", provider, "Only mailboxes at the provider DOMAIN")->type_name("DOMAIN");
  command.add_option("--category", category, "Only this category (bad-mailbox, mailbox-full ...)")
      ->type_name("NAME");
  command.add_option("--rule", rule, "Only what this rule decided")->type_name("ID");
}

Result<EntryFilter> FilterOptions::read(Time now) const {
  EntryFilter filter;
  auto from = read_when("--since", since, now);
  if (!from) return from.error();
  auto to = read_when("--until", until, now);
  if (!to) return to.error();
  if (*from && *to && **from >= **to) {
    return Error{"--since " + format_time(**from) + " is not before --until " + format_time(**to)};
  }
  filter.since = *from;
  filter.until = *to;
  if (!provider.empty()) filter.provider = registrable_domain(provider);
  if (!category.empty()) {
    auto name = check_category(category);
    if (!name) return name.error();
    filter.category = *name;
  }
  filter.rule = rule;
  return filter;
}

}  // namespace suppressd::ctl
