#include "suppressd/store/undo.h"

#include "suppressd/ctl/commands.h"
#include "suppressd/ctl/filters.h"
#include "suppressd/ctl/json.h"
#include "suppressd/ctl/usage.h"
#include "suppressd/ctl/wording.h"

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
  else if (report.entries.empty())
    out.line("nothing to do: no entry matches");
  else if (options.revert)
    out.line(count + " restored");
  else
    out.line(count + " lifted as batch " + std::to_string(report.batch) +
             "; to revert it: suppressctl undo --revert " + std::to_string(report.batch));
}

void tell_json(Context& context, const UndoReport& report, const Options& options) {
  for (const auto& entry : report.entries) context.out().object(json_of(entry, context.now()));
  Json json;
  json[options.revert ? "restored" : "lifted"] = report.entries.size();
  json["dry_run"] = options.dry_run;
  json["batch"] = report.batch ? Json(report.batch) : Json(nullptr);
  context.out().object(json);
}

Result<UndoFilter> read_filter(const FilterOptions& options, Time now) {
  if (options.since.empty()) {
    return Error{
        "undo lifts what was learned in a period: give --since TIME, and usually --until TIME (--dry-run "
        "shows what it would lift)"};
  }
  const auto filter = options.read(now);
  if (!filter) return filter.error();
  return UndoFilter{.since = *filter->since,
                    .until = filter->until.value_or(now + Duration{1}),
                    .provider = filter->provider,
                    .category = filter->category,
                    .rule = filter->rule};
}

Result<UndoReport> work(Context& context, Database& database, const Options& options) {
  if (options.revert)
    return restore(database, options.revert, context.caller(), context.now(), options.dry_run);
  const auto filter = read_filter(options.filter, context.now());
  if (!filter) return filter.error();
  return suppressd::undo(database, *filter, context.caller(), context.now(), options.dry_run);
}

Result<int> undo(Context& context, const Options& options) {
  auto database = options.dry_run ? context.open_for_dry_run() : context.open_for_changes();
  if (!database) return database.error();
  const auto report = work(context, *database, options);
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
      command->add_option("--revert", options->revert, "Restore what the undo of this number lifted")
          ->type_name("BATCH")
          ->check(positive_number("the number of an undo, as undo prints it"));
  for (const char* name : {"--since", "--until", "--provider", "--category", "--rule"})
    revert->excludes(command->get_option(name));
  command->add_flag("--dry-run", options->dry_run, "Only show what would be changed");
}

}  // namespace suppressd::ctl
