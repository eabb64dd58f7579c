#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>

#include "commands.h"
#include "filters.h"
#include "json.h"
#include "monitor_report.h"
#include "rate_words.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kShown = 20;
constexpr std::size_t kNameWidth = 22;
constexpr std::size_t kBarWidth = 10;
constexpr std::string_view kByDay = "day";
constexpr std::string_view kByRecipientDomain = "recipient-domain";

// Exit statuses of --check, as monitoring programs expect them.
constexpr int kWarning = 1;
constexpr int kCritical = 2;
constexpr int kCannotTell = 3;
constexpr Duration kLooksEvery = std::chrono::minutes(30);  // the daemon does so every ten minutes
constexpr Duration kLogBehind = std::chrono::hours(24);

struct Options {
  std::string since = "7d";
  std::string by = "sender-domain";
  bool check = false;
  bool monitor = false;
};

Result<std::vector<RateSums>> sums_by(Reader& reader, const std::string& by, Time since) {
  if (by == kByDay) return reader.rates_by_day(since);
  if (by == kByRecipientDomain) return reader.failures_by_recipient_domain(since);
  return reader.rates(rate_dimension_from(by).value_or(RateDimension::sender_domain), since);
}

std::string padded(std::string text, std::size_t width, bool right) {
  if (text.size() < width) text.insert(right ? 0 : text.size(), width - text.size(), ' ');
  return text;
}

/// Full at the second limit.
std::string bar(AlertWhat what, const std::optional<RateShare>& share) {
  if (!share || share->sends <= 0) return {};
  const auto full = share->value() / limits_of(what).critical * static_cast<double>(kBarWidth);
  return std::string(static_cast<std::size_t>(std::clamp(std::ceil(full), 0.0, double{kBarWidth})), '#');
}

std::string cell(const std::optional<RateShare>& share) {
  return share && share->sends > 0 ? percent(share->value()) : "-";
}

std::optional<RateShare> failed_share(const WindowCounts& sums) {
  return RateShare{sums.counts.failed(), sums.counts.base()};
}

void print_row(Output& out, const std::string& name, const std::array<std::string, 6>& cells) {
  constexpr std::array<std::size_t, 6> widths = {9, 8, kBarWidth, 8, 8, 8};
  std::string line = name;
  if (name.size() > kNameWidth) {
    out.line(name);
    line.clear();
  }
  line = padded(line, kNameWidth, false);
  for (std::size_t i = 0; i < cells.size(); ++i) line += " " + padded(cells[i], widths[i], i != 2);
  while (line.ends_with(' ')) line.pop_back();
  out.line(line);
}

void print_sums(Output& out, const std::string& by, std::vector<RateSums> rows, Time since) {
  out.line(out.paint(Colour::bold, "By " + by) + ", messages that entered since " + format_time(since));
  if (by != kByDay)
    std::ranges::stable_sort(rows, [](const RateSums& a, const RateSums& b) {
      const auto size = [](const RateCounts& counts) { return std::pair(counts.sent, counts.failed()); };
      return size(a.sums.counts) > size(b.sums.counts);
    });
  const auto shown = by == kByDay ? rows.size() : std::min(kShown, rows.size());
  if (by == kByRecipientDomain) {
    Table table({"NAME", "HARD", "SOFT", "BLOCKED", "OTHER", "COMPLAINTS"});
    for (const auto& [name, sums] : std::span(rows).first(shown)) {
      const auto& counts = sums.counts;
      table.row({name, std::to_string(counts.dead), std::to_string(counts.soft),
                 std::to_string(counts.blocked), std::to_string(counts.other),
                 std::to_string(counts.complaints)});
    }
    table.print(out);
    out.line(out.paint(Colour::faint, "of recipient domains only the failures are known"));
  } else {
    print_row(out, "NAME", {"SENT", "HARD", "", "SOFT", "FAILED", "COMPL."});
    for (const auto& [name, sums] : std::span(rows).first(shown)) {
      const auto hard = sums.share(AlertWhat::hard);
      print_row(out, shown_name(name),
                {std::to_string(sums.counts.sent), cell(hard), bar(AlertWhat::hard, hard),
                 cell(sums.share(AlertWhat::soft)), cell(failed_share(sums)),
                 cell(sums.share(AlertWhat::complaint))});
    }
  }
  if (rows.size() > shown)
    out.line(
        out.paint(Colour::faint, "(" + std::to_string(rows.size() - shown) + " more: --json shows them)"));
}

void print_unusual(Output& out, const std::vector<UnusualRate>& unusual) {
  if (unusual.empty()) {
    out.line("No rate is over a limit, or near one, in the last 7 days.");
  } else {
    out.line(out.paint(Colour::bold, "Unusual"));
    const auto shown = std::min(kShown, unusual.size());
    for (const auto& rate : std::span(unusual).first(shown)) {
      const auto level = rate.judgement.level;
      const auto word = level == AlertLevel::none ? "near" : std::string(name_of(level));
      const auto colour = level == AlertLevel::critical  ? Colour::red
                          : level == AlertLevel::warning ? Colour::yellow
                                                         : Colour::none;
      out.line("  " + out.paint(colour, padded(word, 8, false)) + "  " + words_of(rate));
    }
    if (unusual.size() > shown)
      out.line(out.paint(Colour::faint,
                         "  (" + std::to_string(unusual.size() - shown) + " more: --json shows them)"));
  }
  out.line();
}

/// The newest one of each domain that says something about the present, the worst first.
Result<std::vector<SpamRate>> spam_rates_now(Reader& reader, Time now) {
  auto rates = reader.spam_rates(now - kSpamRateFor);
  if (!rates) return rates;
  const auto [first, last] = std::ranges::unique(*rates, {}, &SpamRate::domain);
  rates->erase(first, last);
  std::ranges::stable_sort(*rates, std::greater{}, &SpamRate::per_million);
  return rates;
}

void print_spam_rates(Output& out, const std::vector<SpamRate>& rates, const std::vector<RateSums>& senders) {
  if (rates.empty()) return;
  out.line(out.paint(Colour::bold, "Readers at Gmail") +
           " (Postmaster Tools), and complaints that were counted here");
  const auto shown = std::min(kShown, rates.size());
  for (const auto& rate : std::span(rates).first(shown)) {
    const auto level = level_of(rate);
    const auto word = level == AlertLevel::none ? "" : std::string(name_of(level));
    const auto here = std::ranges::find(senders, rate.domain, &RateSums::name);
    out.line("  " + padded(word, 8, false) + "  " + words_of(rate) +
             "; here: " + (here != senders.end() ? cell(here->sums.share(AlertWhat::complaint)) : "-"));
  }
  if (rates.size() > shown)
    out.line(
        out.paint(Colour::faint, "  (" + std::to_string(rates.size() - shown) + " more: --json shows them)"));
  out.line();
}

void print_lost(Output& out, const LostTags& tags) {
  if (tags.lost + tags.unnoted > 0)
    out.line(out.paint(Colour::faint,
                       "tags were lost: " + count_of(static_cast<std::size_t>(tags.lost), "note", "notes") +
                           " came to no message in the log, and at most " +
                           count_of(static_cast<std::size_t>(tags.unnoted), "message", "messages") +
                           " entered when suppressd was killed"));
}

bool is_tag(const std::string& by) {
  const auto dimension = rate_dimension_from(by);
  return dimension && suppressd::is_tag(*dimension);
}

Result<int> report(Context& context, const Options& options) {
  auto since = parse_when(options.since, context.now());
  if (!since) return since.error();
  *since = rate_hour(*since);
  auto reader = context.open_for_reading();
  if (!reader) return reader.error();
  const auto unusual = reader->unusual_rates(context.now());
  if (!unusual) return unusual.error();
  const auto spam = spam_rates_now(*reader, context.now());
  if (!spam) return spam.error();
  auto rows = sums_by(*reader, options.by, *since);
  if (!rows) return rows.error();
  const auto lost = reader->lost_tags();
  if (!lost) return lost.error();
  auto& out = context.out();
  if (out.json()) {
    for (const auto& rate : *unusual) out.object(json_of(rate));
    for (const auto& rate : *spam) out.object(json_of(rate));
    for (const auto& row : *rows) out.object(json_of(row, options.by, *since));
    if (is_tag(options.by)) out.object(json_of(*lost));
    return kSuccess;
  }
  print_unusual(out, *unusual);
  if (!spam->empty()) {
    const auto senders = reader->rates(RateDimension::sender_domain, *since);
    if (!senders) return senders.error();
    print_spam_rates(out, *spam, *senders);
  }
  if (rows->empty())
    out.line("nothing was counted of messages that entered since " + format_time(*since));
  else
    print_sums(out, options.by, std::move(*rows), *since);
  if (is_tag(options.by)) print_lost(out, *lost);
  return kSuccess;
}

/// Empty: alerts can be relied on.
std::string why_unknown(const RateWatch& watch, Time now) {
  if (!watch.counted) return "nothing was counted yet";
  if (!watch.looked) return "suppressd has not run with this database";
  if (now - *watch.looked > kLooksEvery)
    return "suppressd has not looked at its alerts since " + format_time(*watch.looked);
  if (!watch.newest_line || now - *watch.newest_line > kLogBehind)
    return "no log line is newer than " +
           (watch.newest_line ? format_time(*watch.newest_line) : std::string("the start of suppressd"));
  return {};
}

int say(Context& context, int status, const std::string& words) {
  constexpr std::array<std::string_view, 4> names = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  context.out().line(std::string(names[static_cast<std::size_t>(status)]) + ": " + words);
  return status;
}

// What goes wrong is no error here, but a status: monitoring programs take 2 for critical.
Result<int> check(Context& context) {
  auto reader = context.open_for_reading();
  if (!reader) return say(context, kCannotTell, reader.error().message);
  const auto watch = reader->rate_watch();
  if (!watch) return say(context, kCannotTell, watch.error().message);
  auto alerts = reader->alerts();
  if (!alerts) return say(context, kCannotTell, alerts.error().message);
  if (const auto why = why_unknown(*watch, context.now()); !why.empty())
    return say(context, kCannotTell, why);
  std::erase_if(*alerts, [](const Alert& alert) { return alert.closed.has_value(); });
  std::ranges::stable_sort(*alerts, [](const Alert& a, const Alert& b) {
    return a.level != b.level ? a.level > b.level : a.place < b.place;
  });
  const auto spam = spam_rates_now(*reader, context.now());
  if (!spam) return say(context, kCannotTell, spam.error().message);
  const auto spam_level = spam->empty() ? AlertLevel::none : level_of(spam->front());
  if (spam_level != AlertLevel::none && (alerts->empty() || alerts->front().level < spam_level))
    return say(context, spam_level == AlertLevel::critical ? kCritical : kWarning, words_of(spam->front()));
  if (alerts->empty()) return say(context, kSuccess, "no rate is over its limit");
  auto words = alerts->front().words();
  if (alerts->size() > 1)
    words += " (and " + count_of(alerts->size() - 1, "other alert", "other alerts") + ")";
  return say(context, alerts->front().level == AlertLevel::critical ? kCritical : kWarning, words);
}

}  // namespace

void add_report(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("report", "Show which sends failed, and whether that is unusual",
                              [options](Context& context) {
                                if (options->monitor) return report_monitor(context, options->since);
                                return options->check ? check(context) : report(context, *options);
                              });
  auto* since = command->add_option("--since", options->since, "Messages that entered since then (7d)")
                    ->type_name("WHEN");
  auto* by =
      command
          ->add_option("--by", options->by,
                       "sender-domain, provider, sender-domain+provider, campaign, source, account, "
                       "recipient-domain or day")
          ->type_name("WHAT")
          ->check([](const std::string& text) -> std::string {
            if (rate_dimension_from(text) || text == kByDay || text == kByRecipientDomain) return {};
            return "\"" + text +
                   "\" is not sender-domain, provider, sender-domain+provider, campaign, source, account, "
                   "recipient-domain or day";
          });
  auto* check_rates =
      command
          ->add_flag(
              "--check", options->check,
              "For monitoring: one line; exit status 0 if all is well, 1 warning, 2 critical, 3 unknown")
          ->excludes(since)
          ->excludes(by);
  command
      ->add_flag("--monitor", options->monitor,
                 "The end of a week in monitor mode: what would have been refused, and what to look at")
      ->excludes(by)
      ->excludes(check_rates);
}

}  // namespace suppressd::ctl
