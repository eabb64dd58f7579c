#include "suppressd/daemon/service.h"

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <memory>
#include <thread>
#include <tuple>

#include <spdlog/spdlog.h>

#include "suppressd/daemon/learning_loop.h"
#include "suppressd/daemon/logging.h"
#include "suppressd/daemon/rules_file.h"
#include "suppressd/daemon/service_manager.h"
#include "suppressd/daemon/trace_file.h"
#include "suppressd/daemon/version.h"
#include "suppressd/milter/filter.h"
#include "suppressd/store/database.h"
#include "suppressd/store/verdict_reader.h"

namespace suppressd {
namespace {

// TERM, INT and HUP are taken by libmilter's own thread, USR1 by ours: every thread that we start must leave all four alone.
void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void report(Severity severity, const std::string& text) {
  switch (severity) {
    case Severity::info:
      spdlog::info(text);
      break;
    case Severity::warning:
      spdlog::warn(text);
      break;
    case Severity::error:
      spdlog::error(text);
      break;
  }
}

int cannot_start(int status, const std::string& why) {
  spdlog::critical("cannot start: {}", why);
  return status;
}

// Takes SIGUSR1 for as long as it lives.
class ReloadThread {
 public:
  explicit ReloadThread(std::function<void()> reload) : thread_([this, reload = std::move(reload)] { wait(reload); }) {}
  ~ReloadThread() {
    stopping_ = true;
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }
  ReloadThread(const ReloadThread&) = delete;
  ReloadThread& operator=(const ReloadThread&) = delete;

 private:
  void wait(const std::function<void()>& reload) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    for (;;) {
      int signal = 0;
      if (sigwait(&signals, &signal) != 0) continue;
      if (stopping_) return;
      reload();
    }
  }

  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// What a reload cannot change, because it is open.
bool needs_restart(const Config& before, const Config& after) {
  const auto opened = [](const Config& config) {
    return std::tie(config.database_path, config.milter.socket, config.milter.socket_mode, config.milter.socket_group, config.source_files,
                    config.source_journal, config.source_units, config.source_timezone);
  };
  return opened(before) != opened(after);
}

Time wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// All that is made anew from a configuration, at the start and at a reload; the first mistake as an Error.
struct Parts {
  Judges judges;
  SessionRules sessions;
};

Result<Parts> make_parts(const Config& config, Lookup& lookup) {
  auto rules = load_rules(config.rules_files, config.actions);
  if (!rules) return rules.error();
  auto gatekeeper = Gatekeeper::make(config.gatekeeper, lookup);
  if (!gatekeeper) return gatekeeper.error();
  TraceKeys keys;
  if (config.trace_enabled || !config.inbound_daemons.empty()) {
    auto loaded = load_or_make_trace_keys(trace_file_of(config), wall_clock());
    if (!loaded) return loaded.error();
    keys = std::move(*loaded);
  }
  Parts parts;
  parts.judges.rules = std::make_shared<const Ruleset>(std::move(*rules));
  parts.judges.trace_keys = std::make_shared<const TraceKeys>(std::move(keys));
  parts.sessions.gatekeeper = std::move(*gatekeeper);
  if (config.trace_enabled) parts.sessions.trace_keys = parts.judges.trace_keys;
  parts.sessions.inbound_daemons = config.inbound_daemons;
  return parts;
}

void reload(const Options& options, const Config& running, Lookup& lookup, Filter& filter, LearningLoop& loop) {
  service_manager::reloading();
  const auto config = load_config(options);
  if (!config) {
    spdlog::error("reload: {}; the old configuration stays in force", config.error().message);
  } else if (auto parts = make_parts(*config, lookup); !parts) {
    spdlog::error("reload: {}; the old rules and configuration stay in force", parts.error().message);
  } else {
    if (needs_restart(running, *config))
      spdlog::warn("reload: database.path, milter.socket and source.* are taken at the next restart only");
    if (auto logging = set_up_logging(config->log_level); !logging) spdlog::warn("reload: {}", logging.error().message);
    filter.use(std::move(parts->sessions));
    loop.use(*config, std::move(parts->judges));
    spdlog::info("reload: the new configuration is in force");
  }
  service_manager::ready("serving");
}

}  // namespace

int check(const Config& config) {
  std::string wrong;
  VerdictReader lookup{config.database_path};
  if (const auto rules = load_rules(config.rules_files, config.actions); !rules) {
    wrong = rules.error().message;
  } else if (const auto gatekeeper = Gatekeeper::make(config.gatekeeper, lookup); !gatekeeper) {
    wrong = gatekeeper.error().message;
  } else if (const auto sources = make_sources(config); !sources) {
    wrong = sources.error().message;
  } else if (const auto path = trace_file_of(config); config.trace_enabled && access(path.c_str(), F_OK) == 0) {
    if (const auto keys = load_trace_keys(path); !keys) wrong = keys.error().message;
  }
  if (wrong.empty()) {
    std::cout << "suppressd: the configuration is fine\n";
    return EX_OK;
  }
  std::cerr << "suppressd: " << wrong << '\n';
  return EX_CONFIG;
}

int serve(const Options& options, const Config& config) {
  if (auto logging = set_up_logging(config.log_level); !logging) return cannot_start(EX_CONFIG, logging.error().message);
  if (geteuid() == 0) {
    return cannot_start(
        EX_NOPERM,
        "it must not run as root: use the service unit, or `setpriv --reuid suppressd --regid suppressd --init-groups suppressd`");
  }
  block_signals();

  VerdictReader lookup{config.database_path};
  auto database = Database::open(config.database_path, Database::Mode::create);
  if (!database) return cannot_start(EX_UNAVAILABLE, database.error().message);
  if (auto opened = lookup.probe(); !opened) return cannot_start(EX_UNAVAILABLE, opened.error().message);
  auto parts = make_parts(config, lookup);
  if (!parts) return cannot_start(EX_CONFIG, parts.error().message);
  auto sources = make_sources(config);
  if (!sources) return cannot_start(EX_CONFIG, sources.error().message);
  auto loop = LearningLoop::open(config, std::move(parts->judges), std::move(*database), std::move(*sources));
  if (!loop) return cannot_start(EX_UNAVAILABLE, loop.error().message);
  auto filter = Filter::open(config.milter, std::move(parts->sessions), (*loop)->refusals(), (*loop)->mails(), report);
  if (!filter) return cannot_start(EX_UNAVAILABLE, filter.error().message);

  std::thread learning{[&] { (*loop)->run(); }};
  Status served;
  {
    const ReloadThread reloading{[&] { reload(options, config, lookup, **filter, **loop); }};
    spdlog::info("suppressd {} serves on {}, mode {}, database {}", kVersion, config.milter.socket,
                 config.gatekeeper.mode == Mode::enforce ? "enforce" : "monitor", config.database_path);
    service_manager::ready("serving");
    served = (*filter)->run();
    service_manager::stopping();
  }
  (*loop)->stop();
  learning.join();
  if (!served) return cannot_start(EX_UNAVAILABLE, served.error().message);
  spdlog::info("stopped");
  return EX_OK;
}

}  // namespace suppressd
