// The configuration: one table of keys, read from TOML, the environment and the command line.
//
// Every key is a line in conf/suppressd.conf, a long option (`--soft.threshold 5`) and an environment
// variable (`SUPPRESSD_SOFT_THRESHOLD`). The command line overrides the environment, the environment
// overrides the file, and the file overrides the default.
//
// Errors name file, line and key, say what is expected, and leave the Config unchanged. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/warm_up.h"
#include "suppressd/learn/settings.h"
#include "suppressd/milter/filter.h"
#include "suppressd/milter/gatekeeper.h"
#include "suppressd/mta/dialect.h"
#include "suppressd/source/source.h"
#include "suppressd/store/retention.h"

namespace suppressd {

inline constexpr const char* kDefaultConfig = "/etc/suppressd/suppressd.conf";
inline constexpr const char* kDefaultDatabase = "/var/lib/suppressd/suppressd.db";

struct Config {
  std::string database_path = kDefaultDatabase;  // database.path
  RetentionSettings
      retention;  // database.keep_refusals, .keep_evidence, recipient.keep; deliveries: report.window
  FilterSettings milter{.socket = "fd:3"};   // milter.socket, milter.socket_mode, milter.socket_group
  GatekeeperSettings gatekeeper;             // milter.mode, milter.on_error, milter.bypass_*
  std::vector<std::string> inbound_daemons;  // milter.inbound_daemons
  TagSources tags;                           // tags.*
  WarmUpSettings warm_up;                    // warm_up.*
  bool trace_enabled = true;                 // trace.enabled
  std::string trace_key_file;                // trace.key_file; empty: beside the database
  std::vector<std::string> source_files;     // source.files
  std::string source_journal = "auto";       // source.journal: auto, yes (true), no (false), or a directory
  std::vector<std::string> source_units = units_of_dialects();  // source.units
  StartAt source_start = StartAt::end;                          // source.start
  LearnSettings learn;                   // source.timezone, mta.*, hard.*, soft.*, report.*, [action]
  std::vector<std::string> rules_files;  // rules.files
  std::string log_level = "info";        // log.level
};

/// What a key takes in TOML.
enum class ConfigType {
  text,
  number,
  fraction,      ///< A number, with or without a fraction.
  flag_or_text,  ///< `true`, `false`, or a string.
};

/// One key of the table: its name, what it takes, and how it is set.
struct ConfigKey {
  std::string name;   ///< `soft.threshold`
  std::string takes;  ///< `a whole number from 1 to 100`
  std::string help;   ///< One line.
  bool list = false;  ///< Takes several values (TOML array; comma-separated elsewhere).
  ConfigType type = ConfigType::text;
  std::function<Status(Config&, const std::vector<std::string>&)>
      set;  ///< One value, unless `list`. After an error Config is as before.
};
const std::vector<ConfigKey>& config_keys();

/// `SUPPRESSD_SOFT_THRESHOLD`
std::string environment_name(const std::string& key);

/// Reads a TOML text on top of `config`. Unknown keys and bad values: `NAME:LINE: ...`; if there are several
/// errors, the first one, with the lines of the others.
Status read_config_text(std::string_view text, const std::string& name, Config& config);
/// `required` false: a missing file is fine.
Status read_config_file(const std::string& path, bool required, Config& config);
/// A variable that begins like a key's, `SUPPRESSD_SOFT_...`, but is not one is an error; other
/// `SUPPRESSD_...` variables are not ours.
Status read_config_environment(Config& config);
/// `values` are already separate; a single empty one is the empty list.
Status set_config_value(Config& config, const std::string& key, const std::vector<std::string>& values);

/// What no single key can tell: is there anything to read, do the values fit together? For the daemon;
/// suppressctl needs less.
Status check_config(const Config& config);

}  // namespace suppressd
