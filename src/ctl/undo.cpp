
#include "commands.h"
#include "filters.h"
#include "hand.h"
#include "json.h"
#include "usage.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

struct Options {
  FilterOptions filter;
  std::int64_t revert = 0;
  bool dry_run = false;
};

void tell_people(Context& context, const UndoReport& report, const Options& options) {
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
    out.line("no entry rests on failures of that time, as the log tells it; those read later do not count; " +
             way_back(report.number));
  else
    out.line(count + " lifted; " + way_back(report.number));
}

void tell_json(Context& context, const UndoReport& report, const Options& options) {
  for (const auto& entry : report.entries) context.out().object(json_of(entry, context.now()));
  Json json;
  json[options.revert ? "restored" : "lifted"] = report.entries.size();
  json["dry_run"] = options.dry_run;
  json["number"] = report.number && !options.dry_run ? Json(report.number) : Json(nullptr);
  context.out().object(json);
}

Result<UndoDetails> read_hours(const FilterOptions& options, Time now) {
  if (options.since.empty()) {
    return Error{
        "undo takes out the failures that ended in a period, by the times of the log: give --since TIME, and "
        "usually --until TIME (--dry-run shows what it would lift)"};
  }
  const auto filter = options.read(now);
  if (!filter) return filter.error();
  if (!filter->category.empty() && !category_from(filter->category))
    return Error{"--category " + filter->category +
                 ": failures have a category of the rules, such as bad-mailbox"};
  return UndoDetails{.since = *filter->since,
                     .until = filter->until.value_or(now + Duration{1}),
                     .provider = filter->provider,
                     .category = category_from(filter->category),
                     .rule = filter->rule};
}

Result<UndoReport> work(Context& context, Ledger& ledger, const Options& options) {
  if (options.revert) {
    return act_on_list(context, ledger, options.dry_run, [&](Decider& decider, Batch& batch, Hand& hand) {
      return decider.revert(batch, options.revert, hand);
    });
  }
  const auto hours = read_hours(options.filter, context.now());
  if (!hours) return hours.error();
  return act_on_list(context, ledger, options.dry_run, [&](Decider& decider, Batch& batch, Hand& hand) {
    return decider.undo(batch, *hours, hand);
  });
}

Result<int> undo(Context& context, const Options& options) {
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  const auto report = work(context, *ledger, options);
  if (!report) return report.error();
  if (context.out().json())
    tell_json(context, *report, options);
  else
    tell_people(context, *report, options);
  return kSuccess;
}

}  // namespace

void add_undo(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.add("undo", "Lift what a bad hour suppressed (learned entries only), or revert an undo",
                  [options](Context& context) { return undo(context, *options); });
  options->filter.add_to(*command);
  auto* revert =
      command
          ->add_option("--revert", options->revert, "Take back the undo, lift or confirmation of this number")
          ->type_name("NUMBER")
          ->check(positive_number("the number of an act, as undo and lift print it"));
  for (const char* name : {"--since", "--until", "--provider", "--category", "--rule"})
    revert->excludes(command->get_option(name));
  command->add_flag("--dry-run", options->dry_run, "Only show what would be changed");
}

}  // namespace suppressd::ctl
