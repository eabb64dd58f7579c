#include "commands.h"
#include "json.h"

namespace suppressd::ctl {
namespace {

Result<int> back_up(Context& context, const std::string& target) {
  auto admin = context.open_for_backup();
  if (!admin) return admin.error();
  const auto size = admin->back_up(target);
  if (!size) return size.error();
  if (context.out().json()) {
    Json json;
    json["file"] = target;
    json["bytes"] = *size;
    context.out().object(json);
  } else {
    context.out().line(target + ": " + std::to_string((*size + 1023) / 1024) + " KiB, complete and checked");
  }
  return kSuccess;
}

}  // namespace

void add_backup(Program& program) {
  auto target = std::make_shared<std::string>();
  auto* command = program.add("backup", "Copy the database as of this moment, while it is in use",
                              [target](Context& context) { return back_up(context, *target); });
  command->add_option("FILE", *target, "The copy; must not exist yet")->option_text(" ")->required();
}

}  // namespace suppressd::ctl
