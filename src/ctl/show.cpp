#include <set>
#include <span>

#include "suppressd/core/address.h"

#include "commands.h"
#include "json.h"
#include "mistakes.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kShown = 10;  // of each kind of row, the newest

/// The history of one address, most important first: is it refused, why, what the server said, what to do,
/// and what happened before.
class Teller {
 public:
  Teller(Context& context, const Story& story)
      : out_(context.out()), now_(context.now()), config_(context.config()), story_(story) {}

  void tell(const LookupResult& verdict) {
    tell_verdict(verdict);
    tell_entries();
    tell_counts();
    tell_open_sends();
    tell_evidence();
    tell_audit();
    tell_refusals();
  }

 private:
  void tell_verdict(const LookupResult& verdict) {
    const auto& address = story_.record.address;
    const std::string name = out_.paint(Colour::bold, address);
    if (verdict.refuses()) {
      const auto& entry = verdict.entry;
      out_.line(name + " is " + out_.paint(Colour::red, "refused") +
                (entry.address == address ? "" : " by the entry " + entry.address));
      out_.line("  the milter answers: " + answer_of(verdict));
      out_.line("  to let mail through again: suppressctl lift " + entry.address);
      if (config_.gatekeeper.mode == Mode::monitor)
        out_.line("  but milter.mode is monitor: it is recorded, and the mail is accepted");
    } else {
      out_.line(name + " is " + out_.paint(Colour::green, "accepted") + refused_senders());
    }
    if (verdict.answer == LookupResult::Answer::half_open)
      for (const auto& line : half_open_in_words(verdict, now_)) out_.line("  " + line);
    if (story_.record.exempt()) out_.line("  it is exempt: never refused, and nothing is learned about it");
  }

  /// Whose mail is refused, although mail is accepted.
  std::string refused_senders() const {
    std::set<std::string> scopes;
    for (const auto& entry : story_.record.scoped)
      if (entry.in_force(now_) && !story_.record.exempt()) scopes.insert(entry.scope);
    std::string senders;
    for (const auto& scope : scopes) senders += (senders.empty() ? ", but not from " : ", ") + scope;
    return senders;
  }

  void tell_entries() {
    const auto rows = story_.record.rows();
    if (rows.empty() && !story_.domain_entry) return;
    heading("Entries");
    for (const auto& entry : rows) tell_entry(entry);
    if (story_.domain_entry) tell_entry(*story_.domain_entry);
  }

  void tell_entry(const Suppression& entry) {
    const auto colour = entry.in_force(now_) ? Colour::red
                        : entry.ended(now_)  ? Colour::faint
                                             : Colour::yellow;
    const std::string through = entry.address == story_.record.address ? "" : " (" + entry.address + ")";
    out_.line("  " + out_.paint(colour, state_word(entry, now_)) + ": " + kind_in_words(entry) + through);
    out_.line("    since " + time_in_words(entry.since, now_) + ", " + end_in_words(entry.until, now_) +
              ", ref " + ref_of(entry));
    if (entry.state == SuppressionState::pending && !entry.ended(now_)) {
      tell_pending(entry);
    }
    if (entry.state == SuppressionState::suspended) {
      out_.line("    suspended: a message was delivered after this failure, so it refuses no one;");
      out_.line("    the next hard failure makes an entry again");
    }
    if (!entry.rule.empty()) {
      out_.line("    judged by rule " + entry.rule +
                (entry.provider.empty() ? "" : ", provider " + entry.provider));
    }
    if (!entry.note.empty()) out_.line("    note: " + entry.note);
    if (!entry.actor.empty() && entry.actor != kProgram) out_.line("    by " + entry.actor);
    for (const auto& evidence : story_.evidence) {
      if (entry.evidence_id != 0 && evidence.id == entry.evidence_id) tell_proof(evidence.outcome);
    }
  }

  void tell_pending(const Suppression& entry) {
    if (entry.actor != kProgram) {
      out_.line("    pending: it covers many addresses that took mail within 180 days; refuses no one until");
      out_.line("    suppressctl confirm " + entry.address);
      return;
    }
    const std::string provider = entry.provider.empty() ? "its provider" : entry.provider;
    if (story_.incident != 0) {
      const auto number = std::to_string(story_.incident);
      out_.line("    pending: held by incident " + number +
                ", a time in which failures say little about addresses");
      out_.line("    (suppressctl incidents show " + number + "); refuses no one until");
    } else {
      out_.line("    pending: " + provider +
                " called very many mailboxes dead at once; refuses no one until");
    }
    out_.line("    suppressctl confirm " + entry.address + ", or a hard failure of a message that enters");
    out_.line(story_.incident != 0
                  ? "    72 hours or more later outside any incident, or 6 days or more later in this one;"
                  : "    72 hours or more later outside any incident;");
    out_.line("    a delivery drops it");
  }

  void tell_proof(const Outcome& outcome) {
    out_.line("    based on: " + summary(outcome));
    if (!outcome.reason.text.empty()) out_.line("      the server said: " + outcome.reason.text);
  }

  void tell_counts() {
    const auto& recipient = story_.record.recipient;
    heading("Deliveries");
    if (recipient.streak > 0) {
      out_.line(
          "  streak: " + count_of(static_cast<std::size_t>(recipient.streak), "failed send", "failed sends") +
          " in a row" +
          (recipient.streak_since ? " since " + time_in_words(*recipient.streak_since, now_) : "") +
          " (soft.threshold is " + std::to_string(config_.learn.policy.threshold) + ")");
    } else {
      out_.line("  streak: none");
    }
    if (recipient.last_failure) {
      out_.line("  last soft failure: " + time_in_words(*recipient.last_failure, now_) +
                (recipient.last_category.empty() ? "" : ", " + recipient.last_category));
    }
    out_.line("  last delivery: " +
              (recipient.last_delivery ? time_in_words(*recipient.last_delivery, now_) : "none known"));
    if (!recipient.last_delivery) tell_what_is_recorded();
  }

  void tell_what_is_recorded() {
    std::string words = "mail that a host of mta.relays or mta.local_relays accepted is not a delivery";
    if (story_.record.exempt()) words = "deliveries to an exempt address are not recorded";
    out_.line(out_.paint(Colour::faint, "    (" + words + ")"));
  }

  void tell_open_sends() {
    if (story_.open_sends.empty()) return;
    heading("Deferred, and perhaps still queued");
    for (const auto& send : story_.open_sends) {
      out_.line("  " +
                count_of(static_cast<std::size_t>(send.attempts), "failed attempt", "failed attempts") +
                " since " + time_in_words(send.first_failed, now_) + ", last " +
                time_in_words(send.last_failed, now_) + ": " +
                std::string(name_of(send.reason->judgement.category)));
      if (!send.reason->text.empty()) out_.line("    the server said: " + send.reason->text);
    }
    out_.line(out_.paint(Colour::faint, "  A message that left the queue without a log line is shown for " +
                                            format_duration(config_.learn.tracker.silence) +
                                            " after its last one; mailq lists the queue."));
  }

  void tell_evidence() {
    if (story_.evidence.empty()) return;
    heading("Evidence");
    for (const auto& evidence : newest(story_.evidence)) {
      out_.line("  " + summary(evidence.outcome) + whose(evidence));
      if (!evidence.outcome.reason.text.empty()) out_.line("    " + evidence.outcome.reason.text);
    }
  }

  /// Of a failure that counts against a domain: the other one of the two.
  std::string whose(const Evidence& evidence) const {
    if (evidence.against.empty()) return {};
    if (evidence.against == story_.record.address) return ", to " + evidence.outcome.address;
    return ", counts against " + evidence.against + ", not the address";
  }

  void tell_audit() {
    if (story_.changes.empty()) return;
    heading("History");
    for (const auto& change : newest(story_.changes)) {
      std::string line = "  " + format_time(change.at) + "  " + std::string(name_of(change.act));
      const std::string kind{change.kind ? name_of(*change.kind) : std::string_view{}};
      if (!kind.empty()) line += " " + kind;
      if (!change.category.empty() && change.category != kind) line += " " + change.category;
      if (!change.scope.empty()) line += " for mail from " + change.scope;
      line += ", by " + change.actor;
      if (!change.cause.empty()) line += ": " + change.cause;
      if (change.act_number) line += " (act " + std::to_string(change.act_number) + ")";
      out_.line(line);
    }
  }

  void tell_refusals() {
    if (story_.refusals.empty()) return;
    heading("Refused mail");
    for (const auto& refusal : newest(story_.refusals)) {
      out_.line("  " + format_time(refusal.at) + "  " + refusal.outcome + ", from <" + refusal.sender + ">" +
                (refusal.client.empty() ? "" : " through " + refusal.client) +
                (refusal.queue_id.empty() ? "" : ", queue id " + refusal.queue_id));
    }
  }

  /// The last rows, after a note on those that are left out.
  template <typename Row>
  std::span<const Row> newest(const std::vector<Row>& rows) {
    if (rows.size() <= kShown) return rows;
    out_.line(out_.paint(Colour::faint,
                         "  (" + std::to_string(rows.size() - kShown) + " older ones: --json lists them)"));
    return std::span(rows).last(kShown);
  }

  static std::string summary(const Outcome& outcome) {
    const auto& reason = outcome.reason;
    std::string line = format_time(outcome.at) + "  " + std::string(name_of(outcome.kind));
    if (reason.judgement.category != Category::complaint)
      line.append(", ").append(name_of(reason.judgement.category));
    if (outcome.ended_by != EndedBy::nothing) {
      line.append(" (").append(name_of(outcome.ended_by)).append(" after ");
      line += count_of(static_cast<std::size_t>(outcome.attempts), "attempt", "attempts") + ")";
    }
    if (!reason.judgement.rule.empty()) line += ", rule " + reason.judgement.rule;
    if (!outcome.message.queue_id.empty()) line += ", queue id " + outcome.message.queue_id;
    if (!outcome.message.host.empty()) line += " on " + outcome.message.host;
    if (!reason.relay.empty()) line += ", relay " + reason.relay;
    if (outcome.origin == Origin::report) line += ", from a report";
    return line;
  }

  void heading(const std::string& text) {
    out_.line();
    out_.line(out_.paint(Colour::bold, text));
  }

  Output& out_;
  Time now_;
  const Config& config_;
  const Story& story_;
};

bool nothing_known(const Story& story) {
  if (!story.record.rows().empty()) return false;
  return !story.record.exempt() && !story.domain_entry && story.record.recipient.empty() &&
         story.evidence.empty() && story.changes.empty() && story.refusals.empty() &&
         story.open_sends.empty();
}

Result<LookupResult> verdict_on(const Context& context, Reader& reader, const Story& story) {
  LookupResult verdict;
  if (story.record.address.starts_with('@')) {
    for (const auto& entry : story.record.entries) {
      if (verdict.answer == LookupResult::Answer::clear && entry && entry->in_force(context.now()) &&
          !story.record.exempt()) {
        verdict.answer = LookupResult::Answer::suppressed;
        verdict.entry = *entry;
      }
    }
    return verdict;
  }
  verdict = reader.verdict(story.record.address, {}, context.now());
  if (verdict.answer == LookupResult::Answer::error) return Error{verdict.error};
  return verdict;
}

Result<int> show_one(Context& context, Reader& reader, const std::string& address) {
  const auto story = reader.story(address, context.now());
  if (!story) return story.error();
  const auto verdict = verdict_on(context, reader, *story);
  if (!verdict) return verdict.error();
  if (context.out().json()) {
    Json json = json_of(*story, context.now());
    json["suppressed"] = verdict->refuses();
    json["half_open"] = verdict->answer == LookupResult::Answer::half_open;
    json["probe"] = json_of(verdict->probe);
    context.out().object(json);
  } else if (nothing_known(*story)) {
    context.out().line(address + ": nothing is known about it; mail to it is " +
                       context.out().paint(Colour::green, "accepted") + advice_after(address));
  } else {
    Teller(context, *story).tell(*verdict);
  }
  return kSuccess;
}

Result<int> show(Context& context, const std::vector<std::string>& given) {
  std::vector<std::string> addresses;
  for (const auto& text : given) {
    auto address = canonical_entry(text);
    if (!address) return Error{address.error().message + advice_after(text)};
    addresses.push_back(std::move(*address));
  }
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  for (std::size_t number = 0; number < addresses.size(); ++number) {
    if (number > 0 && !context.out().json()) context.out().line();
    if (auto shown = show_one(context, *reader, addresses[number]); !shown) return shown.error();
  }
  return kSuccess;
}

}  // namespace

void add_show(Program& program) {
  auto addresses = std::make_shared<std::vector<std::string>>();
  auto* command =
      program.add("show", "Show everything known about an address: entries, streak, evidence, history",
                  [addresses](Context& context) { return show(context, *addresses); });
  command->add_option("ADDRESS", *addresses, "Addresses, or whole domains written @example.com")
      ->option_text("...")
      ->required();
}

}  // namespace suppressd::ctl
