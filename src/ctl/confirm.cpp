#include "suppressd/core/text.h"
#include "suppressd/ctl/addresses.h"
#include "suppressd/ctl/commands.h"
#include "suppressd/ctl/filters.h"
#include "suppressd/ctl/hand.h"
#include "suppressd/ctl/json.h"
#include "suppressd/ctl/wording.h"

namespace suppressd::ctl {
namespace {

struct Options {
  AddressArguments addresses;
  FilterOptions filter;
  std::string note;
};

/// Named addresses, or all pending ones that the filter takes.
Result<std::vector<std::string>> chosen(Database& database, const Options& options, Time now) {
  if (options.addresses.any()) return options.addresses.read();
  auto filter = options.filter.read(now);
  if (!filter) return filter.error();
  filter->pending = true;
  const auto entries = list_entries(database, *filter, now);
  if (!entries) return entries.error();
  std::vector<std::string> addresses;
  for (const auto& entry : *entries) addresses.push_back(entry.address);
  return addresses;
}

Result<int> confirm(Context& context, const Options& options) {
  if (options.addresses.any() == options.filter.any()) {
    return Error{"confirm takes either addresses, or --operator, --since, --until, --category, --rule"};
  }
  auto database = context.open_for_changes();
  if (!database) return database.error();
  const auto addresses = chosen(*database, options, context.now());
  if (!addresses) return addresses.error();

  auto& out = context.out();
  std::size_t confirmed = 0;
  const auto act = [&](AddressRecord& record) { return confirm_by_hand(record, context.caller(), clean(options.note), context.now()); };
  const auto done = [&](const HandChange& change) {
    const bool changed = change.result.record_changed;
    confirmed += changed ? 1 : 0;
    if (out.json()) {
      Json json;
      json["address"] = change.record.address;
      json["confirmed"] = changed;
      out.object(json);
    } else {
      out.line(change.record.address + (changed ? ": confirmed, refused from now on" : ": nothing pending"));
    }
  };
  if (auto changed = change_by_hand(*database, *addresses, act, done); !changed) return changed.error();
  if (!out.json()) out.line(out.paint(Colour::faint, count_of(confirmed, "entry", "entries") + " confirmed"));
  return confirmed == addresses->size() ? kSuccess : kNo;
}

}  // namespace

void add_confirm(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add(
      "confirm", "Put pending entries in force: named addresses, or those of an operator or a time. Exit status 1: none pending",
      [options](Context& context) { return confirm(context, *options); });
  options->addresses.add_to(*command);
  options->filter.add_to(*command);
  command->add_option("--note", options->note, "Why; kept in the audit")->type_name("TEXT");
}

}  // namespace suppressd::ctl
