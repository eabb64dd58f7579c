#include "postfix_settings.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr int kDeepest = 20;  // $name in the value of $name
constexpr std::string_view kBlanks = " \t\r\n";

template <typename Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = text.substr(0, end); !trim(line).empty()) take(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::pair<std::string, std::string> name_and_value(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return {std::string(trim(line)), {}};
  return {std::string(trim(line.substr(0, equals))), std::string(trim(line.substr(equals + 1)))};
}

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const auto word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

/// Where the brace at `open` is closed; npos: nowhere.
std::size_t closing(std::string_view text, std::size_t open) {
  const char begin = text[open];
  const char end = begin == '{' ? '}' : ')';
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == begin) ++depth;
    if (text[at] == end && --depth == 0) return at;
  }
  return std::string_view::npos;
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `{text}` without its braces, which leaves `rest` after it; a text without braces is all of it.
std::string_view take_branch(std::string_view& rest) {
  rest = trim(rest);
  if (!rest.starts_with('{')) return std::exchange(rest, {});
  const auto end = closing(rest, 0);
  if (end == std::string_view::npos) return std::exchange(rest, {});
  const auto branch = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  return branch;
}

/// `-` in the column chroot: yes before Postfix 3.0, and as long as compatibility_level is 0.
bool chroot_by_default(std::string_view level) {
  int number = 0;
  std::from_chars(level.data(), level.data() + level.size(), number);
  return number < 1;
}

}  // namespace

PostfixSettings PostfixSettings::parse(const PostconfOutput& output) {
  PostfixSettings settings;
  each_line(output.defaults, [&](std::string_view line) { settings.defaults_.insert(name_and_value(line)); });
  each_line(output.set, [&](std::string_view line) {
    auto [name, value] = name_and_value(line);
    settings.set_.insert_or_assign(std::move(name), std::move(value));  // the last one counts
  });
  const bool by_default = chroot_by_default(settings.value("compatibility_level"));
  each_line(output.services, [&](std::string_view line) {
    PostfixService service;
    service.name = take_word(line);
    service.type = take_word(line);
    take_word(line);  // private
    take_word(line);  // unprivileged
    const auto chroot = take_word(line);
    service.chroot = chroot == "y" || (chroot == "-" && by_default);
    take_word(line);  // wakeup
    take_word(line);  // maxproc
    service.program = take_word(line);
    if (!service.program.empty()) settings.services_.push_back(std::move(service));
  });
  each_line(output.options, [&](std::string_view line) {
    auto [key, value] = name_and_value(line);
    const auto parameter = key.rfind('/');
    if (parameter == std::string::npos) return;
    for (auto& service : settings.services_)
      if (service.place() == key.substr(0, parameter)) service.options[key.substr(parameter + 1)] = value;
  });
  return settings;
}

const PostfixService* PostfixSettings::service(std::string_view name, std::string_view type) const {
  const auto found = std::ranges::find_if(
      services_, [&](const PostfixService& service) { return service.name == name && service.type == type; });
  return found == services_.end() ? nullptr : &*found;
}

bool PostfixSettings::is_set(const PostfixService* service, std::string_view name) const {
  return (service != nullptr && service->options.contains(name)) || set_.contains(name);
}

std::string PostfixSettings::raw(const PostfixService* service, std::string_view name) const {
  if (service != nullptr)
    if (const auto found = service->options.find(name); found != service->options.end()) return found->second;
  if (const auto found = set_.find(name); found != set_.end()) return found->second;
  const auto found = defaults_.find(name);
  return found == defaults_.end() ? std::string{} : found->second;
}

std::string PostfixSettings::value(const PostfixService* service, std::string_view name) const {
  return std::string(trim(expand(service, raw(service, name), 0)));
}

std::string PostfixSettings::expand(const PostfixService* service, std::string_view text, int depth) const {
  if (depth > kDeepest) return {};
  std::string result;
  while (!text.empty()) {
    const auto dollar = text.find('$');
    result += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      result += '$';
      text.remove_prefix(1);
      continue;
    }
    std::string_view inside;
    if (text.starts_with('{') || text.starts_with('(')) {
      const auto end = closing(text, 0);
      if (end == std::string_view::npos) break;
      inside = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
    } else {
      std::size_t end = 0;
      while (end < text.size() && is_name(text[end])) ++end;
      inside = text.substr(0, end);
      text.remove_prefix(end);
    }
    const auto question = inside.find_first_of("?:");
    const auto named = expand(service, raw(service, trim(inside.substr(0, question))), depth + 1);
    if (question == std::string_view::npos) {
      result += named;
      continue;
    }
    auto rest = inside.substr(question + 1);
    const auto first = take_branch(rest);
    rest = trim(rest);
    if (inside[question] == ':') {
      if (named.empty()) result += expand(service, first, depth + 1);
    } else if (!named.empty()) {
      result += expand(service, first, depth + 1);
    } else if (rest.starts_with(':')) {
      rest.remove_prefix(1);
      result += expand(service, take_branch(rest), depth + 1);
    }
  }
  return result;
}

std::vector<MilterItem> PostfixSettings::milters(const PostfixService* service, std::string_view list) const {
  std::vector<MilterItem> milters;
  for (const auto& written : items_of(raw(service, list))) {
    auto expanded = milters_of(expand(service, written, 0));
    if (expanded.size() == 1) expanded.front().text = written;
    std::move(expanded.begin(), expanded.end(), std::back_inserter(milters));
  }
  return milters;
}

std::vector<std::string> items_of(std::string_view list) {
  constexpr std::string_view kSeparators = " ,\t\r\n";
  std::vector<std::string> items;
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(kSeparators), list.size()));
    if (list.empty()) return items;
    auto end = list.find_first_of(kSeparators);
    if (list.front() == '{') {
      const auto closed = closing(list, 0);
      end = closed == std::string_view::npos ? closed : closed + 1;
    }
    items.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end, list.size()));
  }
}

std::vector<MilterItem> milters_of(std::string_view list) {
  std::vector<MilterItem> milters;
  for (auto& text : items_of(list)) {
    MilterItem milter;
    if (text.starts_with('{')) {
      const auto parts =
          items_of(std::string_view(text).substr(1, text.size() - (text.ends_with('}') ? 2 : 1)));
      for (const auto& part : parts) {
        if (part.find('=') == std::string::npos)
          milter.endpoint = part;
        else
          milter.attributes.insert(name_and_value(part));
      }
    } else {
      milter.endpoint = text;
    }
    milter.text = std::move(text);
    if (!milter.endpoint.empty()) milters.push_back(std::move(milter));
  }
  return milters;
}

std::string socket_path_of(std::string_view endpoint, bool chroot, const std::string& queue_directory) {
  for (const std::string_view form : {"unix:", "local:"}) {
    if (!endpoint.starts_with(form)) continue;
    const std::string path(endpoint.substr(form.size()));
    if (!path.starts_with('/')) return queue_directory + "/" + path;
    return chroot ? queue_directory + path : path;
  }
  return {};
}

}  // namespace suppressd
