#include "suppressd/core/address.h"
#include "suppressd/core/scope.h"

#include "commands.h"
#include "filters.h"
#include "json.h"
#include "usage.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

struct Options {
  FilterOptions filter;
  std::string kind;
  std::string scope;
  bool pending = false;
  std::int64_t incident = 0;
  bool ended = false;
  bool unproven = false;
};

Result<EntryFilter> read_filter(const Options& options, Time now) {
  auto filter = options.filter.read(now);
  if (!filter) return filter.error();
  if (!options.kind.empty()) {
    auto kind = check_kind(options.kind);
    if (!kind) return kind.error();
    filter->kind = *kind;
  }
  if (!options.scope.empty()) {
    auto scope = scope_from(options.scope);
    if (!scope) return Error{"--scope: " + scope.error().message};
    filter->scope = std::move(*scope);
  }
  filter->pending = options.pending || options.incident != 0;
  filter->incident = options.incident;
  filter->ended = options.ended;
  return filter;
}

/// Reports without proof.
Result<int> list_unproven(Context& context) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  auto& out = context.out();
  Table table({"AT", "ADDRESS", "SAYS", "CATEGORY", "FORM", "REPORTED BY", "WHY NOT"});
  std::size_t count = 0;
  const auto take = [&](const Unproven& report) {
    ++count;
    if (out.json())
      out.object(json_of(report));
    else
      table.row({format_time(report.at), report.address, report.what, report.category, report.form,
                 report.reporting_mta, report.why});
  };
  if (auto listed = reader->each_unproven(take); !listed) return listed.error();
  if (out.json()) return kSuccess;
  if (!table.empty()) table.print(out);
  out.line(
      out.paint(Colour::faint, count_of(count, "report", "reports") + ", none of which changed anything"));
  return kSuccess;
}

Result<int> list(Context& context, const Options& options) {
  if (options.unproven) return list_unproven(context);
  const auto filter = read_filter(options, context.now());
  if (!filter) return filter.error();
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();

  auto& out = context.out();
  std::vector<std::string> headings{"ADDRESS", "KIND",  "STATE",    "CATEGORY",
                                    "SINCE",   "UNTIL", "PROVIDER", "SCOPE"};
  if (filter->pending) headings.emplace_back("PENDING BY");
  Table table(std::move(headings));
  std::size_t count = 0;
  const auto take = [&](const Suppression& entry, std::int64_t incident) {
    ++count;
    if (out.json()) {
      out.object(json_of(entry, incident, context.now()));
      return;
    }
    const auto state = std::string(state_word(entry, context.now()));
    std::vector<std::string> cells{entry.address,
                                   std::string(name_of(entry.kind)),
                                   state,
                                   entry.category,
                                   format_time(entry.since),
                                   entry.until ? format_time(*entry.until) : "permanent",
                                   entry.provider,
                                   entry.scope.empty() ? "all" : entry.scope};
    if (filter->pending) cells.push_back(pending_by(entry, incident));
    table.row(std::move(cells));
  };
  if (auto listed = reader->each_entry(*filter, context.now(), take); !listed) return listed.error();
  if (out.json()) return kSuccess;
  if (!table.empty()) table.print(out);
  out.line(out.paint(Colour::faint, count_of(count, "entry", "entries")));
  return kSuccess;
}

}  // namespace

void add_list(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("list", "List the entries that are in force",
                              [options](Context& context) { return list(context, *options); });
  options->filter.add_to(*command);
  command->add_option("--kind", options->kind, "Only this kind: complaint, unsubscribe, manual, hard, soft")
      ->type_name("KIND");
  command->add_option("--scope", options->scope, "Only entries for mail from DOMAIN, or for all mail: all")
      ->type_name("DOMAIN");
  auto* pending =
      command->add_flag("--pending", options->pending, "Entries that wait for confirmation, instead");
  auto* incident =
      command->add_option("--incident", options->incident, "Entries that this incident holds, instead")
          ->type_name("NUMBER")
          ->check(positive_number("the number of an incident"));
  command->add_flag("--ended", options->ended, "Also entries that were lifted or have run out")
      ->excludes(pending)
      ->excludes(incident);
  command->add_flag("--unproven", options->unproven, "Reports that were not believed, instead")
      ->excludes(pending)
      ->excludes(incident);
}

}  // namespace suppressd::ctl
