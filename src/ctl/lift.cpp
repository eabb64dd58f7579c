#include "suppressd/core/text.h"
#include "suppressd/ctl/addresses.h"
#include "suppressd/ctl/commands.h"
#include "suppressd/ctl/hand.h"
#include "suppressd/ctl/json.h"
#include "suppressd/ctl/wording.h"
#include "suppressd/store/verdict_reader.h"

namespace suppressd::ctl {
namespace {

struct Options {
  AddressArguments addresses;
  std::string note;
};

/// The policy's lift, and an audit row for a lift that ended a streak and no entry.
PolicyResult lift_audited(AddressRecord& record, const Context& context, const std::string& note) {
  const int streak = record.recipient.streak;
  PolicyResult result = lift_by_hand(record, context.caller(), note, context.now());
  if (result.record_changed && result.changes.empty()) {
    Change change;
    change.at = context.now();
    change.address = record.address;
    change.act = "lifted";
    change.actor = context.caller();
    change.cause = note.empty() ? "by hand: streak of " + std::to_string(streak) + " ended" : note;
    result.changes.push_back(std::move(change));
  }
  return result;
}

class Lifting {
 public:
  explicit Lifting(Context& context) : context_(context), reader_(context.config().database_path) {}

  /// Tells of one address, and whether something refuses it still.
  void tell(const HandChange& change) {
    const auto& address = change.record.address;
    const bool lifted = change.result.record_changed;
    if (!lifted) all_lifted_ = false;
    std::optional<Suppression> still;
    if (!address.starts_with('@')) {
      const auto verdict = reader_.find(address, context_.now());
      if (verdict.answer == LookupResult::Answer::suppressed) still = verdict.entry;
    }
    if (still) all_lifted_ = false;
    if (context_.out().json())
      tell_json(change, still);
    else
      tell_people(change, still);
  }

  bool all_lifted() const { return all_lifted_; }

 private:
  void tell_json(const HandChange& change, const std::optional<Suppression>& still) {
    Json json;
    json["address"] = change.record.address;
    json["lifted"] = Json::array();
    for (const auto& done : change.result.changes) {
      if (!done.kind.empty()) json["lifted"].push_back(done.kind);
    }
    json["changed"] = change.result.record_changed;
    json["still_refused_by"] = still ? json_of(*still, context_.now()) : Json(nullptr);
    context_.out().object(json);
  }

  void tell_people(const HandChange& change, const std::optional<Suppression>& still) {
    auto& out = context_.out();
    std::string kinds;
    for (const auto& done : change.result.changes) {
      if (!done.kind.empty()) kinds += (kinds.empty() ? "" : ", ") + done.kind + (done.category == done.kind ? "" : " " + done.category);
    }
    const auto& address = change.record.address;
    if (!change.result.record_changed)
      out.line(address + ": nothing to lift, no entry of its own is in force");
    else
      out.line(address + ": lifted" + (kinds.empty() ? ", its streak is ended" : " (" + kinds + ")"));
    if (still) {
      out.line(out.paint(Colour::red, "  still refused") + " by the entry " + still->address + " (" + kind_in_words(*still) +
               "), which stands: suppressctl lift " + still->address + ", or suppressctl exempt add " + address);
    }
  }

  Context& context_;
  VerdictReader reader_;
  bool all_lifted_ = true;
};

Result<int> lift(Context& context, const Options& options) {
  const auto addresses = options.addresses.read();
  if (!addresses) return addresses.error();
  auto database = context.open_for_changes();
  if (!database) return database.error();
  Lifting lifting(context);
  const std::string note = clean(options.note);
  const auto act = [&](AddressRecord& record) { return lift_audited(record, context, note); };
  const auto done = [&](const HandChange& change) { lifting.tell(change); };
  if (auto changed = change_by_hand(*database, *addresses, act, done); !changed) return changed.error();
  return lifting.all_lifted() ? kSuccess : kNo;
}

}  // namespace

void add_lift(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("lift", "End the entries and the streak of addresses. Exit status 1: nothing to lift, or still refused",
                              [options](Context& context) { return lift(context, *options); });
  options->addresses.add_to(*command);
  command->add_option("--note", options->note, "Why; kept in the audit")->type_name("TEXT");
}

}  // namespace suppressd::ctl
