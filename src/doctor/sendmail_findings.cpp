#include "sendmail_findings.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace suppressd {
namespace {

using Level = FindingLevel;

std::optional<int> number_of(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

std::string filter_line(const SendmailFacts& facts) {
  auto socket = facts.place.endpoint({});
  if (facts.place.paths.empty())
    socket = facts.place.port.empty() ? "unix:/run/suppressd/suppressd.sock"
                                      : "inet:" + facts.place.port + "@" + facts.place.host;
  return "MAIL_FILTER(`suppressd', `S=" + socket + ", T=C:5s;S:5s;R:5s;E:30s')dnl";
}

std::string remake() {
  return std::string(" in sendmail.mc, then ") + kMakeSendmail;
}

class Examination {
 public:
  explicit Examination(const SendmailFacts& facts) : facts_(facts), settings_(facts.settings) {}

  Findings run() {
    const auto* ours = our_filter(facts_);
    if (ours == nullptr) {
      add(Level::error, "milter-missing", facts_.file + " has no filter with suppressd's socket",
          "all mail passes unchecked; no one on the list is refused",
          filter_line(facts_) + " and InputMailFilters=suppressd in DAEMON_OPTIONS" + remake() +
              " (sendmail.mc.example has all lines)");
    } else {
      asked(*ours);
      order(*ours);
      fallback(*ours);
    }
    log_level();
    throttle();
    return std::move(findings_);
  }

 private:
  void add(Level level, std::string name, std::string what, std::string why, std::string fix) {
    findings_.push_back({level, std::move(name), std::move(what), std::move(why), std::move(fix)});
  }
  const std::vector<std::string>& filters_of(const SendmailSettings::Daemon& daemon) const {
    return daemon.has_filters ? daemon.filters : settings_.input_filters;
  }
  static bool names(const std::vector<std::string>& filters, const std::string& name) {
    return std::ranges::find(filters, name) != filters.end();
  }
  static bool is_public(const SendmailSettings::Daemon& daemon) {
    const bool smtp = daemon.port.empty() || daemon.port == "smtp" || daemon.port == "25";
    return smtp && !daemon.address.starts_with("127.") && daemon.address != "::1" &&
           daemon.address != "IPv6:::1" && daemon.address != "localhost";
  }

  void asked(const SendmailSettings::Filter& ours) {
    bool any = settings_.daemons.empty() && names(settings_.input_filters, ours.name);
    for (const auto& daemon : settings_.daemons) {
      const auto& filters = filters_of(daemon);
      const auto times = std::ranges::count(filters, ours.name);
      any = any || times > 0;
      if (times > 1)
        add(Level::warning, "milter-doubled",
            ours.name + " is " + std::to_string(times) + " times in the filters of daemon " + daemon.name,
            "each recipient is checked as often", "name it once in InputMailFilters=" + remake());
      if (times > 0 && is_public(daemon) && !names(facts_.inbound_daemons, daemon.name))
        add(Level::warning, "milter-public-port",
            "the public daemon " + daemon.name + " (port 25) asks suppressd",
            "mail from outside to your own users is refused if they are on the list of those to whom you do "
            "not send",
            "take " + ours.name + " out of its InputMailFilters=" + remake() +
                "; or, to read bounces and complaints there: milter.inbound_daemons = [\"" + daemon.name +
                "\"] in suppressd.conf");
    }
    if (!any)
      add(Level::error, "milter-missing",
          "sendmail.cf declares the filter " + ours.name +
              ", but no daemon asks it (MAIL_FILTER does not, INPUT_MAIL_FILTER and InputMailFilters= do)",
          "all mail passes unchecked; no one on the list is refused",
          "InputMailFilters=" + ours.name + " in DAEMON_OPTIONS of each daemon that accepts outbound mail" +
              remake());
  }

  void order(const SendmailSettings::Filter& ours) {
    if (!facts_.trace) return;
    const auto look = [&](const std::vector<std::string>& filters, const std::string& where) {
      const auto mine = std::ranges::find(filters, ours.name);
      if (mine == filters.end()) return;
      for (auto filter = filters.begin(); filter != mine; ++filter) {
        const auto found = std::ranges::find(settings_.filters, *filter, &SendmailSettings::Filter::name);
        if (found == settings_.filters.end()) continue;
        const auto socket = found->equates.find("S");
        if (!is_signer(*filter) && (socket == found->equates.end() || !is_signer(socket->second))) continue;
        add(Level::warning, "milter-order",
            "in the filters of " + where + ", " + ours.name + " comes after " + *filter +
                ", which signs mail",
            "suppressd adds the header Suppressd-Trace after the signature was made; a signature that covers "
            "the header, or its absence, is then broken",
            "name " + ours.name + " before " + *filter + remake());
        return;
      }
    };
    if (settings_.daemons.empty()) look(settings_.input_filters, "all daemons");
    for (const auto& daemon : settings_.daemons) look(filters_of(daemon), "daemon " + daemon.name);
  }

  void fallback(const SendmailSettings::Filter& ours) {
    const auto found = ours.equates.find("F");
    if (found != ours.equates.end() && !found->second.empty()) return;
    add(Level::note, "milter-default-action", "the filter " + ours.name + " has no F=",
        "while suppressd is down, mail flows unchecked: right for applications, which seldom try again; bulk "
        "mail can wait",
        "for bulk mail: F=T in MAIL_FILTER" + remake() + "; else nothing");
  }

  void log_level() {
    const auto level = number_of(settings_.option("LogLevel"));
    if (!level || *level >= 9) return;
    add(Level::error, "log-level", "LogLevel is " + std::to_string(*level),
        "below 9, Sendmail does not log deferred mail, below 8 no delivery: failures are missed, and streaks "
        "of living addresses are not ended",
        "define(`confLOG_LEVEL', `9')dnl" + remake());
  }

  void throttle() {
    const auto throttle = number_of(settings_.option("BadRcptThrottle"));
    if (!throttle || *throttle <= 0 || *throttle >= 100) return;
    add(Level::warning, "error-limits", "BadRcptThrottle is " + std::to_string(*throttle),
        "Sendmail sleeps a second after each refused recipient from number " + std::to_string(*throttle + 1) +
            " of a session on: a mailing with dead addresses in it takes hours",
        "define(`confBAD_RCPT_THROTTLE', `1000')dnl" + remake());
  }

  const SendmailFacts& facts_;
  const SendmailSettings& settings_;
  Findings findings_;
};

}  // namespace

std::string socket_of(const SendmailSettings::Filter& filter) {
  const auto found = filter.equates.find("S");
  if (found == filter.equates.end()) return {};
  for (const std::string form : {"unix:", "local:"})
    if (found->second.starts_with(form)) return found->second.substr(form.size());
  return {};
}

const SendmailSettings::Filter* our_filter(const SendmailFacts& facts) {
  const auto found = std::ranges::find_if(facts.settings.filters, [&](const auto& filter) {
    const auto socket = filter.equates.find("S");
    return filter.name == "suppressd" || facts.place.is_at(socket_of(filter)) ||
           (socket != filter.equates.end() && facts.place.is_meant(socket->second));
  });
  return found == facts.settings.filters.end() ? nullptr : &*found;
}

Findings sendmail_findings(const SendmailFacts& facts) {
  return Examination(facts).run();
}

}  // namespace suppressd
