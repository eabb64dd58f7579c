#include "usage.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "suppressd/base/text.h"
#include "suppressd/config/nearest.h"

namespace suppressd::ctl {
namespace {

std::string unset(const std::string& option, const std::string& what) {
  return option + ": " + what + " (is a shell variable not set?)";
}

/// The last command that was named, or `app` itself.
const CLI::App& innermost(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : innermost(*commands.front());
}

/// `suppressctl exempt add`
std::string path_of(const CLI::App& app) {
  return (app.get_parent() ? path_of(*app.get_parent()) + " " : "") + app.get_name();
}

bool is_option(std::string_view argument) {
  const auto dashes = argument.find_first_not_of('-');
  return dashes == 1 || dashes == 2;
}

/// The name by which the option was given.
std::string name_of(const CLI::Option& option, const std::vector<std::string>& arguments) {
  for (const auto& name : option.get_lnames()) {
    if (std::ranges::find(arguments, "--" + name) != arguments.end()) return "--" + name;
  }
  return option.get_name();
}

/// The names of all options that are allowed here, without their dashes.
std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app; app = app->get_parent()) {
    for (const auto* option : app->get_options())
      names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  return names;
}

bool is_option_of(const CLI::App& command, std::string_view argument) {
  return argument.starts_with("--") && std::ranges::count(options_of(command), argument.substr(2)) > 0;
}

std::optional<std::string> missing_value_of(const CLI::Option& option, const CLI::App& command,
                                            const std::vector<std::string>& arguments) {
  const bool may_be_empty = option.get_delimiter() != '\0';
  for (const auto& value : option.results()) {
    if (trim(value).empty() && !may_be_empty) return unset(name_of(option, arguments), "the value is empty");
    const bool swallowed = option.nonpositional() && is_option_of(innermost(command), value);
    if (swallowed) return unset(name_of(option, arguments), "no value before " + value);
  }
  return std::nullopt;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::string unexpected_arguments(const std::vector<std::string>& arguments) {
  std::string text = arguments.size() == 1 ? "unexpected argument" : "unexpected arguments";
  for (const auto& argument : arguments) text += " " + argument;
  return text;
}

/// CLI11 says `--since: 1 required TIME missing`.
std::string what_of(const CLI::ParseError& error) {
  const std::string what = error.what();
  return what.ends_with(" missing") ? unset(what.substr(0, what.find(':')), "the value is missing") : what;
}

std::string what_is_wrong(const CLI::App& app, const CLI::App& command, const CLI::ParseError& error) {
  auto unexpected = app.remaining(true);
  std::erase(unexpected, "--");
  const auto option = std::ranges::find_if(unexpected, is_option);
  if (command.get_require_subcommand_min() > 0 && unexpected.empty())
    return (command.get_parent() ? command.get_name() + ": " : "") + "the command is missing";
  if (const auto commands = commands_of(command);
      !commands.empty() && !unexpected.empty() && option != unexpected.begin())
    return "unknown command " + did_you_mean("", unexpected.front(), commands);
  if (option != unexpected.end()) {
    const auto dashes = option->find_first_not_of('-');
    const auto name = option->substr(dashes, option->find('=') - dashes);
    return "unknown option " + did_you_mean(option->substr(0, dashes), name, options_of(command));
  }
  return unexpected.empty() ? what_of(error) : unexpected_arguments(unexpected);
}

}  // namespace

std::vector<std::string> arguments_of(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool options = true;
  for (int number = 1; number < argc; ++number) {
    std::string argument = argv[number];
    options = options && argument != "--";
    const bool without_value =
        options && argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    if (without_value) argument.pop_back();
    arguments.push_back(std::move(argument));
    if (without_value) arguments.emplace_back();
  }
  return arguments;
}

std::optional<std::string> missing_value(const CLI::App& app, const std::vector<std::string>& arguments) {
  for (const auto* option : app.get_options()) {
    if (auto missing = missing_value_of(*option, app, arguments)) return missing;
  }
  for (const auto* command : app.get_subcommands()) {
    if (auto missing = missing_value(*command, arguments)) return missing;
  }
  return std::nullopt;
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto& command = innermost(app);
  return what_is_wrong(app, command, error) + " (see " + path_of(command) + " --help)";
}

CLI::Validator positive_number(const std::string& what) {
  return {[what](const std::string& text) -> std::string {
            std::int64_t number = 0;
            const auto* const end = text.data() + text.size();
            const auto read = std::from_chars(text.data(), end, number);
            if (read.ec == std::errc() && read.ptr == end && number > 0) return {};
            return "\"" + text + "\" is not " + what + ", a positive whole number";
          },
          ""};
}

}  // namespace suppressd::ctl
