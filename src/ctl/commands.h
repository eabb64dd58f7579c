// The commands of suppressctl, one file each.
#pragma once

#include "program.h"

namespace suppressd::ctl {

void add_check(Program& program);
void add_show(Program& program);
void add_list(Program& program);
void add_add(Program& program);
void add_lift(Program& program);
void add_confirm(Program& program);
void add_incidents(Program& program);
void add_report(Program& program);
void add_alerts(Program& program);
void add_breaker(Program& program);
void add_undo(Program& program);
void add_enforcement(Program& program);
void add_exempt(Program& program);
void add_classify(Program& program);
void add_replay(Program& program);
void add_dump(Program& program);
void add_learn(Program& program);
void add_import(Program& program);
void add_trace_key(Program& program);
void add_backup(Program& program);
void add_doctor(Program& program);
void add_status(Program& program);
void add_completion(Program& program);

}  // namespace suppressd::ctl
