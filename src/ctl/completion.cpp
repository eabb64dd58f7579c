#include <algorithm>
#include <string>
#include <vector>

#include "commands.h"

namespace suppressd::ctl {
namespace {

struct Word {
  std::string text;
  std::string help;
};

/// A command, or the program itself, and what may follow it.
struct Place {
  std::string path;  // "/exempt/add"; "" for the program
  std::vector<Word> words;
};

std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

std::vector<Word> words_after(const CLI::App& app) {
  std::vector<Word> words;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    words.push_back({command->get_name(), command->get_description()});
  for (const CLI::App* at = &app; at; at = at->get_parent()) {
    for (const auto* option : at->get_options()) {
      if (option->get_group().empty()) continue;  // the configuration keys: too many to choose from
      for (const auto& name : option->get_lnames()) {
        const bool told =
            std::ranges::any_of(words, [&](const Word& word) { return word.text == "--" + name; });
        if (!told) words.push_back({"--" + name, option->get_description()});
      }
    }
  }
  return words;
}

void add_places(const CLI::App& app, const std::string& path, std::vector<Place>& places) {
  places.push_back({path, words_after(app)});
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    add_places(*command, path + "/" + command->get_name(), places);
}

/// `separator` between those of the commands.
std::string paths(const std::vector<Place>& places, const std::string& separator) {
  std::string result;
  for (const auto& place : places) {
    if (!place.path.empty()) result += (result.empty() ? "" : separator) + place.path;
  }
  return result;
}

std::string for_bash(const std::vector<Place>& places) {
  std::string text =
      "# Made by `suppressctl completion bash`.\n"
      "_suppressctl() {\n"
      "  local path= words= i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case $path/${COMP_WORDS[i]} in\n"
      "      " +
      paths(places, "|") +
      ") path=$path/${COMP_WORDS[i]} ;;\n"
      "    esac\n"
      "  done\n"
      "  case $path in\n";
  for (const auto& place : places) {
    std::string words;
    for (const auto& word : place.words) words += (words.empty() ? "" : " ") + word.text;
    text += "    " + in_quotes(place.path) + ") words=" + in_quotes(words) + " ;;\n";
  }
  return text +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o default -F _suppressctl suppressctl";  // other words: names of files
}

/// As _describe of zshcompsys(1) takes it.
std::string described(const Word& word) {
  return in_quotes(word.text + ":" + word.help);
}

std::string for_zsh(const std::vector<Place>& places) {
  std::string text =
      "#compdef suppressctl\n"
      "# Made by `suppressctl completion zsh`.\n"
      "local place= word\n"
      "local -a found\n"
      "for word in ${words[2,CURRENT-1]}; do\n"
      "  case $place/$word in\n"
      "    (" +
      paths(places, "|") +
      ") place=$place/$word ;;\n"
      "  esac\n"
      "done\n"
      "case $place in\n";
  for (const auto& place : places) {
    text += "  (" + in_quotes(place.path) + ") found=(";
    for (const auto& word : place.words) text += "\n      " + described(word);
    text += ") ;;\n";
  }
  return text +
         "esac\n"
         "_describe -o suppressctl found || _files";
}

}  // namespace

void add_completion(Program& program) {
  auto* group = program.add_group("completion", "Print what a shell completes the commands and options with");
  using Script = std::string (*)(const std::vector<Place>&);
  const auto add = [&](const std::string& shell, Script script) {
    program.add(group, shell, "For " + shell, [&program, script](Context& context) -> Result<int> {
      std::vector<Place> places;
      add_places(program.app(), "", places);
      context.out().raw(script(places) + "\n");
      return kSuccess;
    });
  };
  add("bash", for_bash);
  add("zsh", for_zsh);
}

}  // namespace suppressd::ctl
