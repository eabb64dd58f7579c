#include "suppressd/doctor/examination.h"

#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "suppressd/config/rules_file.h"
#include "suppressd/config/trace_file.h"
#include "suppressd/doctor/log_state.h"
#include "suppressd/doctor/service_state.h"
#include "suppressd/source/file_access.h"
#include "suppressd/source/journal_follower.h"
#include "suppressd/source/rotated_files.h"
#include "suppressd/store/reader.h"

#include "account.h"
#include "command.h"
#include "daemon_findings.h"
#include "database_findings.h"
#include "log_findings.h"
#include "mta_tables.h"
#include "postfix_findings.h"
#include "sendmail_findings.h"
#include "socket_findings.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

constexpr Duration kWeek = std::chrono::hours(24 * 7);
constexpr const char* kSendmailFile = "/etc/mail/sendmail.cf";
// Of suppressd.socket, and of its drop-in for Sendmail.
const std::vector<std::string> kUsualSockets = {"/var/spool/postfix/suppressd/suppressd.sock",
                                                "/run/suppressd/suppressd.sock"};

std::optional<Time> newest_change(const std::vector<std::string>& folders) {
  std::optional<Time> newest;
  for (const auto& folder : folders) {
    struct stat info {};
    if (stat(folder.c_str(), &info) != 0) continue;
    newest = newest ? std::max(*newest, from_unix(info.st_mtime)) : from_unix(info.st_mtime);
  }
  return newest;
}

/// Whose files the database's are, if the unit does not say who the service is.
Account service_account(const ServiceState& service, const std::string& database) {
  if (!service.user.empty())
    if (auto account = Account::of(service.user, service.groups)) return *account;
  struct stat info {};
  // Its folder belongs to the daemon; the file may belong to whoever has put it there.
  if (stat(fs::path(database).parent_path().c_str(), &info) == 0 && info.st_uid != 0)
    return Account::of(info.st_uid, info.st_gid);
  if (auto account = Account::of(std::string("suppressd"), {"adm", "systemd-journal"})) return *account;
  return Account::of(geteuid(), getegid());
}

bool is_before_3_9(const std::string& version) {
  int major = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), major);
  if (error != std::errc{}) return false;
  int minor = 0;
  if (end != version.data() + version.size())
    std::from_chars(end + 1, version.data() + version.size(), minor);
  return major < 3 || (major == 3 && minor < 9);
}

class Examining {
 public:
  Examining(const Config& config, const ExaminationOptions& options, Time now)
      : config_(config),
        options_(options),
        now_(now),
        service_(service_state()),
        account_(service_account(service_, config.database_path)),
        place_(MilterPlace::of(config.milter.socket,
                               service_.sockets.empty() ? kUsualSockets : service_.sockets)) {}

  Findings run() {
    mta();
    take(database_findings(look_at_database(config_.database_path, account_, service_.pid)));
    const bool usable = std::ranges::none_of(findings_, [](const Finding& finding) {
      return finding.level == FindingLevel::error && finding.name.starts_with("database");
    });
    if (usable) read_database();
    logs();
    daemon();
    sort_by_level(findings_);
    return std::move(findings_);
  }

 private:
  void take(Findings found) { std::move(found.begin(), found.end(), std::back_inserter(findings_)); }

  void mta() {
    const bool sendmail_is_meant =
        !options_.sendmail_file.empty() ||
        (config_.learn.dialect != nullptr && config_.learn.dialect->name == "sendmail");
    if (!sendmail_is_meant && postfix()) return;
    if (sendmail()) return;
    findings_.push_back({FindingLevel::unknown, "mta",
                         "neither Postfix's configuration nor Sendmail's was found",
                         "whether the MTA asks suppressd is not known",
                         "suppressctl doctor --postfix-config DIR, or --sendmail-cf FILE"});
  }

  Result<std::string> postconf(std::vector<std::string> words) const {
    words.insert(words.begin(), "postconf");
    if (!options_.postfix_directory.empty())
      words.insert(words.begin() + 1, {"-c", options_.postfix_directory});
    auto ran = run_command(words);
    if (!ran) return ran.error();
    if (ran->status != 0) return Error{ran->err.substr(0, ran->err.find('\n'))};
    return std::move(ran->out);
  }

  /// False: there is none.
  bool postfix() {
    PostfixFacts facts;
    PostconfOutput output;
    for (auto [words, target] : {std::pair{"", &output.defaults}, std::pair{"-n", &output.set},
                                 std::pair{"-M", &output.services}, std::pair{"-P", &output.options}}) {
      auto printed = postconf(*words != '\0' ? std::vector<std::string>{words} : std::vector<std::string>{});
      if (printed) {
        *target = std::move(*printed);
        continue;
      }
      const auto folder = options_.postfix_directory.empty() ? "/etc/postfix" : options_.postfix_directory;
      if (options_.postfix_directory.empty() && access((folder + "/main.cf").c_str(), F_OK) != 0)
        return false;
      findings_.push_back({FindingLevel::unknown, "postfix",
                           "Postfix's configuration cannot be read: " + printed.error().message,
                           "whether it asks suppressd is not known",
                           "postconf -c " + folder + " -n says more"});
      return true;
    }
    facts.settings = PostfixSettings::parse(output);
    facts.directory = options_.postfix_directory;
    facts.place = place_;
    facts.inbound_daemons = config_.inbound_daemons;
    facts.trace = config_.trace_enabled;
    facts.relays = config_.learn.relays;
    for (const char* name : {"alias_maps", "virtual_alias_maps"})
      for (const auto& table : items_of(facts.settings.value(name)))
        if (auto lists = lists_in(table); !lists.empty())
          facts.lists[std::string(name) + " " + table] = lists;
    facts.transport_checks = queries_suppressd(items_of(facts.settings.value("transport_maps")));
    take(postfix_findings(facts));
    postfix_sockets(facts);
    const auto queue = facts.settings.value("queue_directory");
    mail_ = newest_change({queue + "/incoming", queue + "/active", queue + "/maildrop"});
    made_file_ = facts.settings.value("maillog_file");
    if (!is_before_3_9(facts.settings.value("mail_version"))) made_file_.clear();
    return true;
  }

  void postfix_sockets(const PostfixFacts& facts) {
    const auto queue = facts.settings.value("queue_directory");
    const auto owner = facts.settings.value("mail_owner");
    const auto account = Account::of(owner);
    for (const auto& use : milter_uses(facts)) {
      SocketFacts socket;
      socket.user = use.user;
      socket.account = owner;
      socket.endpoint = use.endpoint;
      socket.path = use.path;
      if (use.chroot) socket.chroot = queue;
      socket.ours = facts.place.is_at(use.path);
      socket.ours_at = facts.place.name();
      const auto wanted = facts.place.endpoint(queue);
      const bool reachable = !use.chroot || !wanted.starts_with("unix:/");
      socket.replace = reachable ? replace_endpoint(facts, use, wanted)
                                 : "move the socket into the chroot: milter.socket = \"unix:" + queue +
                                       "/suppressd/suppressd.sock\" (or the socket unit), then " +
                                       replace_endpoint(facts, use, "unix:suppressd/suppressd.sock");
      socket.service = account_.name;
      if (use.path.empty()) {
        const auto colon = use.endpoint.rfind(':');
        const auto begin = use.endpoint.find(':') + 1;
        if (!use.endpoint.starts_with("inet:") || colon <= begin) continue;
        socket.path = use.endpoint;
        socket.ours = facts.place.is_meant(use.endpoint) && !facts.place.port.empty();
        socket.look = look_at_port(use.endpoint.substr(begin, colon - begin), use.endpoint.substr(colon + 1));
        if (auto found = socket_finding(socket)) findings_.push_back(std::move(*found));
        continue;
      }
      // Outside of a chroot, Postfix's programs run in the queue directory.
      const bool inside = use.path.starts_with(queue + "/");
      const auto from_queue = inside ? use.path.substr(queue.size() + 1) : use.path;
      if (account && use.chroot)
        socket.look = look_at_socket(*account, {.chroot = queue, .folder = {}}, "/" + from_queue);
      else if (account)
        socket.look = look_at_socket(*account, {.chroot = {}, .folder = queue},
                                     use.endpoint.find(":/") == std::string::npos ? from_queue : use.path);
      if (auto found = socket_finding(socket)) findings_.push_back(std::move(*found));
    }
  }

  bool sendmail() {
    SendmailFacts facts;
    if (!options_.sendmail_file.empty()) facts.file = options_.sendmail_file;
    std::ifstream file(facts.file, std::ios::binary);
    if (!file) {
      if (options_.sendmail_file.empty()) return false;
      findings_.push_back(
          {FindingLevel::unknown, "sendmail", facts.file + " cannot be read: " + std::strerror(errno),
           "whether Sendmail asks suppressd is not known", "suppressctl doctor --sendmail-cf FILE"});
      return true;
    }
    facts.settings = SendmailSettings::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    facts.place = place_;
    facts.inbound_daemons = config_.inbound_daemons;
    facts.trace = config_.trace_enabled;
    take(sendmail_findings(facts));
    sendmail_socket(facts);
    auto queue = facts.settings.option("QueueDirectory");
    mail_ = newest_change({queue.empty() ? "/var/spool/mqueue" : queue});
    return true;
  }

  void sendmail_socket(const SendmailFacts& facts) {
    const auto* filter = our_filter(facts);
    if (filter == nullptr || socket_of(*filter).empty()) return;
    SocketFacts socket;
    socket.user = "Sendmail";
    auto user = facts.settings.option("RunAsUser");
    user = user.substr(0, user.find(':'));
    socket.account = user.empty() ? "root" : user;
    socket.service = account_.name;
    socket.path = socket_of(*filter);
    socket.endpoint = "unix:" + socket.path;
    socket.ours = facts.place.is_at(socket.path);
    if (!facts.place.paths.empty()) socket.ours_at = facts.place.paths.front();
    socket.replace = "S=unix:" + (socket.ours_at.empty() ? "/run/suppressd/suppressd.sock" : socket.ours_at) +
                     " in MAIL_FILTER in sendmail.mc, then " + kMakeSendmail;
    if (const auto account = Account::of(socket.account))
      socket.look = look_at_socket(*account, {}, socket.path);
    if (auto found = socket_finding(socket)) findings_.push_back(std::move(*found));
  }

  void read_database() {
    auto reader = Reader::open(config_.database_path);
    if (!reader) return;  // that was said
    if (auto state = reader->host_state(now_ - kWeek, config_.learn.policy.threshold, now_))
      state_ = std::move(*state);
    if (auto off = reader->enforcement_off(now_)) facts_.off = std::move(*off);
    if (auto alerts = reader->alerts()) {
      std::erase_if(*alerts, [](const Alert& alert) { return alert.closed.has_value(); });
      std::ranges::stable_sort(*alerts, std::greater{}, &Alert::level);
      facts_.alerts = static_cast<std::int64_t>(alerts->size());
      if (!alerts->empty()) facts_.alert = alerts->front().words();
    }
    if (auto incidents = reader->incidents(now_))
      for (const auto& incident : *incidents) {
        if (incident.closed(now_)) continue;
        ++facts_.incidents;
        if (facts_.incident.empty())
          facts_.incident =
              "number " + std::to_string(incident.incident.id) + ", " + incident.incident.place.provider;
      }
  }

  void logs() {
    LogFacts facts;
    facts.account = account_.name;
    facts.now = now_;
    facts.mail = mail_;
    if (state_) facts.state = &*state_;
    auto states = look_at_logs(config_, state_ ? state_->cursors : std::vector<Cursor>{});
    if (!states)
      facts.no_log = states.error().message;
    else
      for (auto& state : *states) facts.logs.push_back(with_eyes_of_service(std::move(state)));
    if (std::ranges::any_of(facts.logs, [](const ReadLog& log) { return log.state.path.empty(); }))
      if (const auto speakers = JournalFollower::speakers(config_.source_units))
        for (const auto& speaker : *speakers)
          if (now_ - speaker.newest < kWeek)
            facts.limits.push_back({speaker.unit, rate_limit_of(speaker.unit)});
    const auto is_made = [&](const ReadLog& log) {
      return !made_file_.empty() && log.state.path == made_file_;
    };
    if (std::ranges::any_of(facts.logs, is_made) &&
        getxattr(fs::path(made_file_).parent_path().c_str(), "system.posix_acl_default", nullptr, 0) <= 0)
      facts.made_for_root = made_file_;
    timex clock{};
    facts.clock_synchronised = ntp_adjtime(&clock) != TIME_ERROR;
    take(log_findings(facts));
  }

  ReadLog with_eyes_of_service(LogState state) const {
    ReadLog log;
    const auto path = state.path;
    const auto answer = as_account(account_, {}, [&]() -> std::string {
      if (path.empty()) {
        const auto speakers = JournalFollower::speakers(config_.source_units);
        return speakers ? std::string{} : speakers.error().message;
      }
      return access(path.c_str(), R_OK) == 0 ? std::string{} : explain_unreadable(path, errno);
    });
    log.not_tried = !answer;
    if (answer) log.unreadable = *answer;
    struct stat info {};
    if (!path.empty() && stat(path.c_str(), &info) == 0) log.size = static_cast<std::uint64_t>(info.st_size);
    log.rotated = !path.empty() && !rotated_files(path).empty();
    log.state = std::move(state);
    return log;
  }

  void daemon() {
    facts_.service = service_;
    facts_.socket = config_.milter.socket;
    facts_.monitors = config_.gatekeeper.mode == Mode::monitor;
    if (state_) facts_.mode = state_->mode;
    if (auto checked = check_config(config_); !checked) facts_.configuration = checked.error().message;
    const auto with_its_eyes = [&](const std::function<std::string()>& look) {
      return as_account(account_, {}, look).value_or(std::string{});
    };
    facts_.rules = with_its_eyes([&] {
      const auto rules = load_rules(config_.rules_files, config_.learn.actions);
      return rules ? std::string{} : rules.error().message;
    });
    if (config_.trace_enabled || !config_.inbound_daemons.empty())
      facts_.trace_keys = with_its_eyes([&] {
        const auto keys = check_trace_keys(trace_file_of(config_));
        return keys ? std::string{} : keys.error().message;
      });
    const auto address = parse_socket(config_.milter.socket);
    if (!service_.known && address && address->form == SocketAddress::Form::unix_path)
      facts_.answers = look_at_socket(Account::of(geteuid(), getegid()), {}, address->path).found ==
                       SocketLook::Found::listens;
    take(daemon_findings(facts_));
  }

  const Config& config_;
  const ExaminationOptions& options_;
  const Time now_;
  const ServiceState service_;
  const Account account_;
  const MilterPlace place_;
  std::optional<HostState> state_;
  std::optional<Time> mail_;  ///< When the MTA has last handled mail.
  std::string made_file_;     ///< maillog_file of a Postfix that makes it for root alone.
  DaemonFacts facts_;
  Findings findings_;
};

}  // namespace

Findings examine(const Config& config, const ExaminationOptions& options, Time now) {
  return Examining(config, options, now).run();
}

Findings examine_without_configuration(const std::string& error) {
  DaemonFacts facts;
  facts.service = service_state();
  facts.configuration = error;
  auto findings = daemon_findings(facts);
  sort_by_level(findings);
  return findings;
}

}  // namespace suppressd
