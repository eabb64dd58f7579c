#include "suppressd/base/text.h"
#include "suppressd/store/exemptions.h"
#include "suppressd/store/ledger.h"

#include "addresses.h"
#include "commands.h"
#include "json.h"
#include "mistakes.h"
#include "tally.h"

namespace suppressd::ctl {
namespace {

struct Options {
  AddressArguments addresses;
  std::string note;
};

Change change_of(ChangeAct act, const Context& context, const std::string& address, const std::string& note) {
  Change change;
  change.at = context.now();
  change.address = address;
  change.act = act;
  change.actor = context.caller();
  change.cause = note.empty() ? "by hand" : note;
  return change;
}

/// False: it was exempt before.
Result<bool> exempt_by_hand(const Context& context, Ledger& ledger, const std::string& address,
                            const std::string& note) {
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  const auto added = batch->add_exemption(
      {.address = address, .since = context.now(), .note = note, .actor = context.caller()});
  if (!added || !*added) return added;
  if (auto audited = batch->add_change(change_of(ChangeAct::exempted, context, address, note)); !audited)
    return audited.error();
  if (auto committed = batch->commit(); !committed) return committed.error();
  return true;
}

/// False: it was not exempt before.
Result<bool> unexempt_by_hand(const Context& context, Ledger& ledger, const std::string& address) {
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  const auto removed = batch->remove_exemption(address);
  if (!removed || !*removed) return removed;
  if (auto audited = batch->add_change(change_of(ChangeAct::unexempted, context, address, {})); !audited)
    return audited.error();
  if (auto committed = batch->commit(); !committed) return committed.error();
  return true;
}

void tell_json(Output& out, const std::string& address, bool changed, bool exempt) {
  if (!out.json()) return;
  Json json;
  json["address"] = address;
  json["exempt"] = exempt;
  json["changed"] = changed;
  out.object(json);
}

Result<int> add(Context& context, const Options& options) {
  const auto addresses = options.addresses.read(context);
  if (!addresses) return addresses.error();
  auto ledger = context.open_or_create(Ledger::Durability::by_hand);
  if (!ledger) return ledger.error();
  Tally tally(context.out(), addresses->size());
  for (const auto& address : *addresses) {
    const auto added = exempt_by_hand(context, *ledger, address, clean(options.note));
    if (!added) return added.error();
    tell_json(context.out(), address, *added, true);
    if (*added)
      tally.usual("exempt", {address + ": exempt: never refused, and nothing is learned about it"});
    else
      tally.usual("already exempt", {address + ": was already exempt"});
  }
  tally.finish();
  return kSuccess;
}

Result<int> remove(Context& context, const Options& options) {
  const auto addresses = options.addresses.read(context);
  if (!addresses) return addresses.error();
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  int status = kSuccess;
  Tally tally(context.out(), addresses->size());
  for (const auto& address : *addresses) {
    const auto removed = unexempt_by_hand(context, *ledger, address);
    if (!removed) return removed.error();
    if (!*removed) status = kNo;
    tell_json(context.out(), address, *removed, false);
    if (*removed)
      tally.usual("no longer exempt", {address + ": no longer exempt"});
    else
      tally.exception("not exempt before", {address + ": was not exempt" + advice_after(address)});
  }
  tally.finish();
  return status;
}

Result<int> list(Context& context) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto exemptions = reader->exemptions();
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
  auto* adding = program.add(group, "add", "Exempt addresses or domains",
                             [options](Context& context) { return add(context, *options); });
  options->addresses.add_new_to(*adding);
  adding->add_option("--note", options->note, "Why")->type_name("TEXT");

  auto removed = std::make_shared<Options>();
  auto* removing = program.add(group, "remove", "Remove exemptions. Exit status 1: it was not exempt",
                               [removed](Context& context) { return remove(context, *removed); });
  removed->addresses.add_to(*removing);

  program.add(group, "list", "List what is exempt", list);
}

}  // namespace suppressd::ctl
