#include "suppressd/store/enforcement.h"

#include "suppressd/base/text.h"

#include "commands.h"
#include "json.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

constexpr Duration kLongest = std::chrono::hours(24 * 7);

struct Options {
  std::string length;
  std::string note;
};

bool monitors(const Context& context) {
  return context.config().gatekeeper.mode == Mode::monitor;
}

Json json_of(const Context& context, const std::optional<EnforcementOff>& off) {
  Json json;
  json["enforcement"] = off ? "off" : "on";
  json["mode"] = monitors(context) ? "monitor" : "enforce";
  json["since"] = off ? Json(format_time(off->since)) : Json(nullptr);
  json["until"] = off ? Json(format_time(off->until)) : Json(nullptr);
  json["actor"] = off ? Json(off->actor) : Json(nullptr);
  json["note"] = off && !off->note.empty() ? Json(off->note) : Json(nullptr);
  return json;
}

void tell(Context& context, const std::optional<EnforcementOff>& off, const std::string& more) {
  auto& out = context.out();
  if (out.json()) return out.object(json_of(context, off));
  if (off)
    out.line("enforcement is " + out.paint(Colour::yellow, "off") + " " +
             end_in_words(off->until, context.now()) + ", by " + off->actor +
             (off->note.empty() ? "" : " (" + off->note + ")") + more);
  else
    out.line("enforcement is on" + more);
  if (monitors(context)) out.line("milter.mode is monitor: no one is refused in any case");
}

Result<Duration> read_length(const std::string& text) {
  if (text.empty())
    return Error{"enforcement off needs --for DURATION, such as --for 2h: it ends by itself then"};
  const auto length = parse_duration(text);
  if (!length) return Error{"--for: " + length.error().message};
  if (*length == Duration::zero()) return Error{"--for " + text + ": write, for example, --for 2h"};
  if (*length > kLongest)
    return Error{"--for " + text + ": at most 7d; to refuse no one for longer, set milter.mode to monitor"};
  return *length;
}

Change change_of(const Context& context, ChangeAct act, std::string cause, const std::string& note) {
  Change change;
  change.at = context.now();
  change.act = act;
  change.actor = context.caller();
  change.cause = note.empty() ? std::move(cause) : std::move(cause) + ": " + note;
  return change;
}

Result<int> turn_off(Context& context, const Options& options) {
  const auto length = read_length(options.length);
  if (!length) return length.error();
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  const EnforcementOff off{.since = context.now(),
                           .until = context.now() + *length,
                           .actor = context.caller(),
                           .note = clean(options.note)};
  auto batch = ledger->begin();
  if (!batch) return batch.error();
  if (auto ended = batch->end_enforcement(off); !ended) return ended.error();
  const auto change = change_of(context, ChangeAct::enforcement_off,
                                "no one is refused until " + format_time(off.until), off.note);
  if (auto audited = batch->add_change(change); !audited) return audited.error();
  if (auto committed = batch->commit(); !committed) return committed.error();
  tell(context, off,
       ": recipients on the list are accepted, and recorded; suppressctl enforcement on ends it");
  return kSuccess;
}

Result<int> turn_on(Context& context, const Options& options) {
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  auto batch = ledger->begin();
  if (!batch) return batch.error();
  const auto resumed = batch->resume_enforcement(context.now());
  if (!resumed) return resumed.error();
  if (*resumed) {
    const auto change = change_of(context, ChangeAct::enforcement_on,
                                  "recipients on the list are refused again", clean(options.note));
    if (auto audited = batch->add_change(change); !audited) return audited.error();
  }
  if (auto committed = batch->commit(); !committed) return committed.error();
  tell(context, std::nullopt, *resumed ? "" : ": it was not off");
  return *resumed ? kSuccess : kNo;
}

Result<int> status(Context& context) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto off = reader->enforcement_off(context.now());
  if (!off) return off.error();
  tell(context, *off, *off ? ", since " + time_in_words((**off).since, context.now()) : "");
  return *off ? kNo : kSuccess;
}

}  // namespace

void add_enforcement(Program& program) {
  auto* group = program.add_group("enforcement", "Stop refusing for some hours: off, on, status");
  auto off = std::make_shared<Options>();
  auto* turning = program.add(group, "off", "Refuse no one for some time; it ends by itself",
                              [off](Context& context) { return turn_off(context, *off); });
  turning->add_option("--for", off->length, "How long: 2h, 30m; at most 7d")->type_name("DURATION");
  turning->add_option("--note", off->note, "Why; kept in the audit")->type_name("TEXT");
  auto on = std::make_shared<Options>();
  auto* resuming = program.add(group, "on", "Refuse again, now. Exit status 1: it was not off",
                               [on](Context& context) { return turn_on(context, *on); });
  resuming->add_option("--note", on->note, "Why; kept in the audit")->type_name("TEXT");
  program.add(group, "status", "Is it off, and until when? Exit status 0: it is on; 1: it is off", status);
}

}  // namespace suppressd::ctl
