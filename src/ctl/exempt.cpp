#include "suppressd/core/text.h"
#include "suppressd/ctl/addresses.h"
#include "suppressd/ctl/commands.h"
#include "suppressd/ctl/json.h"
#include "suppressd/store/entries.h"

namespace suppressd::ctl {
namespace {

struct Options {
  AddressArguments addresses;
  std::string note;
};

void tell(Output& out, const std::string& address, bool changed, bool exempt, const std::string& words) {
  if (out.json()) {
    Json json;
    json["address"] = address;
    json["exempt"] = exempt;
    json["changed"] = changed;
    out.object(json);
  } else {
    out.line(address + ": " + words);
  }
}

Result<int> add(Context& context, const Options& options) {
  const auto addresses = options.addresses.read();
  if (!addresses) return addresses.error();
  auto database = context.open_or_create();
  if (!database) return database.error();
  for (const auto& address : *addresses) {
    const auto added =
        add_exemption(*database, {.address = address, .since = context.now(), .note = clean(options.note), .actor = context.caller()});
    if (!added) return added.error();
    tell(context.out(), address, *added, true, *added ? "exempt: never refused, and nothing is learned of it" : "was exempt already");
  }
  return kSuccess;
}

Result<int> remove(Context& context, const Options& options) {
  const auto addresses = options.addresses.read();
  if (!addresses) return addresses.error();
  auto database = context.open_for_changes();
  if (!database) return database.error();
  int status = kSuccess;
  for (const auto& address : *addresses) {
    const auto removed = remove_exemption(*database, address, context.caller(), context.now());
    if (!removed) return removed.error();
    if (!*removed) status = kNo;
    tell(context.out(), address, *removed, false, *removed ? "exempt no longer" : "was not exempt");
  }
  return status;
}

Result<int> list(Context& context) {
  auto database = context.open_for_reading();
  if (!database) return database.error();
  const auto exemptions = list_exemptions(*database);
  if (!exemptions) return exemptions.error();
  if (context.out().json()) {
    for (const auto& exemption : *exemptions) context.out().object(json_of(exemption));
    return kSuccess;
  }
  Table table({"ADDRESS", "SINCE", "BY", "NOTE"});
  for (const auto& exemption : *exemptions) {
    table.row({exemption.address, format_time(exemption.since), exemption.actor, exemption.note});
  }
  if (table.empty())
    context.out().line("no address is exempt");
  else
    table.print(context.out());
  return kSuccess;
}

}  // namespace

void add_exempt(Program& program) {
  auto* group = program.add_group("exempt", "Addresses and domains that are never suppressed");

  auto options = std::make_shared<Options>();
  auto* adding = program.add(group, "add", "Exempt addresses or domains", [options](Context& context) { return add(context, *options); });
  options->addresses.add_to(*adding);
  adding->add_option("--note", options->note, "Why")->type_name("TEXT");

  auto* removing = program.add(group, "remove", "Exempt them no longer. Exit status 1: it was not exempt",
                               [options](Context& context) { return remove(context, *options); });
  options->addresses.add_to(*removing);

  program.add(group, "list", "List what is exempt", list);
}

}  // namespace suppressd::ctl
