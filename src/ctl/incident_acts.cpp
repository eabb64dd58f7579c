#include <algorithm>
#include <utility>

#include "suppressd/base/text.h"

#include "hand.h"
#include "incidents.h"
#include "json.h"
#include "tally.h"
#include "usage.h"

namespace suppressd::ctl {
namespace {

struct Options {
  std::int64_t number = 0;
  std::string note;
  bool dry_run = false;
};

/// What is done to all entries that are pending in an incident.
struct Settling {
  std::string done;    ///< `confirmed`
  std::string effect;  ///< Of one address, for people.
  Act act;
};

Settling confirming() {
  return {.done = "confirmed",
          .effect = "confirmed, refused from now on",
          .act = [](Decider& decider, Batch& batch, const std::string& address, Hand& hand) {
            return decider.confirm(batch, address, hand);
          }};
}

/// A lift ends all entries of an address that are for all mail: not where it would end another one that
/// refuses mail.
Result<HandChange> drop_one(Decider& decider, Batch& batch, const std::string& address, Hand& hand) {
  const auto record = batch.record(address);
  if (!record) return record.error();
  const auto& entries = (**record).entries;
  const auto& hard = (**record).entry(SuppressionKind::hard);
  const bool pending = hard && hard->state == SuppressionState::pending && !hard->ended(hand.now);
  if (!pending ||
      std::ranges::any_of(entries, [&](const auto& row) { return row && row->in_force(hand.now); }))
    return HandChange{**record, {}};
  return decider.lift(batch, address, hand, {.kind = {}, .scope = std::string{}});
}

Settling dropping() {
  return {.done = "dropped", .effect = "dropped, as if it had not failed", .act = drop_one};
}

class Teller {
 public:
  Teller(Context& context, const Options& options, const Settling& settling, std::size_t addresses)
      : out_(context.out()), options_(options), settling_(settling), tally_(out_, addresses) {}

  void tell_planned(const std::string& address) {
    ++done_;
    if (out_.json())
      tell_json(address, true, 0);
    else
      tally_.usual("would be " + settling_.done, {address + ": would be " + settling_.done});
  }

  void tell(const HandChange& change) {
    const auto& address = change.record.address;
    const bool changed = change.changed();
    done_ += changed ? 1 : 0;
    if (out_.json())
      tell_json(address, changed, changed ? change.changes.front().act_number : 0);
    else if (changed)
      tally_.usual(settling_.done, {address + ": " + settling_.effect});
    else
      tally_.exception(
          "not " + settling_.done,
          {address + ": not " + settling_.done +
           ": no longer pending, or another entry refuses it (suppressctl show " + address + ")"});
  }

  void finish() { tally_.finish(); }
  std::size_t done() const { return done_; }

 private:
  void tell_json(const std::string& address, bool done, std::int64_t number) {
    Json json;
    json["incident"] = options_.number;
    json["address"] = address;
    json[settling_.done] = done;
    json["dry_run"] = options_.dry_run;
    json["number"] = number != 0 ? Json(number) : Json(nullptr);
    out_.object(json);
  }

  Output& out_;
  const Options& options_;
  const Settling& settling_;
  Tally tally_;
  std::size_t done_ = 0;
};

Result<std::vector<std::string>> pending_in(const Context& context, std::int64_t number) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  if (auto found = find_incident(*reader, number, context.now()); !found) return found.error();
  const auto entries = reader->entries({.incident = number, .pending = true}, context.now());
  if (!entries) return entries.error();
  std::vector<std::string> addresses;
  for (const auto& entry : *entries) addresses.push_back(entry.address);
  return addresses;
}

Result<int> settle(Context& context, const Options& options, const Settling& settling) {
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  const auto addresses = pending_in(context, options.number);
  if (!addresses) return addresses.error();
  auto& out = context.out();
  if (addresses->empty()) {
    if (!out.json()) out.line("nothing is pending in incident " + std::to_string(options.number));
    return kNo;
  }
  Teller teller(context, options, settling, addresses->size());
  if (options.dry_run) {
    for (const auto& address : *addresses) teller.tell_planned(address);
    teller.finish();
    if (!out.json()) out.line("nothing was changed");
    return kSuccess;
  }
  const auto changed = act_by_hand(context, *ledger, *addresses, clean(options.note), settling.act,
                                   [&](const HandChange& change) { teller.tell(change); });
  teller.finish();
  if (!changed) return changed.error();
  if (*changed != 0 && !out.json()) out.line(way_back(*changed));
  return teller.done() == addresses->size() ? kSuccess : kNo;
}

void add_act(Program& program, CLI::App* incidents, const std::string& name, const std::string& help,
             Settling (*settling)()) {
  auto options = std::make_shared<Options>();
  auto* command = program.add(incidents, name, help, [options, settling](Context& context) {
    return settle(context, *options, settling());
  });
  command->add_option("NUMBER", options->number, "Which incident")
      ->option_text(" ")
      ->required()
      ->check(positive_number("the number of an incident"));
  command->add_option("--note", options->note, "Why; kept in the audit")->type_name("TEXT");
  command->add_flag("--dry-run", options->dry_run, "Only show what would be changed");
}

struct ReadOptions {
  std::vector<std::int64_t> numbers;
  bool all = false;
};

/// In the order of the list, or as they were named.
Result<std::vector<std::int64_t>> chosen(Reader& reader, const ReadOptions& options, Time now) {
  std::vector<std::int64_t> numbers;
  if (options.all) {
    const auto incidents = reader.incidents(now);
    if (!incidents) return incidents.error();
    for (const auto& summary : *incidents)
      if (!summary.read) numbers.push_back(summary.incident.id);
    return numbers;
  }
  for (const auto number : options.numbers) {
    if (auto found = find_incident(reader, number, now); !found) return found.error();
    numbers.push_back(number);
  }
  return numbers;
}

Result<int> mark_read(Context& context, const ReadOptions& options) {
  if (options.all == !options.numbers.empty())
    return Error{"incidents read takes either the numbers of incidents, or --all"};
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto numbers = chosen(*reader, options, context.now());
  if (!numbers) return numbers.error();
  auto& out = context.out();
  if (numbers->empty() && !out.json()) out.line("no unread incident");
  auto batch = ledger->begin();
  if (!batch) return batch.error();
  std::vector<std::pair<std::int64_t, bool>> done;
  for (const auto number : *numbers) {
    const auto marked = batch->mark_incident_read(number);
    if (!marked) return marked.error();
    done.emplace_back(number, *marked);
  }
  if (auto committed = batch->commit(); !committed) return committed.error();
  bool any = false;
  for (const auto& [number, marked] : done) {
    any = any || marked;
    if (out.json()) {
      Json json;
      json["id"] = number;
      json["read"] = true;
      json["changed"] = marked;
      out.object(json);
    } else {
      out.line("incident " + std::to_string(number) + ": " + (marked ? "read" : "was read before"));
    }
  }
  return any ? kSuccess : kNo;
}

Result<int> close_by_hand(Context& context, const std::vector<std::int64_t>& numbers) {
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  for (const auto number : numbers)
    if (auto found = find_incident(*reader, number, context.now()); !found) return found.error();
  auto batch = ledger->begin();
  if (!batch) return batch.error();
  bool all = true;
  std::vector<std::pair<std::int64_t, bool>> done;
  for (const auto number : numbers) {
    const auto closed = batch->close_incident(number, context.now(), context.caller());
    if (!closed) return closed.error();
    done.emplace_back(number, *closed);
    all = all && *closed;
  }
  if (auto committed = batch->commit(); !committed) return committed.error();
  auto& out = context.out();
  for (const auto& [number, closed] : done) {
    if (out.json()) {
      Json json;
      json["id"] = number;
      json["closed"] = closed;
      out.object(json);
    } else {
      out.line("incident " + std::to_string(number) + ": " + (closed ? "closed" : "was closed before"));
    }
  }
  return all ? kSuccess : kNo;
}

}  // namespace

void add_incident_acts(Program& program, CLI::App* incidents) {
  add_act(program, incidents, "confirm",
          "Put all entries in force that are pending in it. Exit status 1: nothing was pending", confirming);
  add_act(program, incidents, "drop",
          "Lift all entries that are pending in it. Exit status 1: nothing was pending, or some are left",
          dropping);

  auto closed = std::make_shared<std::vector<std::int64_t>>();
  auto* closing =
      program.add(incidents, "close",
                  "Close incidents that are open: what fails from now on does not belong to them. "
                  "Exit status 1: one was not open",
                  [closed](Context& context) { return close_by_hand(context, *closed); });
  closing->add_option("NUMBER", *closed, "Which incidents")
      ->option_text("...")
      ->required()
      ->check(positive_number("the number of an incident"));

  auto marked = std::make_shared<ReadOptions>();
  auto* reading = program.add(incidents, "read", "Mark incidents as read. Exit status 1: they were",
                              [marked](Context& context) { return mark_read(context, *marked); });
  reading->add_option("NUMBER", marked->numbers, "Which incidents")
      ->option_text("...")
      ->check(positive_number("the number of an incident"));
  reading->add_flag("--all", marked->all, "All of them");
}

}  // namespace suppressd::ctl
