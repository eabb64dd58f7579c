#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "suppressd/base/text.h"
#include "suppressd/config/version.h"
#include "suppressd/doctor/log_state.h"
#include "suppressd/doctor/service_state.h"

#include "commands.h"
#include "json.h"
#include "rate_words.h"
#include "wording.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kMostLogs = 4;
constexpr Duration kGapsFor = std::chrono::hours(24 * 7);
constexpr Duration kBehind = std::chrono::minutes(5);

struct Picture {
  ServiceState service;
  HostState host;
  std::vector<LogState> logs;
  std::string no_log;
  std::optional<EnforcementOff> off;
  std::vector<Alert> alerts;               ///< Open ones, the worst first.
  std::vector<IncidentSummary> incidents;  ///< Open ones.
  bool monitors = false;
};

Result<Picture> look(const Context& context) {
  Picture picture;
  const Time now = context.now();
  {
    auto reader = context.open_for_reading();
    if (!reader) return reader.error();
    auto host = reader->host_state(now - kGapsFor, context.config().learn.policy.threshold, now);
    if (!host) return host.error();
    picture.host = std::move(*host);
    auto off = reader->enforcement_off(now);
    if (!off) return off.error();
    picture.off = std::move(*off);
    auto alerts = reader->alerts();
    if (!alerts) return alerts.error();
    picture.alerts = std::move(*alerts);
    auto incidents = reader->incidents(now);
    if (!incidents) return incidents.error();
    picture.incidents = std::move(*incidents);
  }
  std::erase_if(picture.alerts, [](const Alert& alert) { return alert.closed.has_value(); });
  std::ranges::stable_sort(picture.alerts, std::greater{}, &Alert::level);
  std::erase_if(picture.incidents,
                [&](const IncidentSummary& incident) { return incident.closed(now).has_value(); });
  picture.service = service_state();
  auto logs = look_at_logs(context.config(), picture.host.cursors);
  if (logs)
    picture.logs = std::move(*logs);
  else
    picture.no_log = logs.error().message;
  picture.monitors = context.config().gatekeeper.mode == Mode::monitor;
  return picture;
}

/// Of `look-ups ok; learning from file A; not learning from file B since ...`: the first, and the rest.
std::pair<std::string, std::string> halves_of(const std::string& health) {
  const auto end = health.find("; ");
  if (end == std::string::npos) return {health, {}};
  return {health.substr(0, end), health.substr(end + 2)};
}

bool is_down(const ServiceState& service) {
  return service.known && service.active != "active" && service.active != "reloading";
}

bool is_well(const Picture& picture, Time now) {
  const auto& health = picture.host.health;
  if (is_down(picture.service) || health.empty()) return false;
  if (health.find("failing") != std::string::npos || health.find("not learning") != std::string::npos)
    return false;
  return picture.no_log.empty() && std::ranges::all_of(picture.logs, [&](const LogState& log) {
           return !log.oldest_unread || now - *log.oldest_unread < kBehind;
         });
}

std::string of_log(const LogState& log, Time now) {
  if (!log.trouble.empty()) return log.trouble;
  std::string text =
      log.read_until ? "read to " + time_in_words(*log.read_until, now) : "nothing was read yet";
  if (log.unread_lines == 0) return text + ", all of it";
  return text + ", " + (log.more ? "more than " : "") + std::to_string(log.unread_lines) + " lines (" +
         std::to_string(log.unread_bytes) + " bytes) behind";
}

std::string of_kinds(const HostState& host) {
  std::string text;
  for (const auto& [kind, entries] : host.kinds)
    text += (text.empty() ? "" : ", ") + std::to_string(entries) + " " + kind;
  return (text.empty() ? "none" : text) + "; " + std::to_string(host.pending) + " pending";
}

class Screen {
 public:
  explicit Screen(Output& out) : out_(out) {}
  void row(const std::string& name, const std::string& value, Colour colour = Colour::none) {
    constexpr std::size_t kNames = 12;
    auto name_and_space = name + std::string(kNames - std::min(name.size(), kNames), ' ');
    out_.line(name_and_space + out_.paint(colour, clean(value, kWidth - kNames)));
  }

 private:
  Output& out_;
};

std::string of_service(const ServiceState& service, Time now) {
  if (!service.known) return "not known: systemd does not run here, or has no unit suppressd";
  return service.active +
         (service.since && !is_down(service) ? " since " + time_in_words(*service.since, now) : "");
}

void print(Context& context, const Picture& picture) {
  auto& out = context.out();
  const Time now = context.now();
  const auto& host = picture.host;
  Screen screen(out);
  out.line(clean(std::string("suppressd ") + kVersion + ", " + format_time(now), kWidth));
  screen.row("service", of_service(picture.service, now),
             is_down(picture.service) ? Colour::red : Colour::none);
  const auto [look_ups, learning] = halves_of(host.health);
  const std::string since = host.health_since ? " since " + time_in_words(*host.health_since, now) : "";
  const auto state = [&](const std::string& text) {
    return text.find(" since ") == std::string::npos ? text + since : text;
  };
  if (host.health.empty()) {
    screen.row("look-ups", "suppressd has not run with this database");
  } else {
    const std::string of_look_ups = look_ups.starts_with("look-ups ") ? look_ups.substr(9) : look_ups;
    screen.row("look-ups", state(of_look_ups), of_look_ups == "ok" ? Colour::none : Colour::red);
    const bool ok = learning.find("not learning") == std::string::npos;
    screen.row("learning", ok ? "ok" + since : learning, ok ? Colour::none : Colour::red);
  }
  screen.row("mode", picture.monitors ? "monitor: no one is refused" : "enforce");
  screen.row(
      "enforcement",
      picture.off ? "off " + end_in_words(picture.off->until, now) + ", by " + picture.off->actor : "on",
      picture.off ? Colour::yellow : Colour::none);
  if (!picture.no_log.empty()) screen.row("log", picture.no_log, Colour::red);
  for (std::size_t i = 0; i < picture.logs.size() && i < kMostLogs; ++i) {
    const auto& log = picture.logs[i];
    screen.row("log", log.name);
    const bool late = !log.trouble.empty() || (log.oldest_unread && now - *log.oldest_unread >= kBehind);
    screen.row("", of_log(log, now), late ? Colour::red : Colour::none);
  }
  if (!host.gaps.empty())
    screen.row("gaps",
               std::to_string(host.gaps.size()) + " within a week, the last until " +
                   time_in_words(host.gaps.front().to, now),
               Colour::yellow);
  if (host.lines.not_understood > 0)
    screen.row("lines", std::to_string(host.lines.not_understood) + " not understood within a week, " +
                            std::to_string(host.lines.understood) + " understood");
  screen.row("entries", of_kinds(host));
  screen.row("streaks", std::to_string(host.streaks) + " running, " + std::to_string(host.at_risk) +
                            " at risk: the next failed send suppresses");
  screen.row("refused", std::to_string(host.refusals) + " within 24 hours");
  if (host.last_refusal) {
    screen.row("", "last " + time_in_words(host.last_refusal->at, now));
    screen.row("", host.last_refusal->address + " (" + host.last_refusal->kind + ", " +
                       host.last_refusal->outcome + ")");
  }
  screen.row("incidents",
             picture.incidents.empty() ? "none open"
                                       : std::to_string(picture.incidents.size()) +
                                             " open: " + picture.incidents.front().incident.place.provider,
             picture.incidents.empty() ? Colour::none : Colour::yellow);
  screen.row("alerts",
             picture.alerts.empty()
                 ? "none open"
                 : std::to_string(picture.alerts.size()) + " open: " + picture.alerts.front().words(),
             picture.alerts.empty() ? Colour::none : Colour::yellow);
}

Json json_of_log(const LogState& log, Time now) {
  Json json;
  json["name"] = log.name;
  json["read_until"] = json_of(log.read_until);
  json["unread_lines"] = log.unread_lines;
  json["unread_bytes"] = log.unread_bytes;
  json["more"] = log.more;
  json["behind_seconds"] =
      log.oldest_unread ? std::max<std::int64_t>((now - *log.oldest_unread).count(), 0) : 0;
  json["trouble"] = log.trouble.empty() ? Json(nullptr) : Json(log.trouble);
  return json;
}

Json json_of_picture(const Picture& picture, Time now) {
  const auto& host = picture.host;
  const auto [look_ups, learning] = halves_of(host.health);
  Json json;
  json["version"] = kVersion;
  json["well"] = is_well(picture, now);
  json["service"] = picture.service.known ? Json(picture.service.active) : Json(nullptr);
  json["service_since"] = json_of(picture.service.since);
  json["look_ups"] = host.health.empty() ? Json(nullptr) : Json(look_ups);
  json["learning"] = host.health.empty() ? Json(nullptr) : Json(learning);
  json["health_since"] = json_of(host.health_since);
  json["mode"] = picture.monitors ? "monitor" : "enforce";
  json["enforcement_off_until"] = picture.off ? Json(format_time(picture.off->until)) : Json(nullptr);
  json["logs"] = Json::array();
  for (const auto& log : picture.logs) json["logs"].push_back(json_of_log(log, now));
  json["gaps"] = host.gaps.size();
  json["lines"] = {{"understood", host.lines.understood},
                   {"ignored", host.lines.ignored},
                   {"not_understood", host.lines.not_understood}};
  json["entries"] = Json::object();
  for (const auto& [kind, entries] : host.kinds) json["entries"][kind] = entries;
  json["pending"] = host.pending;
  json["streaks"] = host.streaks;
  json["at_risk"] = host.at_risk;
  json["refusals"] = host.refusals;
  json["last_refusal"] = host.last_refusal ? json_of(*host.last_refusal) : Json(nullptr);
  if (host.last_refusal) json["last_refusal"]["address"] = host.last_refusal->address;
  json["incidents"] = picture.incidents.size();
  json["alerts"] = picture.alerts.size();
  return json;
}

Result<int> status(Context& context) {
  const auto picture = look(context);
  if (!picture) return picture.error();
  if (context.out().json())
    context.out().object(json_of_picture(*picture, context.now()));
  else
    print(context, *picture);
  return is_well(*picture, context.now()) ? kSuccess : kNo;
}

}  // namespace

void add_status(Program& program) {
  program.add("status", "Show on one screen what is followed, how far behind, and what is open", status);
}

}  // namespace suppressd::ctl
