#include <sysexits.h>

#include "suppressd/base/text.h"
#include "suppressd/config/trace_file.h"
#include "suppressd/learn/learner.h"

#include "commands.h"
#include "json.h"
#include "learned_entries.h"
#include "mail_files.h"

namespace suppressd::ctl {
namespace {

struct Options {
  std::vector<std::string> files;
};

std::string_view word_of(ReportFinding::Fate fate) {
  switch (fate) {
    case ReportFinding::Fate::learned:
      return "learned";
    case ReportFinding::Fate::known:
      return "known";
    case ReportFinding::Fate::waiting:
      return "waiting";
    case ReportFinding::Fate::unproven:
      return "unproven";
    case ReportFinding::Fate::no_lesson:
      return "teaches-nothing";
  }
  return {};
}

/// For people.
std::string shown(const std::string& name) {
  return name == "-" || name.starts_with("-#") ? "standard input" + name.substr(1) : name;
}

void tell(Output& out, const std::string& name, const ReportFinding& finding) {
  if (out.json()) {
    Json json;
    json["file"] = name;
    json["recipient"] = finding.address.empty() ? Json() : Json(finding.address);
    json["category"] = finding.category;
    json["result"] = word_of(finding.fate);
    json["why"] = finding.why.empty() ? Json() : Json(finding.why);
    out.object(json);
    return;
  }
  std::string line = shown(name) + ": " + finding.category;
  if (!finding.address.empty()) line += " " + finding.address;
  if (finding.fate == ReportFinding::Fate::learned) line += ": learned";
  if (finding.fate == ReportFinding::Fate::known) line += ": already known";
  if (finding.fate == ReportFinding::Fate::waiting) line += ": waits, its time is ahead of the clock";
  if (finding.fate == ReportFinding::Fate::unproven) line += ": not believed, " + finding.why;
  out.line(line);
}

Result<int> learn(Context& context, const Options& options) {
  const auto rules = context.rules();
  if (!rules) return rules.error();
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  const auto keys = load_trace_keys(trace_file_of(context.config()));
  if (!keys) return keys.error();
  LearnedEntries entries(context.now());
  Learner learner(
      context.config().learn, *rules, *ledger, [&](const Change& change) { entries.note(change); },
      [&] { return context.now(); });
  for (const auto& file : options.files.empty() ? std::vector<std::string>{"-"} : options.files) {
    const auto take = [&](const std::string& name, const CollectedMail& mail) -> Status {
      const auto findings = learner.learn(mail, *keys);
      if (!findings) return Error{shown(name) + ": " + findings.error().message};
      for (const auto& finding : *findings) tell(context.out(), name, finding);
      return {};
    };
    if (auto taken = each_mail(file, context.now(), take); !taken) return taken.error();
  }
  if (!context.out().json()) {
    const auto& counters = learner.counters();
    context.out().line(count_of(counters.mails, "mail", "mails") + ", " +
                       count_of(entries.in_force(), "entry", "entries") + " in force, " +
                       std::to_string(entries.pending()) + " pending, " +
                       count_of(counters.unproven, "report", "reports") + " not believed");
  }
  return kSuccess;
}

/// With a pipe transport, the MTA reads the exit status: after an error of ours it should retry, and not
/// return the mail.
Result<int> learn_or_defer(Context& context, const Options& options) {
  auto learned = learn(context, options);
  const bool piped = options.files.empty() || options.files == std::vector<std::string>{"-"};
  if (learned || !piped) return learned;
  context.warn(learned.error().message);
  return EX_TEMPFAIL;
}

}  // namespace

void add_learn(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add(
      "learn", "Learn from bounces and complaints: proven ones count, the others are stored as unproven",
      [options](Context& context) { return learn_or_defer(context, *options); });
  command
      ->add_option("FILE", options->files,
                   "Messages, mboxes or Maildirs; `-` or none: standard input, exit status 75 after an error")
      ->option_text("...");
}

}  // namespace suppressd::ctl
