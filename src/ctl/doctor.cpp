#include <algorithm>
#include <memory>

#include "suppressd/base/json.h"
#include "suppressd/doctor/examination.h"

#include "commands.h"

namespace suppressd::ctl {
namespace {

Json json_of(const Finding& finding) {
  Json json;
  json["level"] = name_of(finding.level);
  json["name"] = finding.name;
  json["what"] = finding.what;
  json["why"] = finding.why;
  json["fix"] = finding.fix;
  return json;
}

Colour colour_of(FindingLevel level) {
  switch (level) {
    case FindingLevel::error:
      return Colour::red;
    case FindingLevel::unknown:
    case FindingLevel::warning:
      return Colour::yellow;
    case FindingLevel::note:
      break;
  }
  return Colour::bold;
}

int print(Output& out, const Findings& findings) {
  for (const auto& finding : findings) {
    if (out.json()) {
      out.object(json_of(finding));
      continue;
    }
    out.line(out.paint(colour_of(finding.level), std::string(name_of(finding.level)) + ":") + " " +
             finding.what + out.paint(Colour::faint, " [" + finding.name + "]"));
    out.line("  why: " + finding.why);
    out.line("  fix: " + finding.fix);
  }
  if (out.json()) return exit_status_of(findings);
  const auto count = [&](FindingLevel level, std::string_view one, std::string_view many) {
    return count_of(static_cast<std::size_t>(std::ranges::count(findings, level, &Finding::level)), one,
                    many);
  };
  if (findings.empty()) out.line("nothing is wrong");
  if (!findings.empty())
    out.line(count(FindingLevel::error, "error", "errors") + ", " +
             count(FindingLevel::unknown, "thing that could not be examined",
                   "things that could not be examined") +
             ", " + count(FindingLevel::warning, "warning", "warnings") + ", " +
             count(FindingLevel::note, "note", "notes"));
  return exit_status_of(findings);
}

}  // namespace

void add_doctor(Program& program) {
  auto options = std::make_shared<ExaminationOptions>();
  auto* command =
      program.add("doctor", "Say what is wrong with this installation, why it matters, and what fixes it",
                  [options](Context& context) -> Result<int> {
                    return print(context.out(), examine(context.config(), *options, context.now()));
                  });
  program.on_bad_configuration(command, [](Output& out, const Error& error) {
    return print(out, examine_without_configuration(error.message));
  });
  auto* postfix = command
                      ->add_option("--postfix-config", options->postfix_directory,
                                   "Folder of main.cf (Postfix's default)")
                      ->type_name("DIR");
  command
      ->add_option("--sendmail-cf", options->sendmail_file,
                   "Examine Sendmail (/etc/mail/sendmail.cf, where there is no Postfix)")
      ->type_name("FILE")
      ->excludes(postfix);
  command->footer(
      "Exit status: 0 nothing is wrong, or notes only; 1 warnings; 2 errors; 3 something could not be "
      "examined.");
}

}  // namespace suppressd::ctl
