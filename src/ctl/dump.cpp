#include "suppressd/ctl/commands.h"
#include "suppressd/store/entries.h"

namespace suppressd::ctl {
namespace {

Result<int> dump_all(Context& context) {
  auto database = context.open_for_reading();
  if (!database) return database.error();
  const auto write = [&](std::string_view line) {
    context.out().raw(line);
    context.out().raw("\n");
  };
  if (auto dumped = dump(*database, write); !dumped) return dumped.error();
  return kSuccess;
}

}  // namespace

void add_dump(Program& program) {
  program.add("dump", "Print the whole state in canonical order: equal states print equal bytes", dump_all);
}

}  // namespace suppressd::ctl
