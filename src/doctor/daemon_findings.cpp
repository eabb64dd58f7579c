#include "daemon_findings.h"

#include <utility>

namespace suppressd {
namespace {

using Level = FindingLevel;

constexpr const char* kUnchecked =
    "mail passes unchecked, or gets 451 (default_action), and nothing is learned";

class Examination {
 public:
  explicit Examination(const DaemonFacts& facts) : facts_(facts) {}

  Findings run() {
    configuration();
    if (facts_.service.known)
      service();
    else if (facts_.answers && !*facts_.answers)
      add(Level::error, "daemon-down", "suppressd does not run: no one listens on " + facts_.socket,
          kUnchecked, "systemctl enable --now suppressd.socket suppressd; without systemd: start suppressd");
    mode();
    open();
    return std::move(findings_);
  }

 private:
  void add(Level level, std::string name, std::string what, std::string why, std::string fix) {
    findings_.push_back({level, std::move(name), std::move(what), std::move(why), std::move(fix)});
  }

  void configuration() {
    const auto why = "suppressd does not start with it; one that runs keeps what it has read";
    if (!facts_.configuration.empty())
      add(Level::error, "configuration", facts_.configuration, why,
          "correct it; suppressd --check-config says whether it is right; then systemctl reload-or-restart "
          "suppressd");
    if (!facts_.rules.empty())
      add(Level::error, "rules", facts_.rules, why,
          "correct it; suppressd --check-config says whether it is right; then systemctl reload suppressd");
    if (!facts_.trace_keys.empty())
      add(Level::error, "trace-keys", facts_.trace_keys, why, "see trace.key_file in suppressd.conf(5)");
  }

  void service() {
    const auto& state = facts_.service;
    if (state.active == "failed")
      add(Level::error, "daemon-failed",
          "suppressd has failed (" + state.result +
              (state.exit_status == "78" ? ", exit status 78: its configuration is invalid)" : ")"),
          kUnchecked,
          "journalctl -u suppressd -n 20 says why; suppressd --check-config; then systemctl restart "
          "suppressd");
    else if (state.active != "active" && state.active != "reloading")
      add(Level::error, "daemon-down", "suppressd does not run (" + state.active + ")", kUnchecked,
          "systemctl enable --now suppressd.socket suppressd");
    else if (state.enabled == "disabled" && state.socket_enabled != "enabled")
      add(Level::warning, "daemon-disabled", "suppressd runs, but does not start with the system",
          "after the next start of this host, mail passes unchecked",
          "systemctl enable suppressd.socket suppressd");
    if (state.status.find("look-ups failing") != std::string::npos ||
        state.status.find("not learning") != std::string::npos)
      add(Level::error, "daemon-trouble", "suppressd says: " + state.status,
          "what fails is tried again by itself; until then mail is not checked, or nothing is learned",
          "what is said in brackets; journalctl -u suppressd -n 20 has more");
  }

  void mode() {
    if (facts_.monitors)
      add(Level::note, "monitor", "milter.mode is \"monitor\"",
          "no one is refused; whom suppressd would refuse is recorded",
          "after a week, look at `suppressctl list`; then mode = \"enforce\" in suppressd.conf and systemctl "
          "reload suppressd");
    const std::string configured = facts_.monitors ? "monitor" : "enforce";
    if (!facts_.mode.empty() && facts_.mode != configured)
      add(Level::warning, "not-reloaded",
          "milter.mode is \"" + configured + "\" in suppressd.conf, and suppressd has read \"" + facts_.mode +
              "\"",
          "a change of the file holds only after a reload", "systemctl reload suppressd");
    if (facts_.off)
      add(Level::warning, "enforcement-off",
          "enforcement is off until " + format_time(facts_.off->until) + ", by " + facts_.off->actor +
              (facts_.off->note.empty() ? "" : " (" + facts_.off->note + ")"),
          "no one is refused until then", "suppressctl enforcement on");
  }

  void open() {
    const auto one_of = [](std::int64_t count, const std::string& first) {
      return count > 1 ? first + " (and " + std::to_string(count - 1) + " more)" : first;
    };
    if (facts_.alerts > 0)
      add(Level::note, "alert", "open alert: " + one_of(facts_.alerts, facts_.alert),
          "providers judge senders by such rates", "suppressctl report; suppressctl alerts --open");
    if (facts_.incidents > 0)
      add(Level::note, "incident", "open incident: " + one_of(facts_.incidents, facts_.incident),
          "hard failures there are pending until it is over", "suppressctl incidents --open");
  }

  const DaemonFacts& facts_;
  Findings findings_;
};

}  // namespace

Findings daemon_findings(const DaemonFacts& facts) {
  return Examination(facts).run();
}

}  // namespace suppressd
