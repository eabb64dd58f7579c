#include "suppressd/core/address.h"

#include "commands.h"
#include "json.h"
#include "mistakes.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : " ") + line;
  return text;
}

/// Of an entry in force that does not refuse the mail that was asked about.
void add_scope_hint(const Suppression& entry, std::vector<std::string>& hints) {
  if (!entry.scope.empty())
    hints.push_back("mail from " + entry.scope + " is refused, by the entry " + entry.address + " of kind " +
                    std::string(name_of(entry.kind)) + " (suppressctl check --from SENDER)");
}

/// What the operator should know besides the verdict: an entry is pending, has ended, or has no effect.
std::vector<std::string> hints_of(const Story& story, const LookupResult& verdict,
                                  const std::optional<EnforcementOff>& off, const Context& context) {
  const bool suppressed = verdict.refuses();
  std::vector<std::string> hints;
  if (story.record.exempt())
    hints.emplace_back("exempt: never refused, whatever else is known (suppressctl exempt list)");
  if (verdict.answer == LookupResult::Answer::half_open)
    hints.push_back(joined(half_open_in_words(verdict, context.now())));
  for (const auto& entry : story.record.rows()) {
    if (entry.ended(context.now())) {
      if (!suppressed)
        hints.push_back("an entry (" + kind_in_words(entry) + ") " +
                        end_in_words(entry.until, context.now()));
    } else if (entry.state == SuppressionState::suspended) {
      hints.push_back("suspended (" + kind_in_words(entry) + " since " +
                      time_in_words(entry.since, context.now()) +
                      "): a message was delivered since, so it refuses no one");
    } else if (entry.state == SuppressionState::pending) {
      hints.push_back(
          "pending since " + time_in_words(entry.since, context.now()) + " (" + kind_in_words(entry) + ")" +
          (story.incident != 0 ? ", held by incident " + std::to_string(story.incident) : "") +
          ": recorded, refuses no one until confirmed (suppressctl confirm " + entry.address +
          (story.incident != 0 ? "; suppressctl incidents show " + std::to_string(story.incident) : "") +
          ")");
    } else if (!suppressed && !story.record.exempt()) {
      add_scope_hint(entry, hints);
    }
  }
  if (!suppressed && !story.record.exempt() && story.domain_entry) add_scope_hint(*story.domain_entry, hints);
  if (const auto advice = advice_on(story.record.address); !advice.empty()) hints.push_back(advice);
  if (suppressed && context.config().gatekeeper.mode == Mode::monitor) {
    hints.emplace_back("milter.mode is monitor: the refusal is recorded, and the mail is accepted");
  } else if (suppressed && off) {
    hints.push_back("enforcement is off " + end_in_words(off->until, context.now()) + ", by " + off->actor +
                    ": the refusal is recorded, and the mail is accepted (suppressctl enforcement on)");
  }
  return hints;
}

Json json_of_verdict(const std::string& address, const LookupResult& verdict,
                     const std::vector<std::string>& hints, const Story& story, Time now) {
  const bool half_open = verdict.answer == LookupResult::Answer::half_open;
  const bool suppressed = verdict.refuses();
  Json json;
  json["address"] = address;
  json["suppressed"] = suppressed;
  json["entry"] = suppressed || half_open ? json_of(verdict.entry, now) : Json(nullptr);
  json["half_open"] = half_open;
  json["probe"] = json_of(verdict.probe);
  json["reply"] = suppressed ? Json(answer_of(verdict)) : Json(nullptr);
  json["exempt"] = story.record.exempt();
  json["enforced"] = verdict.enforced;
  json["hints"] = hints;
  return json;
}

void print_verdict(Output& out, const std::string& address, const LookupResult& verdict,
                   const std::vector<std::string>& hints, Time now) {
  if (verdict.refuses()) {
    const auto& entry = verdict.entry;
    const std::string through = entry.address == address ? "" : " by the entry " + entry.address;
    out.line(address + ": " + out.paint(Colour::red, "refused") + through + ": " + kind_in_words(entry) +
             ", since " + time_in_words(entry.since, now) + ", " + end_in_words(entry.until, now));
    out.line("  " + answer_of(verdict));
  } else {
    out.line(address + ": " + out.paint(Colour::green, "accepted"));
  }
  for (const auto& hint : hints) out.line("  " + hint);
}

struct Options {
  std::vector<std::string> addresses;
  std::string from;
};

/// The envelope sender; empty: the null sender, or none was given.
Result<std::string> sender_of(const Options& options) {
  if (options.from.empty() || options.from == "<>") return std::string{};
  auto sender = canonical_address(options.from);
  if (!sender) return Error{"--from: " + sender.error().message};
  return sender;
}

Result<int> check(Context& context, const Options& options) {
  const auto sender = sender_of(options);
  if (!sender) return sender.error();
  std::vector<std::string> addresses;
  for (const auto& text : options.addresses) {
    auto address = canonical_address(text);
    if (!address) {
      const std::string advice = text.starts_with('@')
                                     ? "; for what is known of a whole domain: suppressctl show " + text
                                     : advice_after(text);
      return Error{address.error().message + advice};
    }
    addresses.push_back(std::move(*address));
  }
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto off = reader->enforcement_off(context.now());
  if (!off) return off.error();
  int status = kSuccess;
  for (const auto& address : addresses) {
    const auto verdict = reader->verdict(address, *sender, context.now());
    if (verdict.answer == LookupResult::Answer::error) return Error{verdict.error};
    if (verdict.refuses()) status = kNo;
    const auto story = reader->story(address, context.now());
    if (!story) return story.error();
    const auto hints = hints_of(*story, verdict, *off, context);
    if (context.out().json())
      context.out().object(json_of_verdict(address, verdict, hints, *story, context.now()));
    else
      print_verdict(context.out(), address, verdict, hints, context.now());
  }
  return status;
}

}  // namespace

void add_check(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("check", "Would mail be accepted? Exit status 0: yes; 1: refused, and says why",
                              [options](Context& context) { return check(context, *options); });
  command->add_option("ADDRESS", options->addresses, "Addresses")->option_text("...")->required();
  command
      ->add_option("--from", options->from,
                   "Envelope sender of the mail (default: entries for all mail count)")
      ->type_name("SENDER");
}

}  // namespace suppressd::ctl
