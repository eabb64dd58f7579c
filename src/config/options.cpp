#include "suppressd/config/options.h"

#include <sysexits.h>

#include <iostream>

#include <CLI/CLI.hpp>

#include "suppressd/config/nearest.h"
#include "suppressd/config/version.h"

namespace suppressd {
namespace {

/// An unknown option gets a hint; else what CLI11 says.
std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error) {
  for (const auto& argument : app.remaining()) {
    if (!argument.starts_with("--") || argument.size() == 2) continue;
    const auto given = argument.substr(2, argument.find('=') - 2);
    std::vector<std::string> names;
    for (const auto* option : app.get_options())
      names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
    return "unknown option " + did_you_mean("--", given, names);
  }
  return error.what();
}

}  // namespace

std::variant<Options, int> parse_options(int argc, char** argv) {
  Options options;
  CLI::App app{"suppressd: refuses suppressed recipients, and learns from the mail log which to suppress"};
  app.footer(
      "Every key of suppressd.conf(5) is also an option, such as --soft.threshold 5. To query and "
      "change the list, use suppressctl(1).");
  app.set_version_flag("--version", std::string{"suppressd "} + kVersion);
  app.add_option("-c,--config", options.config_file,
                 "configuration file (default: " + std::string{kDefaultConfig} + ", if it exists)");
  app.add_flag("--check-config", options.check_config,
               "check the configuration and whether the logs can be read, and exit");
  app.add_flag("--check-reload", options.check_reload,
               "check whether a reload would accept the configuration, and exit");
  std::map<std::string, std::vector<std::string>> given;
  for (const auto& key : config_keys()) {
    auto* option = app.add_option("--" + key.name, given[key.name], key.help)
                       ->group("Configuration")
                       ->allow_extra_args(false);
    if (key.list) option->delimiter(',');
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "suppressd: " << what_is_wrong(app, error) << " (see suppressd --help)\n";
    return EX_USAGE;
  }
  for (const auto& key : config_keys())
    if (app.count("--" + key.name) > 0) options.keys.emplace_back(key.name, given[key.name]);
  return options;
}

Result<Config> load_config(const Options& options) {
  Config config;
  const bool named = !options.config_file.empty();
  if (auto read = read_config_file(named ? options.config_file : kDefaultConfig, named, config); !read)
    return read.error();
  if (auto read = read_config_environment(config); !read) return read.error();
  for (const auto& [key, values] : options.keys)
    if (auto set = set_config_value(config, key, values); !set) return set.error();
  if (auto checked = check_config(config); !checked) return checked.error();
  return config;
}

}  // namespace suppressd
