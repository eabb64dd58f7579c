#include "incidents.h"

#include <algorithm>
#include <span>
#include <utility>

#include "suppressd/core/advice.h"

#include "commands.h"
#include "json.h"
#include "usage.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

constexpr std::string_view kIncident = "incident ";
constexpr std::size_t kShown = 10;  // replies, the most frequent

/// What the incident is of, besides its provider.
std::string of(const Incident& incident) {
  const auto& [host, sender_domain, campaign] = incident.side;
  if (incident.kind == IncidentKind::provider)
    return incident.place.domain.empty() ? "all" : incident.place.domain;
  if (!host.empty()) return "host " + host;
  return campaign.empty() ? "sender " + sender_domain : "campaign " + campaign;
}

std::string number_words(std::int64_t count, std::string_view one, std::string_view many) {
  return count_of(static_cast<std::size_t>(count), one, many);
}

struct ListOptions {
  bool open = false;
  bool unread = false;
};

Result<int> list(Context& context, const ListOptions& options) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto incidents = reader->incidents(context.now());
  if (!incidents) return incidents.error();
  auto& out = context.out();
  Table table({"NUMBER", "STATE", "KIND", "PROVIDER", "OF", "SINCE", "CLOSED", "SENDS", "FAILED", "PENDING"});
  std::size_t count = 0;
  std::size_t open = 0;
  std::size_t unread = 0;
  for (const auto& summary : *incidents) {
    const auto closed = summary.closed(context.now());
    if ((options.open && closed) || (options.unread && summary.read)) continue;
    ++count;
    open += closed ? 0 : 1;
    unread += summary.read ? 0 : 1;
    if (out.json()) {
      out.object(json_of(summary, context.now()));
      continue;
    }
    const auto& incident = summary.incident;
    const auto& span = incident.span;
    table.row({std::to_string(incident.id), closed ? "closed" : "open", std::string(name_of(incident.kind)),
               incident.place.provider, of(incident), format_time(span.since),
               closed ? format_time(*closed) : "", std::to_string(span.sends), std::to_string(span.failed),
               std::to_string(summary.pending)});
  }
  if (out.json()) return kSuccess;
  if (table.empty()) {
    out.line(std::string("no ") + (options.open ? "open " : "") + (options.unread ? "unread " : "") +
             "incident");
    return kSuccess;
  }
  table.print(out);
  out.line(out.paint(Colour::faint, count_of(count, "incident", "incidents") + ", " + std::to_string(open) +
                                        " open, " + std::to_string(unread) +
                                        " unread; suppressctl incidents show NUMBER tells more"));
  return kSuccess;
}

/// One incident, most important first: what is it, what did the servers say, whom does it concern, what to
/// do.
class Teller {
 public:
  Teller(Context& context, const IncidentStory& story)
      : out_(context.out()),
        now_(context.now()),
        story_(story),
        number_(std::to_string(story.summary.incident.id)) {}

  void tell() {
    tell_summary();
    tell_replies();
    tell_hosts();
    tell_senders();
    tell_pending();
    tell_what_to_do();
    tell_where_to_look();
  }

 private:
  bool is_own() const { return story_.summary.incident.kind != IncidentKind::provider; }

  void tell_summary() {
    const auto& incident = story_.summary.incident;
    const auto& place = incident.place;
    const auto& span = incident.span;
    const auto closed = story_.summary.closed(now_);
    const auto where =
        is_own() ? incident.name().substr(incident.name().find(' ', kIncident.size()))
                 : " at " + place.provider + (place.domain.empty() ? "" : ", mailboxes of " + place.domain);
    out_.line(out_.paint(Colour::bold, "Incident " + number_) + where + ": " +
              out_.paint(closed ? Colour::faint : Colour::yellow, closed ? "closed" : "open"));
    out_.line("  since " + time_in_words(span.since, now_) + ", found " + time_in_words(span.opened, now_));
    if (closed)
      out_.line("  closed " + time_in_words(*closed, now_) +
                (incident.closed_by.empty() ? "" : " by " + incident.closed_by));
    if (is_own())
      tell_finding(incident);
    else
      out_.line("  " + number_words(span.sends, "send", "sends") +
                " to addresses that took mail within 180 days, " + std::to_string(span.failed) +
                " of them failed hard: more than can have died");
    if (!is_own() || story_.summary.pending > 0)
      out_.line("  " + number_words(story_.summary.pending, "entry is", "entries are") +
                " pending in it: recorded, and refusing no one");
  }

  void tell_finding(const Incident& incident) {
    out_.line("  " + finding(incident));
    if (story_.recipients > 0)
      out_.line("  " + number_words(story_.recipients, "recipient is", "recipients are") +
                " concerned, as far as is known now");
    if (!incident.example.empty()) out_.line("  said, for example: " + incident.example);
  }

  void tell_replies() {
    heading("What the servers said");
    if (story_.replies.empty()) out_.line("  (the evidence is no longer kept, or was taken out by hand)");
    const auto shown = std::span(story_.replies).first(std::min(kShown, story_.replies.size()));
    for (const auto& reply : shown) {
      std::string judged = reply.code == 0 ? "" : ", " + std::to_string(reply.code);
      if (const auto status = format_status(reply.status); !status.empty()) judged += " " + status;
      if (!reply.rule.empty()) judged += ", rule " + reply.rule;
      out_.line("  " + times_and_when(reply.failures) + judged);
      if (!reply.text.empty()) out_.line("    " + reply.text);
    }
    tell_rest(story_.replies.size() - shown.size(), "--json shows them");
  }

  void tell_hosts() {
    if (story_.hosts.empty()) return;
    heading("From which of our hosts");
    for (const auto& host : story_.hosts)
      out_.line("  " + (host.host.empty() ? "(a report that names none)" : host.host) + ": " +
                times_and_when(host.failures));
  }

  void tell_senders() {
    if (story_.senders.empty()) return;
    heading("Whose mail");
    const auto shown = std::span(story_.senders).first(std::min(kShown, story_.senders.size()));
    for (const auto& sender : shown)
      out_.line("  " + (sender.domain.empty() ? "(the log names no sender)" : sender.domain) + ": " +
                times_and_when(sender.failures));
    tell_rest(story_.senders.size() - shown.size(), "--json shows them");
  }

  void tell_pending() {
    if (story_.pending.empty()) return;
    heading("Pending");
    for (const auto& address : story_.pending) out_.line("  " + address);
    tell_rest(static_cast<std::size_t>(story_.summary.pending) - story_.pending.size(),
              "suppressctl list --incident " + number_);
  }

  void tell_what_to_do() {
    const bool pending = story_.summary.pending > 0;
    if (!is_own() && !pending) return;
    heading("What to do");
    if (is_own()) {
      out_.line(story_.summary.incident.kind == IncidentKind::local
                    ? "  repair it; nothing of that time counts against an address or a domain"
                    : "  find out why, and repair it; no address is suppressed because of it");
      if (!story_.summary.closed(now_))
        out_.line("  it closes by itself; or now: suppressctl incidents close " + number_);
    } else {
      out_.line(
          "  nothing, usually: a delivery drops an entry, and so do 100 days of silence; what confirms it");
      out_.line(
          "  is a hard failure of a message that entered 72 hours or more later, outside any incident (or,");
      out_.line("  in this one, 6 days or more later)");
    }
    if (!pending) return;
    out_.line((is_own() ? "  the addresses are alive:     suppressctl incidents drop "
                        : "  the provider was at fault:   suppressctl incidents drop ") +
              number_);
    out_.line("  the mailboxes are dead:      suppressctl incidents confirm " + number_);
  }

  void tell_where_to_look() {
    heading("Where to look");
    for (const auto& [what, page] : where_to_look(story_.summary.incident))
      out_.line("  " + what + (page.empty() ? "" : ": " + page));
  }

  void tell_rest(std::size_t count, const std::string& how) {
    if (count > 0)
      out_.line(out_.paint(Colour::faint, "  (" + std::to_string(count) + " more: " + how + ")"));
  }

  static std::string times_and_when(const IncidentFailures& failures) {
    const auto times = number_words(failures.count, "time", "times");
    return failures.first == failures.last
               ? times + ", " + format_time(failures.first)
               : times + ", " + format_time(failures.first) + " to " + format_time(failures.last);
  }

  void heading(const std::string& text) {
    out_.line();
    out_.line(out_.paint(Colour::bold, text));
  }

  Output& out_;
  Time now_;
  const IncidentStory& story_;
  std::string number_;
};

Error no_incident(std::int64_t number) {
  return Error{"there is no incident " + std::to_string(number) + " (suppressctl incidents lists them)"};
}

Result<int> show(Context& context, std::int64_t number) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto story = reader->incident(number, context.now());
  if (!story) return story.error();
  if (!*story) return no_incident(number);
  if (context.out().json())
    context.out().object(json_of(**story, context.now()));
  else
    Teller(context, **story).tell();
  return kSuccess;
}

}  // namespace

Result<IncidentSummary> find_incident(Reader& reader, std::int64_t number, Time now) {
  const auto all = reader.incidents(now);
  if (!all) return all.error();
  const auto found =
      std::ranges::find(*all, number, [](const IncidentSummary& summary) { return summary.incident.id; });
  if (found == all->end()) return no_incident(number);
  return *found;
}

void add_incidents(Program& program) {
  auto options = std::make_shared<ListOptions>();
  auto* command = program.add(
      "incidents",
      "List the times in which failures tell of a provider or of us, not of addresses, and settle them",
      [options](Context& context) { return list(context, *options); });
  command->require_subcommand(0, 1);
  command->add_flag("--open", options->open, "Only those that are not over");
  command->add_flag("--unread", options->unread, "Only those that are not marked as read");

  auto number = std::make_shared<std::int64_t>(0);
  auto* showing = program.add(
      command, "show",
      "What the servers said, from which of our hosts, which addresses are pending, where to look",
      [number](Context& context) { return show(context, *number); });
  showing->add_option("NUMBER", *number, "Which incident")
      ->option_text(" ")
      ->required()
      ->check(positive_number("the number of an incident"));

  add_incident_acts(program, command);
}

}  // namespace suppressd::ctl
