#include "suppressd/base/text.h"
#include "suppressd/core/scope.h"

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
  std::string scope;
  bool reconfirmed = false;
  std::string note;
};

class Lifting {
 public:
  /// `which`: what was lifted; its scope is a domain, or empty for all mail.
  Lifting(Context& context, std::size_t addresses, const LiftDetails& which, bool reconfirmed)
      : context_(context),
        reader_(context.open_for_reading()),
        tally_(context.out(), addresses),
        sender_(which.scope && !which.scope->empty() ? "sender@" + *which.scope : ""),
        reconfirmed_(reconfirmed) {}

  /// Reports the result for one address, and whether something still refuses it.
  void tell(const HandChange& change) {
    const auto& address = change.record.address;
    const bool lifted = change.changed();
    if (!lifted) all_lifted_ = false;
    std::optional<Suppression> still;
    if (reader_ && !address.starts_with('@')) {
      const auto verdict = reader_->verdict(address, sender_, context_.now());
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
    json["half_open"] = reconfirmed_ && change.changed();
    for (const auto& done : change.changes) {
      if (done.kind && !reconfirmed_) json["lifted"].push_back(name_of(*done.kind));
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
      kinds += (kinds.empty() ? "" : ", ") + kind + (done.category == kind ? "" : " " + done.category) +
               (done.scope.empty() ? "" : " for mail from " + done.scope);
    }
    const auto& address = change.record.address;
    const bool lifted = change.changed();
    std::string line = address;
    if (!lifted)
      line += (reconfirmed_ ? ": nothing to test, no learned entry of its own is in force"
                            : ": nothing to lift, no entry of its own is in force") +
              advice_after(address);
    else if (reconfirmed_)
      line += ": half open (" + kinds + "): the next message tests it";
    else
      line += ": lifted" + (kinds.empty() ? ", its streak and its place on the ladders are forgotten"
                                          : " (" + kinds + ")");
    if (still) {
      tally_.exception("still refused",
                       {line, out.paint(Colour::red, "  still refused") + " by the entry " + still->address +
                                  " (" + kind_in_words(*still) + "): suppressctl lift " + still->address +
                                  ", or suppressctl exempt add " + address});
    } else if (lifted) {
      tally_.usual(reconfirmed_ ? "half open" : "lifted", {line});
    } else {
      tally_.exception(reconfirmed_ ? "with nothing to test" : "with nothing to lift", {line});
    }
  }

  Context& context_;
  Result<Reader> reader_;
  Tally tally_;
  std::string sender_;  // whose mail was asked for
  bool reconfirmed_;
  bool all_lifted_ = true;
};

Result<int> lift(Context& context, const Options& options) {
  const auto addresses = options.addresses.read(context);
  if (!addresses) return addresses.error();
  LiftDetails which;
  if (!options.scope.empty()) {
    auto scope = scope_from(options.scope);
    if (!scope) return Error{"--scope: " + scope.error().message};
    which.scope = std::move(*scope);
  }
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  Lifting lifting(context, addresses->size(), which, options.reconfirmed);
  const std::string note = clean(options.note);
  const auto act = [&](Decider& decider, Batch& batch, const std::string& address, Hand& hand) {
    return options.reconfirmed ? decider.reconfirm(batch, address, hand)
                               : decider.lift(batch, address, hand, which);
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
  auto* scope =
      command
          ->add_option("--scope", options->scope, "Only entries for mail from DOMAIN, or for all mail: all")
          ->type_name("DOMAIN");
  command
      ->add_flag("--reconfirmed", options->reconfirmed,
                 "The owner has confirmed the address: let one message test it, in place of lifting")
      ->excludes(scope);
  command->add_option("--note", options->note, "Why; kept in the audit")->type_name("TEXT");
}

}  // namespace suppressd::ctl
