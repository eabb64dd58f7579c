#include "suppressd/base/text.h"

#include "addresses.h"
#include "commands.h"
#include "filters.h"
#include "hand.h"
#include "json.h"
#include "mistakes.h"
#include "tally.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

struct Options {
  AddressArguments addresses;
  FilterOptions filter;
  std::string note;
};

/// Named addresses, or all pending ones that match the filter.
Result<std::vector<std::string>> chosen(const Context& context, const Options& options) {
  if (options.addresses.any()) return options.addresses.read(context);
  auto filter = options.filter.read(context.now());
  if (!filter) return filter.error();
  filter->pending = true;
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto entries = reader->entries(*filter, context.now());
  if (!entries) return entries.error();
  std::vector<std::string> addresses;
  for (const auto& entry : *entries)
    if (!entry.address.starts_with('@')) addresses.push_back(entry.address);  // whole domains only by name
  return addresses;
}

Result<int> confirm(Context& context, const Options& options) {
  if (options.addresses.any() == options.filter.any()) {
    return Error{"confirm takes either addresses, or --provider, --since, --until, --category, --rule"};
  }
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  const auto addresses = chosen(context, options);
  if (!addresses) return addresses.error();

  auto& out = context.out();
  if (addresses->empty()) {
    if (!out.json()) out.line("nothing to confirm: no pending entry matches");
    return kNo;
  }
  Tally tally(out, addresses->size());
  std::size_t confirmed = 0;
  const auto act = [](Decider& decider, Batch& batch, const std::string& address, Hand& hand) {
    return decider.confirm(batch, address, hand);
  };
  const auto done = [&](const HandChange& change) {
    const auto& address = change.record.address;
    const bool changed = change.changed();
    confirmed += changed ? 1 : 0;
    if (out.json()) {
      Json json;
      json["address"] = address;
      json["confirmed"] = changed;
      json["number"] = changed ? Json(change.changes.front().act_number) : Json(nullptr);
      out.object(json);
    } else if (changed) {
      tally.usual("confirmed", {address + ": confirmed, refused from now on"});
    } else {
      tally.exception("not pending", {address + ": nothing pending" + advice_after(address)});
    }
  };
  const auto changed = act_by_hand(context, *ledger, *addresses, clean(options.note), act, done);
  tally.finish();
  if (!changed) return changed.error();
  if (*changed != 0 && !out.json()) out.line(way_back(*changed));
  return confirmed == addresses->size() ? kSuccess : kNo;
}

}  // namespace

void add_confirm(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("confirm",
                              "Put pending entries in force, by address, provider or time. Exit "
                              "status 1: nothing was pending",
                              [options](Context& context) { return confirm(context, *options); });
  options->addresses.add_to(*command);
  options->filter.add_to(*command);
  command->add_option("--note", options->note, "Why; kept in the audit")->type_name("TEXT");
}

}  // namespace suppressd::ctl
