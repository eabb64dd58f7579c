#include "program.h"

#include <cstdio>
#include <exception>

#include "suppressd/base/text.h"
#include "suppressd/config/config.h"
#include "suppressd/config/version.h"

#include "usage.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kLongestMessage = 4000;

int fail(const std::string& message) {
  std::fprintf(stderr, "suppressctl: %s\n", clean(message, kLongestMessage).c_str());
  return kFailure;
}

void print_configuration_keys() {
  for (const auto& key : config_keys()) {
    std::printf("--%s\n    takes %s\n    %s\n", key.name.c_str(), key.takes.c_str(), key.help.c_str());
  }
}

}  // namespace

Program::Program() : app_("Queries and changes suppressd's suppression list.", "suppressctl") {
  app_.fallthrough();
  app_.require_subcommand(1);
  app_.get_formatter()->column_width(36);
  app_.set_version_flag("--version", std::string("suppressctl ") + kVersion);
  app_.set_help_all_flag("--help-all", "Print the help of all commands");
  app_.add_option("--config", settings_.config_path,
                  std::string("Configuration file (default ") + kDefaultConfig + ")")
      ->type_name("FILE");
  app_.add_option("--db", settings_.database_path, "Database (default: database.path of the configuration)")
      ->type_name("FILE");
  app_.add_flag("--json", settings_.json, "Print one JSON object per line");
  app_.add_flag_callback(
      "--help-keys",
      [] {
        print_configuration_keys();
        throw CLI::Success();
      },
      "Print the configuration keys, each of which is also an option");
  app_.footer(
      "Exit status: 0 success; 1 \"no\" or \"suppressed\"; 2 an error. Times without a zone are UTC.");
  add_configuration_keys();
}

void Program::add_configuration_keys() {
  for (const auto& key : config_keys()) {
    const auto take = [this, name = key.name, list = key.list](const std::vector<std::string>& values) {
      const bool empty_list = list && values == std::vector<std::string>{""};
      settings_.configuration.emplace_back(name, empty_list ? std::vector<std::string>{} : values);
    };
    auto* option = app_.add_option_function<std::vector<std::string>>("--" + key.name, take, key.help);
    option->group("")->allow_extra_args(false);
    if (key.list)
      option->delimiter(',');
    else
      option->take_last();
  }
}

CLI::App* Program::add(const std::string& name, const std::string& help, Run run) {
  return add(&app_, name, help, std::move(run));
}

CLI::App* Program::add_group(const std::string& name, const std::string& help) {
  auto* group = app_.add_subcommand(name, help);
  group->require_subcommand(1);
  return group;
}

CLI::App* Program::add(CLI::App* group, const std::string& name, const std::string& help, Run run) {
  auto* command = group->add_subcommand(name, help);
  command->final_callback([this, command, run = std::move(run)] {
    if (command->get_subcommands().empty()) chosen_ = run;
  });
  return command;
}

void Program::on_bad_configuration(CLI::App* command, std::function<int(Output&, const Error&)> run) {
  without_configuration_[command] = std::move(run);
}

int Program::run_without_configuration(const Error& error) const {
  const auto commands = app_.get_subcommands();
  const auto found =
      commands.empty() ? without_configuration_.end() : without_configuration_.find(commands.front());
  if (found == without_configuration_.end()) return fail(error.message);
  Output output(settings_.json);
  const int status = found->second(output, error);
  const auto printed = output.finish();
  return printed ? status : fail(printed.error().message);
}

int Program::run(int argc, const char* const* argv) {
  const auto arguments = arguments_of(argc, argv);
  try {
    app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
      app_.exit(error);
      return kSuccess;
    }
    return fail(missing_value(app_, arguments).value_or(usage_error(app_, error)));
  }
  if (const auto missing = missing_value(app_, arguments)) return fail(*missing);
  try {
    auto context = Context::make(settings_);
    if (!context) return run_without_configuration(context.error());
    const auto status = chosen_(*context);
    const auto printed = context->out().finish();
    if (!status) return fail(status.error().message);
    if (!printed) return fail(printed.error().message);
    return *status;
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}

}  // namespace suppressd::ctl
