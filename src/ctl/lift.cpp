#include "suppressd/base/text.h"

#include "addresses.h"
#include "commands.h"
#include "hand.h"
#include "json.h"
#include "mistakes.h"
#include "tally.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

struct Options {
  AddressArguments addresses;
  std::string note;
};

class Lifting {
 public:
  Lifting(Context& context, std::size_t addresses)
      : context_(context), reader_(context.open_for_reading()), tally_(context.out(), addresses) {}

  /// Reports the result for one address, and whether something still refuses it.
  void tell(const HandChange& change) {
    const auto& address = change.record.address;
    const bool lifted = change.changed();
    if (!lifted) all_lifted_ = false;
    std::optional<Suppression> still;
    if (reader_ && !address.starts_with('@')) {
      const auto verdict = reader_->verdict(address, context_.now());
      if (verdict.refuses()) still = verdict.entry;
    }
    if (still) all_lifted_ = false;
    if (context_.out().json())
      tell_json(change, still);
    else
      tell_people(change, still);
  }

  void finish() { tally_.finish(); }
  bool all_lifted() const { return all_lifted_; }

 private:
  void tell_json(const HandChange& change, const std::optional<Suppression>& still) {
    Json json;
    json["address"] = change.record.address;
    json["lifted"] = Json::array();
    for (const auto& done : change.changes) {
      if (done.kind) json["lifted"].push_back(name_of(*done.kind));
    }
    json["changed"] = change.changed();
    json["number"] = change.changed() ? Json(change.changes.front().act_number) : Json(nullptr);
    json["still_refused_by"] = still ? json_of(*still, context_.now()) : Json(nullptr);
    context_.out().object(json);
  }

  void tell_people(const HandChange& change, const std::optional<Suppression>& still) {
    auto& out = context_.out();
    std::string kinds;
    for (const auto& done : change.changes) {
      if (!done.kind) continue;
      const std::string kind{name_of(*done.kind)};
      kinds += (kinds.empty() ? "" : ", ") + kind + (done.category == kind ? "" : " " + done.category);
    }
    const auto& address = change.record.address;
    const bool lifted = change.changed();
    std::string line = address;
    if (!lifted)
      line += ": nothing to lift, no entry of its own is in force" + advice_after(address);
    else
      line += ": lifted" + (kinds.empty() ? ", its streak and its place on the ladders are forgotten"
                                          : " (" + kinds + ")");
    if (still) {
      tally_.exception("still refused",
                       {line, out.paint(Colour::red, "  still refused") + " by the entry " + still->address +
                                  " (" + kind_in_words(*still) + "): suppressctl lift " + still->address +
                                  ", or suppressctl exempt add " + address});
    } else if (lifted) {
      tally_.usual("lifted", {line});
    } else {
      tally_.exception("with nothing to lift", {line});
    }
  }

  Context& context_;
  Result<Reader> reader_;
  Tally tally_;
  bool all_lifted_ = true;
};

Result<int> lift(Context& context, const Options& options) {
  const auto addresses = options.addresses.read(context);
  if (!addresses) return addresses.error();
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  Lifting lifting(context, addresses->size());
  const std::string note = clean(options.note);
  const auto act = [](Decider& decider, Batch& batch, const std::string& address, Hand& hand) {
    return decider.lift(batch, address, hand);
  };
  const auto done = [&](const HandChange& change) { lifting.tell(change); };
  const auto changed = act_by_hand(context, *ledger, *addresses, note, act, done);
  lifting.finish();
  if (!changed) return changed.error();
  if (*changed != 0 && !context.out().json()) context.out().line(way_back(*changed));
  return lifting.all_lifted() ? kSuccess : kNo;
}

}  // namespace

void add_lift(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add(
      "lift", "End the entries and the streak of addresses. Exit status 1: nothing to lift, or still refused",
      [options](Context& context) { return lift(context, *options); });
  options->addresses.add_to(*command);
  command->add_option("--note", options->note, "Why; kept in the audit")->type_name("TEXT");
}

}  // namespace suppressd::ctl
