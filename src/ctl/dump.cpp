#include "commands.h"

namespace suppressd::ctl {
namespace {

Result<int> dump_state(Context& context, DumpScope scope) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto write = [&](std::string_view line) {
    context.out().raw(line);
    context.out().raw("\n");
  };
  if (auto dumped = reader->dump(write, scope); !dumped) return dumped.error();
  return kSuccess;
}

}  // namespace

void add_dump(Program& program) {
  auto list = std::make_shared<bool>(false);
  auto* command = program.add(
      "dump", "Print the whole state in canonical order: equal states print equal bytes",
      [list](Context& context) { return dump_state(context, *list ? DumpScope::list : DumpScope::all); });
  command->add_flag("--list", *list,
                    "Only what the events come to: no audit, no counts, nothing of this host");
}

}  // namespace suppressd::ctl
