#include "log_findings.h"

#include <algorithm>
#include <chrono>

namespace suppressd {
namespace {

using Level = FindingLevel;

constexpr Duration kBehind = std::chrono::minutes(5);
constexpr Duration kFarBehind = std::chrono::hours(24);
constexpr Duration kNotFed = std::chrono::hours(24);
constexpr Duration kFuture = std::chrono::minutes(5);
constexpr std::int64_t kManyLines = 10;
constexpr std::uint64_t kLarge = 2'000'000'000;

std::string in_words(Duration length) {
  using namespace std::chrono;
  if (length < minutes(2)) return std::to_string(length.count()) + " s";
  if (length < hours(2)) return std::to_string(floor<minutes>(length).count()) + " minutes";
  if (length < hours(48)) return std::to_string(floor<hours>(length).count()) + " hours";
  return std::to_string(floor<hours>(length).count() / 24) + " days";
}

class Examination {
 public:
  explicit Examination(const LogFacts& facts) : facts_(facts) {}

  Findings run() {
    if (!facts_.no_log.empty())
      add(Level::error, "log-missing", facts_.no_log,
          "without a log, suppressd learns of no failure and no delivery",
          "in suppressd.conf, section [source]: files = [\"/var/log/mail.log\"], or where your MTA logs");
    for (const auto& log : facts_.logs) {
      permission(log);
      if (log.state.trouble.empty()) {
        behind(log.state);
        future(log.state);
      }
      size(log);
    }
    not_fed();
    if (facts_.state != nullptr) {
      gaps(*facts_.state);
      not_understood(*facts_.state);
      waiting(*facts_.state);
    }
    rate_limits();
    made_for_root();
    if (!facts_.clock_synchronised)
      add(Level::note, "clock", "the kernel does not say that the clock is synchronised",
          "streaks, expiry and incidents go by time, and logs of several hosts are put in order by it",
          "timedatectl set-ntp true; if the host keeps the time of this machine, nothing");
    return std::move(findings_);
  }

 private:
  void add(Level level, std::string name, std::string what, std::string why, std::string fix) {
    findings_.push_back({level, std::move(name), std::move(what), std::move(why), std::move(fix)});
  }

  void permission(const ReadLog& log) {
    constexpr const char* kWhy =
        "suppressd learns nothing: dead addresses stay off the list, and streaks do not end";
    if (!log.unreadable.empty()) {
      const auto semicolon = log.unreadable.find("; ");
      return add(Level::error, "log-permission",
                 facts_.account + " cannot read the log: " + log.unreadable.substr(0, semicolon), kWhy,
                 semicolon == std::string::npos ? "usermod -a -G adm,systemd-journal " + facts_.account +
                                                      " && systemctl restart suppressd"
                                                : log.unreadable.substr(semicolon + 2));
    }
    if (!log.state.trouble.empty())
      return add(log.not_tried ? Level::unknown : Level::error, "log-unreadable", log.state.trouble, kWhy,
                 log.not_tried ? "sudo suppressctl doctor" : "see `systemctl status suppressd`");
    if (log.not_tried)
      add(Level::unknown, "log-permission",
          "whether " + facts_.account + " can read " + log.state.name + " could not be tried",
          "only root can look with the eyes of another account", "sudo suppressctl doctor");
  }

  void behind(const LogState& log) {
    if (!log.known) {
      if (log.unread_lines > 0 || facts_.state != nullptr)
        add(Level::warning, "log-new", log.name + " was never read",
            "suppressd has not run since it was configured, or follows another log",
            "systemctl restart suppressd, then systemctl status suppressd");
      return;
    }
    if (log.unread_lines == 0 || !log.oldest_unread) return;
    const auto wait = facts_.now - *log.oldest_unread;
    if (wait < kBehind) return;
    add(wait < kFarBehind ? Level::warning : Level::error, "log-behind",
        "suppressd is " + in_words(wait) + " behind in " + log.name + ": " + (log.more ? "more than " : "") +
            std::to_string(log.unread_lines) + " lines (" + std::to_string(log.unread_bytes) +
            " bytes) are not read",
        "what they say of failures and deliveries is not on the list yet",
        "systemctl status suppressd says why; if it has only just started, wait");
  }

  void future(const LogState& log) {
    if (!log.newest || *log.newest - facts_.now < kFuture) return;
    add(Level::warning, "log-ahead",
        "the newest line of " + log.name + " is of " + format_time(*log.newest) + ", " +
            in_words(*log.newest - facts_.now) + " ahead of this clock",
        "the clock of the host that logs, or of this one, or source.timezone is wrong; events that are more "
        "than an hour ahead wait until the clock is there",
        "compare `date -u` with " + format_time(facts_.now) +
            " on both hosts; timedatectl set-ntp true; source.timezone in suppressd.conf is the zone of "
            "lines that name none");
  }

  void size(const ReadLog& log) {
    if (log.size < kLarge || log.rotated) return;
    add(Level::note, "log-rotation",
        log.state.path + " has " + std::to_string(log.size / 1'000'000) + " MB and no rotated file beside it",
        "it fills the disk", "a file in /etc/logrotate.d that rotates it weekly");
  }

  void not_fed() {
    if (!facts_.mail || facts_.logs.empty()) return;
    std::optional<Time> newest;
    for (const auto& log : facts_.logs) {
      if (!log.state.trouble.empty()) return;
      if (log.state.newest) newest = newest ? std::max(*newest, *log.state.newest) : log.state.newest;
    }
    if (newest && *facts_.mail - *newest < kNotFed) return;
    if (!newest && facts_.now - *facts_.mail > kNotFed) return;
    std::string names;
    for (const auto& log : facts_.logs) names += (names.empty() ? "" : ", ") + log.state.name;
    add(Level::error, "log-not-fed",
        (newest ? "the newest line of " + names + " is of " + format_time(*newest) : names + " has no line") +
            ", but the MTA has handled mail at " + format_time(*facts_.mail),
        "the MTA logs elsewhere: suppressd learns of no failure and no delivery",
        "postconf maillog_file shows Postfix's own file; if it is empty, mail goes to syslog or the journal: "
        "name the file in source.files, or set source.journal = true, and restart suppressd");
  }

  void gaps(const HostState& state) {
    if (state.gaps.empty()) return;
    const auto& newest = state.gaps.front();
    add(Level::warning, "log-gap",
        std::to_string(state.gaps.size()) + (state.gaps.size() == 1 ? " gap" : " gaps") +
            " in the log within a week, the last from " + format_time(newest.from) + " to " +
            format_time(newest.to) + ": " + newest.reason,
        "failures and deliveries of that time are not known",
        newest.reason.find("journald") != std::string::npos
            ? "raise LogRateLimitBurst= (suppressd.conf(5), source.journal)"
            : "if the lines are still in a file: suppressctl replay FILE; all gaps: sqlite3 -readonly "
              "/var/lib/suppressd/suppressd.db 'SELECT * FROM gap'");
  }

  void not_understood(const HostState& state) {
    const auto& lines = state.lines;
    if (lines.not_understood < kManyLines ||
        lines.not_understood * 100 < lines.understood + lines.not_understood)
      return;
    add(Level::warning, "log-not-understood",
        std::to_string(lines.not_understood) +
            " lines about deliveries within a week were not understood, and " +
            std::to_string(lines.understood) + " were",
        "what they say of failures and deliveries is not learned",
        "sqlite3 -readonly /var/lib/suppressd/suppressd.db 'SELECT line FROM line_sample' shows the newest; "
        "set mta.dialect and mta.local_relays, or report the lines");
  }

  void waiting(const HostState& state) {
    if (state.waiting == 0 || !state.farthest) return;
    add(Level::warning, "events-ahead",
        std::to_string(state.waiting) + " events are ahead of the clock, up to " +
            format_time(*state.farthest) + ", and wait for it",
        "the clock of a host that logs, or of this one, was wrong",
        "timedatectl set-ntp true; on the host of that log, too");
  }

  void rate_limits() {
    for (const auto& [unit, limit] : facts_.limits) {
      if (!limit.is_low()) continue;
      using std::chrono::seconds;
      add(Level::warning, "journald-rate-limit",
          "journald drops what " + unit + " logs beyond " + std::to_string(limit.burst) + " messages in " +
              std::to_string(std::chrono::duration_cast<seconds>(limit.interval).count()) + " s",
          "a busy MTA reaches it, and bounces are lost",
          "systemctl edit " + unit +
              ": [Service] LogRateLimitIntervalSec=30s LogRateLimitBurst=1000000, each on a line of its own; "
              "then restart the MTA");
    }
  }

  void made_for_root() {
    if (facts_.made_for_root.empty()) return;
    const auto folder = facts_.made_for_root.substr(0, facts_.made_for_root.rfind('/'));
    add(Level::note, "log-rotation",
        "Postfix makes " + facts_.made_for_root + " again after each rotation, for root only",
        "suppressd cannot read the new file then",
        "setfacl -d -m u:" + facts_.account + ":r " + folder +
            " (from Postfix 3.9 on: postconf -e 'maillog_file_permissions = 0644')");
  }

  const LogFacts& facts_;
  Findings findings_;
};

}  // namespace

Findings log_findings(const LogFacts& facts) {
  return Examination(facts).run();
}

}  // namespace suppressd
