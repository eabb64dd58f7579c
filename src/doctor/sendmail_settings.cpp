#include "sendmail_settings.h"

#include <algorithm>
#include <utility>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

std::vector<std::string> split(std::string_view text, char between) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(between);
    if (const auto part = trim(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::pair<std::string, std::string> equate(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {std::string(trim(text)), {}};
  return {std::string(trim(text.substr(0, equals))), std::string(trim(text.substr(equals + 1)))};
}

SendmailSettings::Filter filter_of(std::string_view line) {
  SendmailSettings::Filter filter;
  auto parts = split(line, ',');
  if (parts.empty()) return filter;
  filter.name = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) filter.equates.insert(equate(parts[i]));
  return filter;
}

SendmailSettings::Daemon daemon_of(std::string_view value) {
  SendmailSettings::Daemon daemon;
  for (const auto& part : split(value, ',')) {
    const auto [name, text] = equate(part);
    if (equals_ignoring_case(name, "Name")) daemon.name = text;
    if (equals_ignoring_case(name, "Port")) daemon.port = text;
    if (equals_ignoring_case(name, "Addr")) daemon.address = text;
    if (equals_ignoring_case(name, "InputMailFilters") || name == "I") {
      daemon.has_filters = true;
      daemon.filters = split(text, ';');
    }
  }
  return daemon;
}

}  // namespace

SendmailSettings SendmailSettings::parse(std::string_view text) {
  SendmailSettings settings;
  const auto take = [&](std::string_view line) {
    if (line.starts_with('X')) settings.filters.push_back(filter_of(line.substr(1)));
    if (!line.starts_with("O ")) return;
    const auto [name, value] = equate(line.substr(2));
    if (name == "DaemonPortOptions")
      settings.daemons.push_back(daemon_of(value));
    else if (name == "InputMailFilters")
      settings.input_filters = split(value, ',');
    else
      settings.options[name] = value;
  };
  std::string whole;  // a line that begins with a blank continues the one before
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(' ') || line.starts_with('\t')) {
      whole += " " + std::string(trim(line));
      continue;
    }
    take(whole);
    whole = trim(line);
  }
  take(whole);
  return settings;
}

std::string SendmailSettings::option(std::string_view name) const {
  const auto found = options.find(name);
  return found == options.end() ? std::string{} : found->second;
}

}  // namespace suppressd
