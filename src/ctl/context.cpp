#include "context.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "suppressd/base/text.h"
#include "suppressd/config/rules_file.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kLongestName = 100;

}  // namespace

std::string caller_name() {
  const char* sudo_user = std::getenv("SUDO_USER");
  if (geteuid() == 0 && sudo_user && *sudo_user) return clean(sudo_user, kLongestName);
  const uid_t user = getuid();
  if (const passwd* entry = getpwuid(user)) return clean(entry->pw_name, kLongestName);
  return "uid " + std::to_string(user);
}

Context::Context(Config config, bool json)
    : config_(std::move(config)), output_(json), now_(wall_clock()), caller_(caller_name()) {}

Result<Context> Context::make(const Settings& settings) {
  Config config;
  const bool named = !settings.config_path.empty();
  if (auto read = read_config_file(named ? settings.config_path : kDefaultConfig, named, config); !read)
    return read.error();
  if (auto read = read_config_environment(config); !read) return read.error();
  for (const auto& [key, values] : settings.configuration) {
    if (auto set = set_config_value(config, key, values); !set) return set.error();
  }
  if (!settings.database_path.empty()) config.database_path = settings.database_path;
  return Context(std::move(config), settings.json);
}

Result<Ruleset> Context::rules() const {
  return load_rules(config_.rules_files, config_.learn.actions);
}

bool Context::database_exists() const {
  return access(config_.database_path.c_str(), F_OK) == 0;
}

Status Context::require_database() const {
  if (database_exists() || errno != ENOENT) return {};
  return Error{
      "there is no database " + config_.database_path +
      " (name another with --db; the daemon, or the first `suppressctl add` or `replay`, creates one)"};
}

Result<Reader> Context::open_for_reading() const {
  if (auto there = require_database(); !there) return there.error();
  return Reader::open(config_.database_path);
}

Result<Admin> Context::open_for_backup() const {
  if (auto there = require_database(); !there) return there.error();
  return Admin::open(config_.database_path);
}

Result<Ledger> Context::open_for_changes() const {
  if (!database_exists() && errno == ENOENT) {
    return Error{"there is no database " + config_.database_path + " (name another with --db)"};
  }
  return Ledger::open(config_.database_path, Ledger::Mode::write, Ledger::Durability::by_hand);
}

Result<Ledger> Context::open_or_create(Ledger::Durability durability) const {
  return Ledger::open(config_.database_path, Ledger::Mode::create, durability);
}

void Context::warn(const std::string& message) const {
  std::fprintf(stderr, "suppressctl: %s\n", clean(message).c_str());
}

}  // namespace suppressd::ctl
