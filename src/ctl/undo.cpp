#include <algorithm>

#include "suppressd/base/text.h"
#include "suppressd/core/normal_text.h"

#include "commands.h"
#include "filters.h"
#include "hand.h"
#include "incidents.h"
#include "json.h"
#include "usage.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kNameLimit = 255;  // a tag, and who brought it

struct Options {
  FilterOptions filter;
  std::string text;
  Tags tags;
  std::int64_t incident = 0;
  std::int64_t revert = 0;
  bool dry_run = false;
  bool lost = false;
};

/// What is undone, as the command line says it.
struct Hours {
  UndoDetails details;
  bool incident_is_open = false;
};

std::string nothing_found(const UndoDetails& hours) {
  std::string words = "no entry rests on failures of that time";
  if (!hours.text.empty()) words += " with the reply \"" + hours.text + "\"";
  return words + ", as the log tells it; those read later do not count; ";
}

void tell_people(Context& context, const UndoReport& report, const Options& options, const Hours& hours) {
  auto& out = context.out();
  Table table({"ADDRESS", "KIND", "STATE", "CATEGORY", "SINCE", "PROVIDER"});
  for (const auto& entry : report.entries) {
    table.row({entry.address, std::string(name_of(entry.kind)), std::string(name_of(entry.state)),
               entry.category, format_time(entry.since), entry.provider});
  }
  if (!table.empty()) table.print(out);
  const std::string count = count_of(report.entries.size(), "entry", "entries");
  const std::string done = options.revert ? "restored" : "lifted";
  if (options.dry_run)
    out.line(count + " would be " + done + "; nothing was changed");
  else if (report.number == 0)
    out.line("nothing to do: it was taken back before");
  else if (options.revert)
    out.line(count + " restored");
  else if (report.entries.empty())
    out.line(nothing_found(hours.details) + way_back(report.number));
  else
    out.line(count + " lifted; " + way_back(report.number));
  if (hours.incident_is_open)
    out.line("incident " + std::to_string(options.incident) +
             " is still open: failures from now on are pending again, and refuse no one");
}

void tell_json(Context& context, const UndoReport& report, const Options& options) {
  for (const auto& entry : report.entries) context.out().object(json_of(entry, context.now()));
  Json json;
  json[options.revert ? "restored" : "lifted"] = report.entries.size();
  json["dry_run"] = options.dry_run;
  json["number"] = report.number && !options.dry_run ? Json(report.number) : Json(nullptr);
  context.out().object(json);
}

/// Where and when the incident was, as is known now.
Status read_incident(const Context& context, std::int64_t number, Hours& hours) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto found = find_incident(*reader, number, context.now());
  if (!found) return found.error();
  const auto& incident = found->incident;
  if (incident.kind != IncidentKind::provider)
    return Error{incident.name() + " is one of our own, and suppresses no one (suppressctl incidents drop " +
                 std::to_string(number) + " lifts what is pending in it)"};
  const auto& place = incident.place;
  const auto& span = incident.span;
  auto& details = hours.details;
  details.since = span.since;
  details.until = std::min(span.end(), context.now() + Duration{1});
  details.provider = place.provider;
  details.domain = place.domain;
  hours.incident_is_open = !found->closed(context.now());
  return {};
}

Result<Hours> read_hours(const Context& context, const Options& options) {
  if (options.filter.since.empty() && options.incident == 0 && options.tags.empty()) {
    return Error{
        "undo takes out the failures that ended in a period, by the times of the log: give --since TIME, and "
        "usually --until TIME, or --incident NUMBER, or --campaign, --source or --account (--dry-run shows "
        "what it would lift)"};
  }
  const auto filter = options.filter.read(context.now());
  if (!filter) return filter.error();
  if (!filter->category.empty() && !category_from(filter->category))
    return Error{"--category " + filter->category +
                 ": failures have a category of the rules, such as bad-mailbox"};
  Hours hours;
  hours.details = {.since = filter->since.value_or(Time{}),
                   .until = filter->until.value_or(context.now() + Duration{1}),
                   .provider = filter->provider,
                   .category = category_from(filter->category),
                   .rule = filter->rule,
                   .domain = {},
                   .text = normal_text(clean(options.text, kReplyLimit)),
                   .campaign = clean(trim(options.tags.campaign), kNameLimit),
                   .source = clean(trim(options.tags.source), kNameLimit),
                   .account = clean(trim(options.tags.account), kNameLimit)};
  const auto& details = hours.details;
  if (details.campaign.empty() != options.tags.campaign.empty() ||
      details.source.empty() != options.tags.source.empty() ||
      details.account.empty() != options.tags.account.empty())
    return Error{"--campaign, --source and --account must not consist of blanks"};
  if (!options.text.empty() && hours.details.text.empty())
    return Error{
        "--text consists of blanks: give the reply as `suppressctl show` or `incidents show` prints it"};
  if (options.incident != 0)
    if (auto found = read_incident(context, options.incident, hours); !found) return found.error();
  return hours;
}

/// As far as they are known: `  message-id=<1@shop.example>  campaign=summer`.
std::string names_of(const Outcome& outcome) {
  std::string names;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) names.append("  ").append(name).append("=").append(value);
  };
  if (!outcome.full_message_id.empty()) add("message-id", "<" + outcome.full_message_id + ">");
  add("campaign", outcome.tags.campaign);
  add("source", outcome.tags.source);
  add("account", outcome.tags.account);
  add("contact", outcome.tags.contact);
  return names;
}

/// One line per send, without a table: there may be very many.
Result<int> tell_lost(Context& context, const Options& options) {
  const auto hours = read_hours(context, options);
  if (!hours) return hours.error();
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  auto& out = context.out();
  std::size_t count = 0;
  const auto told = reader->each_lost(hours->details, [&](const Evidence& evidence) {
    ++count;
    const auto& outcome = evidence.outcome;
    if (out.json()) {
      Json json;
      json["address"] = outcome.address;
      json.update(json_of(evidence));
      out.object(json);
      return;
    }
    const auto& id = outcome.message.queue_id;
    out.line(format_time(outcome.at) + "  " + (id.empty() ? "-" : id) + "  from=<" + outcome.sender +
             ">  to=<" + outcome.address + ">  " + std::string(name_of(outcome.reason.judgement.category)) +
             names_of(outcome));
  });
  if (!told) return told.error();
  if (!out.json())
    out.line(out.paint(Colour::faint, count_of(count, "send", "sends") + " failed; nothing was changed"));
  return kSuccess;
}

Result<int> undo(Context& context, const Options& options) {
  if (options.lost) return tell_lost(context, options);
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  Hours hours;
  if (options.revert == 0) {
    auto read = read_hours(context, options);
    if (!read) return read.error();
    hours = std::move(*read);
  }
  const auto report =
      act_on_list(context, *ledger, options.dry_run, [&](Decider& decider, Batch& batch, Hand& hand) {
        return options.revert != 0 ? decider.revert(batch, options.revert, hand)
                                   : decider.undo(batch, hours.details, hand);
      });
  if (!report) return report.error();
  if (context.out().json())
    tell_json(context, *report, options);
  else
    tell_people(context, *report, options, hours);
  return kSuccess;
}

}  // namespace

void add_undo(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.add("undo", "Lift what a bad hour suppressed (learned entries only), or revert an undo",
                  [options](Context& context) { return undo(context, *options); });
  options->filter.add_to(*command);
  command
      ->add_option("--text", options->text,
                   "Only failures with this reply; names and numbers in it do not matter")
      ->type_name("REPLY");
  command
      ->add_option("--campaign", options->tags.campaign, "Only failures of mail with this tag (see [tags])")
      ->type_name("TAG");
  command->add_option("--source", options->tags.source, "The same")->type_name("TAG");
  command->add_option("--account", options->tags.account, "The same")->type_name("TAG");
  auto* incident = command->add_option("--incident", options->incident, "The failures in this incident")
                       ->type_name("NUMBER")
                       ->check(positive_number("the number of an incident"));
  for (const char* name : {"--since", "--until", "--provider"}) incident->excludes(command->get_option(name));
  auto* revert =
      command
          ->add_option("--revert", options->revert, "Take back the undo, lift or confirmation of this number")
          ->type_name("NUMBER")
          ->check(positive_number("the number of an act, as undo and lift print it"));
  for (const char* name : {"--since", "--until", "--provider", "--category", "--rule", "--text", "--incident",
                           "--campaign", "--source", "--account"})
    revert->excludes(command->get_option(name));
  command->add_flag("--dry-run", options->dry_run, "Only show what would be changed");
  command->add_flag("--lost", options->lost, "Only list the sends that failed then, to send them again")
      ->excludes(revert);
}

}  // namespace suppressd::ctl
