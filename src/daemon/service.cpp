#include "service.h"

#include <sysexits.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <thread>
#include <tuple>

#include <spdlog/spdlog.h>

#include "suppressd/config/rules_file.h"
#include "suppressd/config/trace_file.h"
#include "suppressd/config/version.h"
#include "suppressd/milter/filter.h"
#include "suppressd/milter/socket.h"
#include "suppressd/store/absence_filter.h"
#include "suppressd/store/database_gate.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/verdict_reader.h"

#include "health.h"
#include "learning_loop.h"
#include "logging.h"
#include "service_manager.h"
#include "signals.h"

namespace suppressd {
namespace {

constexpr std::chrono::seconds kOpenPatience{
    10};  // for the logs, while mail is filtered; less than the unit's TimeoutStartSec
constexpr std::chrono::seconds kStopPatience{8};  // for libmilter; a good part of the unit's TimeoutStopSec

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

// libmilter's loop in a thread of its own, because its stop cannot be relied on: one of its workers may end
// with the lock held that all others and the listener wait for (8.17.1, seen under load).
class Serving {
 public:
  explicit Serving(Filter& filter)
      : filter_(filter), thread_([this] {
          served_.set_value(filter_.run());
          signals::ask_to_stop();  // It may have ended by itself.
        }) {}

  /// False: libmilter hangs, and with it this object, which must not be destroyed then.
  bool stop() {
    if (has_ended_within(std::chrono::seconds{0})) return true;
    stopper_ = std::thread([this] { cut_off_ = filter_.stop(); });
    return has_ended_within(kStopPatience);
  }

  /// Sessions that did not end in time; after finish().
  std::size_t cut_off() const { return cut_off_; }

  Status finish() {
    thread_.join();
    if (stopper_.joinable()) stopper_.join();
    return result_.get();
  }

 private:
  bool has_ended_within(std::chrono::seconds patience) const {
    return result_.wait_for(patience) == std::future_status::ready;
  }

  Filter& filter_;
  std::atomic<std::size_t> cut_off_{0};
  std::promise<Status> served_;
  std::future<Status> result_ = served_.get_future();
  std::thread stopper_;
  std::thread thread_;
};

// What a reload cannot change, because it is open.
bool needs_restart(const Config& before, const Config& after) {
  const auto opened = [](const Config& config) {
    return std::tie(config.database_path, config.milter.socket, config.milter.socket_mode,
                    config.milter.socket_group, config.source_files, config.source_journal,
                    config.source_units, config.learn.timezone);
  };
  return opened(before) != opened(after);
}

bool needs_trace_keys(const Config& config) {
  return config.trace_enabled || !config.inbound_daemons.empty();
}

// Everything that is built from a configuration, at the start and at a reload; the first error as an Error.
struct Parts {
  Judges judges;
  SessionRules sessions;
};

Result<Parts> make_parts(const Config& config, Lookup& lookup) {
  auto rules = load_rules(config.rules_files, config.learn.actions);
  if (!rules) return rules.error();
  auto gatekeeper = Gatekeeper::make(config.gatekeeper, lookup);
  if (!gatekeeper) return gatekeeper.error();
  TraceKeys keys;
  if (needs_trace_keys(config)) {
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
  parts.sessions.tags = config.tags;
  return parts;
}

/// What sessions ask about breakers and the warm-up. It stays over a reload.
struct PauseSources {
  VerdictReader& reader;
  WarmUpDay warm_up_day = {};
};

std::shared_ptr<const BreakerRules> breaker_rules(const Config& config, PauseSources& sources,
                                                  LearningLoop& loop) {
  if (!config.learn.breaker.on() && !config.warm_up.on()) return nullptr;
  return std::make_shared<const BreakerRules>(BreakerRules{config.learn.breaker, config.tags, sources.reader,
                                                           loop.tests(), config.warm_up, &sources.reader,
                                                           &sources.warm_up_day});
}

void reload(const Options& options, const Config& running, Lookup& lookup, PauseSources& pauses,
            Filter& filter, LearningLoop& loop) {
  service_manager::reloading();
  const auto config = load_config(options);
  if (!config) {
    spdlog::error("reload: {}; the old configuration stays in force", config.error().message);
  } else if (auto parts = make_parts(*config, lookup); !parts) {
    spdlog::error("reload: {}; the old rules and configuration stay in force", parts.error().message);
  } else {
    if (needs_restart(running, *config))
      spdlog::warn("reload: database.path, milter.socket and source.* take effect only at the next restart");
    if (auto logging = set_up_logging(config->log_level); !logging)
      spdlog::warn("reload: {}", logging.error().message);
    parts->sessions.breaker = breaker_rules(*config, pauses, loop);
    filter.use(std::move(parts->sessions));
    loop.use(*config, std::move(parts->judges));
    spdlog::info("reload: the new configuration is in force");
  }
  service_manager::ready();
}

// What make_parts() needs, without building anything.
Status check_parts(const Config& config) {
  VerdictReader lookup{config.database_path};
  if (const auto rules = load_rules(config.rules_files, config.learn.actions); !rules) return rules.error();
  if (const auto gatekeeper = Gatekeeper::make(config.gatekeeper, lookup); !gatekeeper)
    return gatekeeper.error();
  if (!needs_trace_keys(config)) return {};
  return check_trace_keys(trace_file_of(config));
}

// Whether this process fits the configuration: its user, and the sockets that it was given.
Status check_process(const Config& config) {
  if (geteuid() != 0) return check_socket_here(config.milter.socket);
  return Error{
      "it must not run as root: use the service unit, or `setpriv --reuid suppressd --regid suppressd "
      "--init-groups suppressd`"};
}

}  // namespace

int check(const Config& config, bool with_logs) {
  Status fine = check_parts(config);
  if (fine && with_logs) fine = check_logs(config);
  if (fine) {
    std::cout << "suppressd: the configuration is valid\n";
    return EX_OK;
  }
  std::cerr << "suppressd: " << fine.error().message << '\n';
  return EX_CONFIG;
}

Status can_start(const Config& config) {
  if (Status fits = check_process(config); !fits) return fits;
  return check_parts(config);
}

int serve(const Options& options, const Config& config) {
  if (auto logging = set_up_logging(config.log_level); !logging)
    return cannot_start(EX_CONFIG, logging.error().message);
  if (auto fits = check_process(config); !fits) return cannot_start(EX_CONFIG, fits.error().message);

  const auto gate = std::make_shared<DatabaseGate>(config.database_path);
  auto ledger = Ledger::open(gate, Ledger::Mode::create, Ledger::Durability::learning);
  if (!ledger) return cannot_start(EX_UNAVAILABLE, ledger.error().message);
  VerdictReader reader{gate};
  if (auto opened = reader.probe(); !opened) return cannot_start(EX_UNAVAILABLE, opened.error().message);
  AbsenceFilter lookup{reader, gate};
  ledger->tell(lookup);
  auto parts = make_parts(config, lookup);
  if (!parts) return cannot_start(EX_CONFIG, parts.error().message);
  LearningLoop loop{config, std::move(parts->judges), std::move(*ledger), &reader};
  PauseSources pauses{reader};
  parts->sessions.breaker = breaker_rules(config, pauses, loop);
  auto filter = Filter::open(config.milter, std::move(parts->sessions), loop.refusals(), loop.mails(),
                             loop.probes(), loop.tags(), report);
  if (!filter) return cannot_start(EX_UNAVAILABLE, filter.error().message);

  Serving serving{**filter};
  std::thread learning{[&] { loop.run(); }};
  const std::string logs = loop.logs_within(kOpenPatience).value_or("being opened");
  spdlog::info("suppressd {} serves on {}, mode {}, database {}, log: {}", kVersion,
               place_of(config.milter.socket),
               config.gatekeeper.mode == Mode::enforce ? "enforce" : "monitor", config.database_path, logs);
  service_manager::ready();
  while (signals::next() == signals::Wish::reload) reload(options, config, lookup, pauses, **filter, loop);

  service_manager::stopping();
  const bool ended = serving.stop();
  loop.stop();
  learning.join();
  if (!ended) {
    spdlog::warn("libmilter did not end its threads: stopped without them");
    spdlog::shutdown();
    std::_Exit(EX_OK);
  }
  const Status served = serving.finish();
  if (!served) return cannot_start(EX_UNAVAILABLE, served.error().message);
  spdlog::info("stopped; {} sessions were cut off, because they did not end in time", serving.cut_off());
  return EX_OK;
}

}  // namespace suppressd
