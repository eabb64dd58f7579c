#include "suppressd/config/trace_file.h"

#include "commands.h"
#include "json.h"

namespace suppressd::ctl {
namespace {

/// The keys without their secrets.
void tell(Context& context, const TraceKeys& keys) {
  auto& out = context.out();
  Table table({"KEY", "SINCE", "STATE"});
  for (const auto& key : keys.keys()) {
    const bool signs = &key == &keys.keys().back();
    if (out.json()) {
      Json json;
      json["key"] = key.id;
      json["since"] = format_time(key.since);
      json["signs"] = signs;
      out.object(json);
    } else {
      table.row({key.id, format_time(key.since), signs ? "signs" : "honoured"});
    }
  }
  if (!table.empty()) table.print(out);
}

Result<int> show_keys(Context& context) {
  const auto keys = load_trace_keys(trace_file_of(context.config()));
  if (!keys) return keys.error();
  tell(context, *keys);
  return kSuccess;
}

Result<int> rotate(Context& context) {
  const auto keys = rotate_trace_keys(trace_file_of(context.config()), context.now(),
                                      context.config().retention.deliveries);
  if (!keys) return keys.error();
  tell(context, *keys);
  if (!context.out().json()) context.out().line("to make the daemon use it: systemctl reload suppressd");
  return kSuccess;
}

}  // namespace

void add_trace_key(Program& program) {
  auto* group = program.add_group("trace-key", "The keys of the header that proves bounces");
  program.add(group, "rotate",
              "Add a key that signs from the next reload on; older ones stay valid for report.window",
              rotate);
  program.add(group, "list", "List the keys, without their secrets", show_keys);
}

}  // namespace suppressd::ctl
