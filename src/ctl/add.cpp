#include "suppressd/base/text.h"
#include "suppressd/core/scope.h"

#include "addresses.h"
#include "commands.h"
#include "filters.h"
#include "hand.h"
#include "json.h"
#include "tally.h"
#include "whole_domains.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

struct Options {
  AddressArguments addresses;
  std::string kind = "manual";
  std::string scope = "all";
  std::string length;
  std::string until;
  std::string note;
  bool whole_domain = false;
};

/// hard and soft entries are learned; made by hand, they could not be distinguished from those.
Result<SuppressionKind> read_kind(const std::string& text) {
  const auto kind = suppression_kind_from(to_lower(text));
  if (kind == SuppressionKind::manual || kind == SuppressionKind::unsubscribe ||
      kind == SuppressionKind::complaint)
    return *kind;
  return Error{"--kind " + text + ": an entry made by hand is manual, unsubscribe or complaint"};
}

Result<std::optional<Time>> read_end(const Options& options, Time now) {
  if (!options.length.empty()) {
    const auto length = parse_duration(options.length);
    if (!length) return Error{"--for: " + length.error().message};
    if (*length == Duration::zero())
      return Error{"--for " + options.length + ": an entry must last; write, for example, --for 30d"};
    return end_of(now, *length);
  }
  if (!options.until.empty()) {
    const auto end = parse_time(options.until);
    if (!end) return Error{"--until: " + end.error().message};
    if (*end <= now) return Error{"--until " + format_time(*end) + ": that is in the past"};
    return std::optional<Time>{*end};
  }
  return std::optional<Time>{};
}

void tell(Context& context, Tally& tally, const HandChange& change, const Suppression& entry,
          std::int64_t covered) {
  auto& out = context.out();
  if (out.json()) {
    Json json = json_of(entry, context.now());
    json["exempt"] = change.record.exempt();
    if (entry.address.starts_with('@')) json["known_good"] = covered;
    out.object(json);
    return;
  }
  if (entry.state == SuppressionState::pending) {
    tally.exception("pending", {entry.address + ": pending, it refuses no one yet: it covers " +
                                    std::to_string(covered) + " addresses that took mail within 180 days",
                                "  to refuse them all: suppressctl confirm " + entry.address +
                                    "; to remove it: suppressctl lift " + entry.address});
    return;
  }
  const auto how = kind_in_words(entry) + ", " + end_in_words(entry.until, context.now());
  if (!is_by_hand(entry)) {
    tally.exception("refused for longer already",
                    {entry.address + ": a complaint that was learned lasts longer, " +
                     end_in_words(entry.until, context.now())});
    return;
  }
  const auto line = entry.address + ": added, " + how;
  if (!change.record.exempt()) {
    tally.usual("added (" + how + ")", {line});
    return;
  }
  const auto warning =
      out.paint(Colour::yellow, "  but it is exempt, and stays accepted until suppressctl exempt remove");
  tally.exception("added but exempt", {line, warning});
}

Result<int> add(Context& context, const Options& options) {
  const auto kind = read_kind(options.kind);
  if (!kind) return kind.error();
  const auto end = read_end(options, context.now());
  if (!end) return end.error();
  const auto scope = scope_from(options.scope);
  if (!scope) return Error{"--scope: " + scope.error().message};
  const auto addresses = options.addresses.read(context);
  if (!addresses) return addresses.error();
  auto ledger = context.open_or_create(Ledger::Durability::by_hand);
  if (!ledger) return ledger.error();
  const auto domains = WholeDomains::make(context, *addresses);
  if (!domains) return domains.error();

  Suppression entry;
  entry.kind = *kind;
  entry.category = name_of(*kind);
  entry.until = *end;
  entry.scope = *scope;
  const auto act = [&](Decider& decider, Batch& batch, const std::string& address, const Hand& hand) {
    entry.address = address;
    const bool held = !options.whole_domain && domains->too_many(address);
    entry.state = held ? SuppressionState::pending : SuppressionState::active;
    return decider.add(batch, entry, hand);
  };
  Tally tally(context.out(), addresses->size());
  int status = kSuccess;
  const auto done = [&](const HandChange& change) {
    const auto& row = *change.record.find(*kind, *scope);
    if (row.state == SuppressionState::pending) status = kNo;
    tell(context, tally, change, row, domains->covered(change.record.address));
  };
  const auto changed = act_by_hand(context, *ledger, *addresses, clean(options.note), act, done);
  tally.finish();
  if (!changed) return changed.error();
  return status;
}

}  // namespace

void add_add(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("add", "Suppress addresses by hand. Exit status 1: an entry is pending",
                              [options](Context& context) { return add(context, *options); });
  options->addresses.add_new_to(*command);
  command->add_option("--kind", options->kind, "manual (default), unsubscribe or complaint")
      ->type_name("KIND");
  command->add_option("--scope", options->scope, "Only mail from DOMAIN (default: all)")->type_name("DOMAIN");
  auto* length = command->add_option("--for", options->length, "How long: 30d, 72h (default: permanently)")
                     ->type_name("DURATION");
  command->add_option("--until", options->until, "Until TIME")->type_name("TIME")->excludes(length);
  command->add_option("--note", options->note, "Why; kept with the entry and in the audit")
      ->type_name("TEXT");
  command->add_flag("--whole-domain", options->whole_domain,
                    "Also @domains with more than 100 addresses that took mail within 180 days");
}

}  // namespace suppressd::ctl
