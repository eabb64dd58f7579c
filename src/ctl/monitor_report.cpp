#include "monitor_report.h"

#include <algorithm>
#include <vector>

#include "filters.h"
#include "json.h"
#include "program.h"
#include "rate_words.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kAddresses = 10;  // shown of each kind of row: the page has 60 lines at most
constexpr std::size_t kUnusual = 6;
constexpr std::size_t kIncidents = 6;
constexpr std::size_t kIncidentsToShow = 3;
constexpr std::size_t kKinds = 5;
constexpr std::size_t kAddressWidth = 34;

struct Page {
  Time since;
  Time now;
  Monitored monitored;
  WindowCounts sums;
  std::vector<UnusualRate> unusual;
  std::vector<IncidentSummary> incidents;  ///< Open ones, and those of that time.
  std::int64_t pending = 0;
};

template <typename Value>
Status take(Result<Value> result, Value& place) {
  if (!result) return result.error();
  place = std::move(*result);
  return {};
}

WindowCounts all_of(const std::vector<RateSums>& days) {
  WindowCounts sums;
  for (const auto& day : days) {
    sums.counts += day.sums.counts;
    if (day.sums.reported) sums.reported = sums.reported.value_or(0) + *day.sums.reported;
  }
  return sums;
}

Result<Page> page_of(Context& context, Time since) {
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  Page page{.since = since, .now = context.now()};
  std::vector<RateSums> days;
  EntryCounts entries;
  for (const auto& taken :
       {take(reader->monitored(since), page.monitored), take(reader->rates_by_day(rate_hour(since)), days),
        take(reader->unusual_rates(page.now), page.unusual),
        take(reader->incidents(page.now), page.incidents), take(reader->count_entries(page.now), entries)})
    if (!taken) return taken.error();
  page.sums = all_of(days);
  page.pending = entries.pending;
  std::erase_if(page.incidents, [&](const IncidentSummary& summary) {
    const auto closed = summary.closed(page.now);
    return closed && *closed < since;
  });
  return page;
}

std::string number(std::int64_t value) {
  return std::to_string(value);
}

std::string cut(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string share_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? " (" + percent(static_cast<double>(part) / static_cast<double>(whole)) + ")" : "";
}

std::string limit(double share) {
  auto words = percent(share);
  return words.substr(0, words.find(' '));
}

/// What to do next, as commands that can be copied.
std::vector<std::string> next_steps(const Page& page) {
  std::vector<std::string> steps;
  if (!page.monitored.delivered.empty())
    steps.push_back("suppressctl show " + page.monitored.delivered.front().address);
  std::size_t shown = 0;
  for (const auto& summary : page.incidents)
    if ((!summary.closed(page.now) || !summary.read) && shown++ < kIncidentsToShow)
      steps.push_back("suppressctl incidents show " + number(summary.incident.id));
  if (page.pending > 0) steps.emplace_back("suppressctl list --pending");
  if (!page.unusual.empty()) steps.emplace_back("suppressctl report --since 7d");
  steps.emplace_back("suppressctl list");
  steps.emplace_back("suppressd --check-config --milter.mode enforce");
  return steps;
}

class Teller {
 public:
  Teller(Output& out, const Page& page) : out_(out), page_(page) {}

  void tell() {
    line("Monitor mode, " + format_time(page_.since) + " to " + format_time(page_.now));
    tell_refusals();
    tell_delivered();
    tell_rates();
    tell_incidents();
    tell_next();
  }

 private:
  void line(const std::string& text = {}) { out_.line(cut(text, kColumns)); }
  void heading(const std::string& text) {
    out_.line();
    out_.line(out_.paint(Colour::bold, cut(text, kColumns)));
  }
  void more(std::size_t all, std::size_t shown, const std::string& where) {
    if (all > shown) line("  (" + std::to_string(all - shown) + " more: " + where + ")");
  }

  void tell_refusals() {
    const auto& found = page_.monitored;
    heading("Would have been refused: " + number(found.recipients) + " recipients, " +
            number(found.addresses) + " addresses");
    const auto sends = page_.sums.counts.sent;
    line("  of " + number(sends) + " sends that ended" + share_of(found.recipients, sends));
    for (const auto& kind : std::span(found.kinds).first(std::min(kKinds, found.kinds.size())))
      line("  " + padded(kind.kind, 12) + number(kind.recipients) + " recipients, " + number(kind.addresses) +
           " addresses");
  }

  void tell_delivered() {
    const auto& found = page_.monitored;
    std::int64_t others = 0;
    for (const auto& kind : found.kinds)
      if (kind.kind != "complaint" && kind.kind != "unsubscribe") others += kind.addresses;
    heading("Delivered later: " + number(found.delivered_later) +
            " addresses, complaints and unsubscribes apart" + share_of(found.delivered_later, others));
    if (found.delivered_later == 0) {
      line("  None of them took mail after it would have been refused.");
      return;
    }
    line("  They were suppressed wrongly, or are alive again. A delivery has ended");
    line("  or suspended the entries that were learned; those by hand are still there.");
    const auto shown = std::min(kAddresses, found.delivered.size());
    for (const auto& row : std::span(found.delivered).first(shown))
      line("  " + padded(cut(row.address, kAddressWidth), kAddressWidth) + " " +
           padded(cut(row.kind == row.category ? row.kind : row.kind + " " + row.category, 18), 18) + " " +
           format_date(row.refused) + " " + format_date(row.delivered));
    more(static_cast<std::size_t>(found.delivered_later), shown, "--json shows them");
  }

  void tell_rates() {
    heading("Rates of these sends, and their limits");
    tell_rate("hard failures", AlertWhat::hard);
    tell_rate("soft failures", AlertWhat::soft);
    tell_rate("complaints", AlertWhat::complaint);
    const auto shown = std::min(kUnusual, page_.unusual.size());
    for (const auto& rate : std::span(page_.unusual).first(shown)) {
      const auto level = rate.judgement.level;
      line("  " + padded(level == AlertLevel::none ? "near" : std::string(name_of(level)), 9) +
           words_of(rate));
    }
    more(page_.unusual.size(), shown, "suppressctl report");
  }

  void tell_rate(const std::string& name, AlertWhat what) {
    const auto share = page_.sums.share(what);
    const auto& limits = limits_of(what);
    line("  " + padded(name, 15) +
         padded(share && share->sends > 0 ? percent(share->value()) : "unknown", 9) + " warning at " +
         limit(limits.warning) + ", critical at " + percent(limits.critical));
  }

  void tell_incidents() {
    heading("Incidents: " + std::to_string(page_.incidents.size()) +
            ", entries that are pending: " + number(page_.pending));
    const auto shown = std::min(kIncidents, page_.incidents.size());
    for (const auto& summary : std::span(page_.incidents).first(shown))
      line("  " + padded(number(summary.incident.id), 5) +
           padded(summary.closed(page_.now) ? "closed" : "open", 8) +
           format_time(summary.incident.span.since) + "  " + number(summary.pending) + " pending  " +
           summary.incident.place.provider);
    more(page_.incidents.size(), shown, "suppressctl incidents");
  }

  void tell_next() {
    heading("Before milter.mode is enforce");
    for (const auto& step : next_steps(page_)) out_.line("  " + step);  // to be copied, so it is not cut
    line("  then set milter.mode in suppressd.conf, and: systemctl reload suppressd");
  }

  Output& out_;
  const Page& page_;
};

Json share_json(const Page& page, AlertWhat what) {
  const auto share = page.sums.share(what);
  Json json;
  json["percent"] = share && share->sends > 0 ? Json(share->value() * 100) : Json(nullptr);
  json["warning"] = limits_of(what).warning * 100;
  json["critical"] = limits_of(what).critical * 100;
  return json;
}

Json page_json(const Page& page) {
  const auto& found = page.monitored;
  Json json;
  json["record"] = "monitor";
  json["since"] = format_time(page.since);
  json["until"] = format_time(page.now);
  json["mode"] = found.mode;
  json["recipients"] = found.recipients;
  json["addresses"] = found.addresses;
  json["sends"] = page.sums.counts.sent;
  json["kinds"] = Json::array();
  for (const auto& [kind, recipients, addresses] : found.kinds)
    json["kinds"].push_back({{"kind", kind}, {"recipients", recipients}, {"addresses", addresses}});
  json["delivered_later"] = found.delivered_later;
  json["delivered"] = Json::array();
  for (const auto& row : found.delivered)
    json["delivered"].push_back({{"address", row.address},
                                 {"kind", row.kind},
                                 {"category", row.category},
                                 {"refused", format_time(row.refused)},
                                 {"delivered", format_time(row.delivered)},
                                 {"recipients", row.recipients}});
  json["hard"] = share_json(page, AlertWhat::hard);
  json["soft"] = share_json(page, AlertWhat::soft);
  json["complaint"] = share_json(page, AlertWhat::complaint);
  json["unusual"] = Json::array();
  for (const auto& rate : page.unusual) json["unusual"].push_back(json_of(rate));
  json["incidents"] = Json::array();
  for (const auto& summary : page.incidents) json["incidents"].push_back(json_of(summary, page.now));
  json["pending"] = page.pending;
  json["next"] = next_steps(page);
  return json;
}

}  // namespace

Result<int> report_monitor(Context& context, const std::string& since) {
  const auto from = parse_when(since, context.now());
  if (!from) return Error{"--since: " + from.error().message};
  const auto page = page_of(context, *from);
  if (!page) return page.error();
  const bool nothing = page->monitored.recipients == 0 && page->monitored.mode != "monitor";
  if (context.out().json()) {
    context.out().object(page_json(*page));
  } else if (nothing) {
    context.out().line("nothing was recorded since " + format_time(*from) +
                       ": suppressd does not run in monitor mode (milter.mode)");
  } else {
    Teller(context.out(), *page).tell();
  }
  return nothing ? kNo : kSuccess;
}

}  // namespace suppressd::ctl
