#include "suppressd/ctl/commands.h"

namespace suppressd::ctl {
namespace {

Result<int> dump_all(Context& context) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto write = [&](std::string_view line) {
    context.out().raw(line);
    context.out().raw("\n");
  };
  if (auto dumped = reader->dump(write); !dumped) return dumped.error();
  return kSuccess;
}

}  // namespace

void add_dump(Program& program) {
  program.add("dump", "Print the whole state in canonical order: equal states print equal bytes", dump_all);
}

}  // namespace suppressd::ctl
