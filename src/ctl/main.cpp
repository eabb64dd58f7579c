// suppressctl: the operator's program. Each command is in the file of its name.
#include "commands.h"

int main(int argc, char** argv) {
  using namespace suppressd::ctl;
  Program program;
  add_check(program);
  add_show(program);
  add_list(program);
  add_add(program);
  add_lift(program);
  add_confirm(program);
  add_incidents(program);
  add_undo(program);
  add_report(program);
  add_alerts(program);
  add_breaker(program);
  add_exempt(program);
  add_enforcement(program);
  add_classify(program);
  add_replay(program);
  add_learn(program);
  add_import(program);
  add_trace_key(program);
  add_dump(program);
  add_backup(program);
  add_doctor(program);
  add_status(program);
  add_completion(program);
  return program.run(argc, argv);
}
