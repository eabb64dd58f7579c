#include <algorithm>

#include "suppressd/base/text.h"

#include "commands.h"
#include "json.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

constexpr Duration kOverride = std::chrono::hours(24 * 7);

struct Options {
  std::string name;
  std::string dimension;
  std::string length;
  std::string note;
  bool all = false;
};

Json json_of(const Breaker& breaker, const BreakerTest& test) {
  Json json;
  json["state"] = name_of(breaker.state);
  json["dimension"] = name_of(breaker.place.dimension);
  json["name"] = breaker.place.name;
  json["brought_by"] = breaker.brought_by.empty() ? Json(nullptr) : Json(breaker.brought_by);
  json["opened"] = format_time(breaker.opened);
  json["since"] = format_time(breaker.since);
  json["until"] = breaker.until ? Json(format_time(*breaker.until)) : Json(nullptr);
  json["pauses"] = breaker.pauses;
  json["why"] = breaker.why;
  json["test_messages"] = test.messages;
  json["test_sends"] = test.sends;
  json["test_ended"] = test.ended;
  json["test_dead"] = test.dead;
  json["actor"] = breaker.actor;
  json["note"] = breaker.note.empty() ? Json(nullptr) : Json(breaker.note);
  return json;
}

std::string test_in_words(const BreakerTest& test) {
  if (test.messages == 0) return "";
  return std::to_string(test.messages) + " sent, " + std::to_string(test.ended) + " of " +
         std::to_string(test.sends) + " ended, " + std::to_string(test.dead) + " dead";
}

Result<int> list(Context& context, const Options& options) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto view = reader->breakers();
  if (!view) return view.error();
  auto& out = context.out();
  Table table({"STATE", "NAME", "SINCE", "UNTIL", "TEST", "WHY"});
  bool any = false;
  for (const auto& breaker : view->breakers) {
    if (!options.all && breaker.state == BreakerState::closed) continue;
    any = any || stops_mail(breaker.state);
    const auto& test = view->tests.at(breaker.place);
    if (out.json()) {
      out.object(json_of(breaker, test));
      continue;
    }
    const auto name = breaker.place.words() + (breaker.brought_by.empty() ? "" : ", " + breaker.brought_by);
    table.row({std::string(name_of(breaker.state)), clean(name), format_time(breaker.since),
               breaker.until ? format_time(*breaker.until) : "", test_in_words(test), clean(breaker.why)});
  }
  if (!out.json()) {
    if (table.empty())
      out.line("nothing is paused");
    else
      table.print(out);
    if (context.config().gatekeeper.mode == Mode::monitor)
      out.line("milter.mode is monitor: mail that is paused here passes");
  }
  return any ? kNo : kSuccess;
}

Result<Duration> read_length(const std::string& text) {
  if (text.empty()) return kOverride;
  const auto length = parse_duration(text);
  if (!length) return Error{"--for: " + length.error().message};
  if (*length == Duration::zero() || *length == kForever)
    return Error{"--for " + text + ": write, for example, --for 7d"};
  return *length;
}

Result<int> resume(Context& context, const Options& options) {
  const auto length = read_length(options.length);
  if (!length) return length.error();
  std::optional<BreakerDimension> only;
  if (!options.dimension.empty()) {
    only = breaker_dimension_from(options.dimension);
    if (!only)
      return Error{"--dimension " + clean(options.dimension) +
                   ": it is not one of campaign, source, account, sender-domain"};
  }
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  auto batch = ledger->begin();
  if (!batch) return batch.error();
  int resumed = 0;
  for (const auto dimension : kBreakerDimensions) {
    if (only && *only != dimension) continue;
    const BreakerPlace place{.dimension = dimension, .name = options.name};
    const auto note = clean(options.note);
    Change change;
    change.at = context.now();
    change.act = ChangeAct::breaker_resumed;
    change.actor = context.caller();
    change.cause = place.words() + " is not paused until " + format_time(context.now() + *length) +
                   (note.empty() ? "" : ": " + note);
    const auto done = batch->resume(place, *length, note, change);
    if (!done) return done.error();
    if (!*done) continue;
    ++resumed;
    if (!context.out().json()) context.out().line(change.cause);
  }
  if (auto committed = batch->commit(); !committed) return committed.error();
  if (context.out().json())
    context.out().object({{"name", options.name}, {"resumed", resumed}});
  else if (resumed == 0)
    context.out().line(clean(options.name) + " is not paused; suppressctl breaker list shows what is");
  return resumed > 0 ? kSuccess : kNo;
}

Result<int> queued(Context& context, const Options& options) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto ids = reader->queued_with_tag(options.name);
  if (!ids) return ids.error();
  auto& out = context.out();
  for (const auto& id : *ids) {
    if (out.json())
      out.object({{"queue_id", id}});
    else
      out.line(id);
  }
  return ids->empty() ? kNo : kSuccess;
}

}  // namespace

void add_breaker(Program& program) {
  auto* group = program.add_group("breaker", "Campaigns and others that are paused: list, resume, queued");
  auto listing = std::make_shared<Options>();
  auto* list_command = program.add(group, "list", "What is paused, and why. Exit status 1: something is",
                                   [listing](Context& context) { return list(context, *listing); });
  list_command->add_flag("--all", listing->all, "Also what was paused, and is not any more");
  auto resuming = std::make_shared<Options>();
  auto* resume_command =
      program.add(group, "resume", "Let its mail flow for 7 days. Exit status 1: it was not paused",
                  [resuming](Context& context) { return resume(context, *resuming); });
  resume_command->add_option("NAME", resuming->name, "As breaker list shows it")->required();
  resume_command
      ->add_option("--dimension", resuming->dimension,
                   "Only campaign, source, account or sender-domain of that name")
      ->type_name("WORD");
  resume_command->add_option("--for", resuming->length, "How long (7d)")->type_name("DURATION");
  resume_command->add_option("--note", resuming->note, "Why; kept in the audit")->type_name("TEXT");
  auto queueing = std::make_shared<Options>();
  auto* queued_command =
      program.add(group, "queued", "Queue ids of open messages with a tag, for postsuper -h -",
                  [queueing](Context& context) { return queued(context, *queueing); });
  queued_command->add_option("TAG", queueing->name, "Campaign, source or account")->required();
}

}  // namespace suppressd::ctl
