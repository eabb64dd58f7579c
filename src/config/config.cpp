#include "suppressd/config/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include <toml++/toml.h>

#include "suppressd/base/ascii.h"
#include "suppressd/base/file_mode.h"
#include "suppressd/base/text.h"
#include "suppressd/config/nearest.h"
#include "suppressd/report/reader.h"

namespace suppressd {
namespace {

constexpr std::string_view kEnvironmentPrefix = "SUPPRESSD_";
constexpr std::uintmax_t kLargestFile = 1 << 20;

const ConfigKey* find_key(std::string_view name) {
  const auto& keys = config_keys();
  const auto found = std::ranges::find(keys, name, &ConfigKey::name);
  return found == keys.end() ? nullptr : &*found;
}

std::string section_of(std::string_view key) {
  return std::string(key.substr(0, key.find('.')));
}

std::vector<std::string> sections() {
  std::vector<std::string> names;
  for (const auto& key : config_keys()) {
    if (auto section = section_of(key.name); names.empty() || names.back() != section)
      names.push_back(std::move(section));
  }
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// Says that a name is not a key, and which key was probably meant: the same word in another
/// section, or a similar one.
std::string unknown_key(const std::string& name) {
  std::vector<std::string> names;
  std::vector<std::string> of_section;
  const auto word = name.substr(name.rfind('.') + 1);
  std::string meant;
  for (const auto& key : config_keys()) {
    names.push_back(key.name);
    if (section_of(key.name) == section_of(name))
      of_section.push_back(key.name.substr(key.name.find('.') + 1));
    if (key.name.ends_with("." + word)) meant = key.name;
  }
  if (meant.empty()) meant = nearest(name, names);
  const auto start = "unknown key \"" + clean(name, 100) + "\"";
  if (!meant.empty()) return start + " (did you mean \"" + meant + "\"?)";
  if (!of_section.empty()) return start + "; [" + section_of(name) + "] has " + listed(of_section);
  return start + "; the sections are " + listed(sections());
}

std::string unknown_section(const std::string& name) {
  const auto meant = nearest(name, sections());
  return "unknown section [" + clean(name, 100) + "]" +
         (meant.empty() ? "; the sections are " + listed(sections()) : " (did you mean [" + meant + "]?)");
}

/// `KEY: MESSAGE`, unless the message names the key itself.
Error about(const ConfigKey& key, const std::string& message) {
  return {message.starts_with(key.name) ? message : key.name + ": " + message};
}

/// The errors in one text, by line.
class Mistakes {
 public:
  void add(const toml::source_region& where, std::string message) {
    found_.push_back({where.begin.line, where.begin.column, std::move(message)});
  }
  bool empty() const { return found_.empty(); }
  Error error(const std::string& name) {
    std::ranges::sort(found_, {}, [](const Mistake& m) { return std::pair(m.line, m.column); });
    auto text = name + ":" + std::to_string(found_[0].line) + ": " + found_[0].message;
    if (found_.size() > 1) {
      std::vector<std::string> lines;
      for (std::size_t i = 1; i < found_.size(); ++i) lines.push_back(std::to_string(found_[i].line));
      text += " (more errors in line " + listed(lines) + ")";
    }
    return {text};
  }

 private:
  struct Mistake {
    toml::source_index line;
    toml::source_index column;
    std::string message;
  };
  std::vector<Mistake> found_;
};

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a section";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a quoted string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

/// The value as text, if it has the TOML type that the key takes.
bool read_value(const ConfigKey& key, const toml::node& node, std::string& text, Mistakes& mistakes) {
  const bool is_number = key.type == ConfigType::number || key.type == ConfigType::fraction;
  if (const auto* value = node.as_string(); value && !is_number) {
    text = value->get();
    return true;
  }
  if (const auto* value = node.as_integer(); value && key.type == ConfigType::number) {
    text = std::to_string(value->get());
    return true;
  }
  if (key.type == ConfigType::fraction && (node.is_integer() || node.is_floating_point())) {
    std::ostringstream shown;
    shown << *node.value<double>();
    text = shown.str();
    return true;
  }
  if (const auto* value = node.as_boolean(); value && key.type == ConfigType::flag_or_text) {
    text = value->get() ? "true" : "false";
    return true;
  }
  const bool lacks_quotes = key.type == ConfigType::text && !node.is_array() && !node.is_table();
  mistakes.add(node.source(), key.name + " takes " + key.takes + (lacks_quotes ? ", in quotes" : "") +
                                  "; this is " + std::string(kind_of(node)));
  return false;
}

void read_key(const ConfigKey& key, const toml::node& node, Config& config, Mistakes& mistakes) {
  std::vector<std::string> texts;
  if (const auto* array = node.as_array(); array && key.list) {
    for (const auto& element : *array) {
      if (!read_value(key, element, texts.emplace_back(), mistakes)) return;
    }
  } else if (!read_value(key, node, texts.emplace_back(), mistakes)) {
    return;
  }
  if (const auto set = key.set(config, texts); !set)
    mistakes.add(node.source(), about(key, set.error().message).message);
}

void read_table(const toml::table& table, const std::string& prefix, Config& config, Mistakes& mistakes) {
  for (const auto& [word, node] : table) {
    const auto name = prefix + std::string(word.str());
    const auto* inner = node.as_table();
    if (inner != nullptr && prefix.empty() && std::ranges::count(sections(), name) > 0) {
      read_table(*inner, name + ".", config, mistakes);
    } else if (inner != nullptr && prefix.empty()) {
      mistakes.add(word.source(), unknown_section(name));
    } else if (const auto* key = find_key(name)) {
      read_key(*key, node, config, mistakes);
    } else {
      mistakes.add(word.source(), unknown_key(name));
    }
  }
}

Error cannot_read(const std::string& path, const std::string& why) {
  return {"cannot read the configuration " + path + ": " + why};
}

Status set_from_outside(const ConfigKey& key, const std::vector<std::string>& values, Config& config) {
  const bool empty_list = key.list && values.size() == 1 && values[0].empty();
  return key.set(config, empty_list ? std::vector<std::string>{} : values);
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string environment_name(const std::string& key) {
  std::string name(kEnvironmentPrefix);
  for (const char c : key)
    name += c == '.' || c == '-' ? '_' : is_lower(c) ? static_cast<char>(c - ('a' - 'A')) : c;
  return name;
}

Status read_config_text(std::string_view text, const std::string& name, Config& config) {
  Mistakes mistakes;
  Config changed = config;
  try {
    read_table(toml::parse(text, std::string_view(name)), "", changed, mistakes);
  } catch (const toml::parse_error& error) {
    mistakes.add(
        error.source(),
        "this is not valid TOML: " + clean(error.description()) +
            "; write, for example, threshold = 3, retry_window = \"72h\" or files = [\"/var/log/mail.log\"]");
  }
  if (!mistakes.empty()) return mistakes.error(name);
  config = std::move(changed);
  return {};
}

Status read_config_file(const std::string& path, bool required, Config& config) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT && !required) return {};
    return cannot_read(path, std::generic_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) return cannot_read(path, "it is not a file");
  if (auto closed = refuse_world_writable(path, status.st_mode); !closed) return closed.error();
  if (static_cast<std::uintmax_t>(status.st_size) > kLargestFile)
    return cannot_read(path, "it is larger than 1 MiB; is it the right file?");
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot_read(path, std::generic_category().message(errno));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return cannot_read(path, "read error");
  return read_config_text(text, path, config);
}

Status read_config_environment(Config& config) {
  Config changed = config;
  std::vector<std::string> names;
  for (const auto& key : config_keys()) names.push_back(environment_name(key.name));
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const auto equals = variable.find('=');
    if (equals == std::string_view::npos || !variable.starts_with(kEnvironmentPrefix)) continue;
    const std::string name(variable.substr(0, equals));
    const auto value = variable.substr(equals + 1);
    if (const auto found = std::ranges::find(names, name); found != names.end()) {
      const auto& key = config_keys()[static_cast<std::size_t>(found - names.begin())];
      const auto values = key.list ? split_at_commas(value) : std::vector<std::string>{std::string(value)};
      if (const auto set = set_from_outside(key, values, changed); !set)
        return Error{"environment variable " + name + ": " + set.error().message};
      continue;
    }
    const auto is_ours = std::ranges::any_of(
        sections(), [&](const auto& section) { return name.starts_with(environment_name(section) + "_"); });
    if (!is_ours) continue;
    const auto meant = nearest(name, names);
    return Error{"environment variable " + clean(name, 100) + ": unknown key" +
                 (meant.empty() ? "; unset it" : " (did you mean " + meant + "?)")};
  }
  config = std::move(changed);
  return {};
}

Status set_config_value(Config& config, const std::string& key, const std::vector<std::string>& values) {
  const auto* known = find_key(key);
  if (known == nullptr) return Error{unknown_key(key)};
  if (const auto set = set_from_outside(*known, values, config); !set)
    return about(*known, set.error().message);
  return {};
}

Status check_config(const Config& config) {
  if (config.source_files.empty() && config.source_journal == "no") {
    return Error{
        "there is nothing to learn from: source.journal is off and source.files is empty; name the mail log "
        "in source.files, or set source.journal to \"auto\""};
  }
  if (config.learn.policy.stale_after <= config.learn.policy.min_interval) {
    return Error{"soft.stale_after (" + format_duration(config.learn.policy.stale_after) +
                 ") must be longer than soft.min_interval (" +
                 format_duration(config.learn.policy.min_interval) + "), or no streak can ever grow"};
  }
  for (const auto dimension : config.learn.breaker.dimensions) {
    const auto* tag = source_of(config.tags, dimension);
    if (tag == nullptr || tag->from != TagSource::From::nothing) continue;
    const std::string name(name_of(dimension));
    return Error{"breaker.dimensions names " + name + ", but tags." + name +
                 " is empty: say where the tag is read, for example tags." + name + " = \"header:X-" + name +
                 "\""};
  }
  if (!config.inbound_daemons.empty() && !reports_built_in()) {
    return Error{
        "milter.inbound_daemons: this suppressd was built without reports (SUPPRESSD_REPORTS); it cannot "
        "read the mail that arrives there"};
  }
  for (const auto& relay : config.learn.relays) {
    if (std::ranges::find(config.learn.local_relays, relay) != config.learn.local_relays.end()) {
      return Error{"\"" + clean(relay, 200) +
                   "\" is in both mta.relays and mta.local_relays; a smart host belongs in mta.relays, a " +
                   "content filter that hands the mail back in mta.local_relays"};
    }
  }
  return {};
}

}  // namespace suppressd
