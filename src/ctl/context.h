// What every command needs: the configuration, the database, the output, the time, and the caller.
//
// Made once per run, used by one thread. The database is opened only by the commands that need it. Errors
// name the file and say what is expected.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"
#include "suppressd/config/config.h"
#include "suppressd/core/rules.h"
#include "suppressd/store/admin.h"
#include "suppressd/store/ledger.h"
#include "suppressd/store/reader.h"

#include "output.h"

namespace suppressd::ctl {

/// The options that all commands have in common.
struct Settings {
  std::string config_path;    ///< `--config`; empty: the default file, which may be missing.
  std::string database_path;  ///< `--db`; empty: as configured.
  bool json = false;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      configuration;  ///< `--soft.threshold 5` and the like.
};

class Context {
 public:
  /// Reads configuration file, environment and command line, in this order.
  static Result<Context> make(const Settings& settings);

  const Config& config() const { return config_; }
  Output& out() { return output_; }
  Time now() const { return now_; }
  const std::string& caller() const { return caller_; }

  Result<Ruleset> rules() const;

  /// For questions. Error if the file is missing.
  Result<Reader> open_for_reading() const;
  /// For a copy. Error if the file is missing.
  Result<Admin> open_for_backup() const;
  /// For changes by hand: every commit reaches the disk. Error if the file is missing.
  Result<Ledger> open_for_changes() const;
  /// Makes a missing file.
  Result<Ledger> open_or_create(Ledger::Durability durability) const;
  bool database_exists() const;

  /// For what the user should know besides the output: standard error.
  void warn(const std::string& message) const;

 private:
  Context(Config config, bool json);
  Status require_database() const;

  Config config_;
  Output output_;
  Time now_;
  std::string caller_;
};

/// The name for the audit: who called sudo, else the owner of this process.
std::string caller_name();

}  // namespace suppressd::ctl
