#include "suppressd/ctl/context.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "suppressd/base/text.h"
#include "suppressd/config/rules_file.h"

namespace suppressd::ctl {
namespace {

constexpr mode_t kDatabaseMode = 0640;
constexpr std::size_t kLongestName = 100;

/// Creates an empty file, which SQLite treats as a new database, so that owner and mode are right before
/// anything is in it.
Status create_empty(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  struct stat owner {};
  if (stat(folder.c_str(), &owner) != 0) {
    return Error{"cannot create " + path + ": " + folder.string() + ": " + std::strerror(errno) +
                 " (create the folder, or name another file with --db)"};
  }
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kDatabaseMode);
  if (file < 0) {
    if (errno == EEXIST) return {};
    return Error{"cannot create " + path + ": " + std::strerror(errno)};
  }
  const uid_t user = geteuid() == 0 ? owner.st_uid : static_cast<uid_t>(-1);
  const bool owned = fchown(file, user, owner.st_gid) == 0 ||
                     geteuid() != 0;  // without privileges, our own group must suffice
  const int problem = errno;
  const bool moded = fchmod(file, kDatabaseMode) == 0;
  close(file);
  if (!owned || !moded) {
    unlink(path.c_str());
    return Error{"cannot give " + path + " the owner of its folder: " + std::strerror(problem)};
  }
  return {};
}

}  // namespace

std::string caller_name() {
  const char* sudo_user = std::getenv("SUDO_USER");
  if (geteuid() == 0 && sudo_user && *sudo_user) return clean(sudo_user, kLongestName);
  const uid_t user = getuid();
  if (const passwd* entry = getpwuid(user)) return clean(entry->pw_name, kLongestName);
  return "uid " + std::to_string(user);
}

Context::Context(Config config, bool json)
    : config_(std::move(config)),
      output_(json),
      now_(std::chrono::floor<Duration>(std::chrono::system_clock::now())),
      caller_(caller_name()) {}

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

Result<Database> Context::open_for_reading() const {
  if (!database_exists() && errno == ENOENT) {
    return Error{
        "there is no database " + config_.database_path +
        " (name another with --db; the daemon, or the first `suppressctl add` or `replay`, creates one)"};
  }
  return Database::open(config_.database_path, Database::Mode::read_only);
}

Result<Database> Context::open_for_changes() const {
  if (!database_exists() && errno == ENOENT) {
    return Error{"there is no database " + config_.database_path + " (name another with --db)"};
  }
  return Database::open(config_.database_path, Database::Mode::read_write);
}

Result<Database> Context::open_or_create() const {
  if (!database_exists() && errno == ENOENT) {
    if (auto created = create_empty(config_.database_path); !created) return created.error();
  }
  return Database::open(config_.database_path, Database::Mode::create);
}

void Context::warn(const std::string& message) const {
  std::fprintf(stderr, "suppressctl: %s\n", clean(message).c_str());
}

}  // namespace suppressd::ctl
