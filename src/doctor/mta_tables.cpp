#include "mta_tables.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "suppressd/base/text.h"

namespace suppressd {
namespace {

constexpr std::size_t kShown = 3;
constexpr std::size_t kMost = 16U << 20U;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (!file) return text;
  text.resize(kMost);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string_view path_of(std::string_view table) {
  const auto slash = table.find('/');
  return slash == std::string_view::npos ? std::string_view{} : table.substr(slash);
}

bool is_list(std::string_view members) {
  return members.find(',') != std::string_view::npos || members.find(":include:") != std::string_view::npos ||
         members.find('@') != std::string_view::npos;
}

}  // namespace

std::string lists_in_text(std::string_view text) {
  std::vector<std::string> names;
  std::string whole;
  const auto take = [&](std::string_view line) {
    line = trim(line);
    if (line.empty() || line.front() == '#') return;
    const auto end = line.find_first_of(" \t:");
    if (end == std::string_view::npos || !is_list(line.substr(end + 1))) return;
    names.emplace_back(line.substr(0, end));
  };
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(' ') || line.starts_with('\t')) {  // continues the one before
      whole += ", ";
      whole += trim(line);
      continue;
    }
    take(whole);
    whole = line;
  }
  take(whole);
  std::string shown;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i)
    shown += (i > 0 ? ", " : "") + clean(names[i], 100);
  if (names.size() > kShown) shown += " and " + std::to_string(names.size() - kShown) + " more";
  return shown;
}

std::string lists_in(const std::string& table) {
  constexpr std::array<std::string_view, 7> kTypes = {
      "hash:", "lmdb:", "btree:", "cdb:", "dbm:", "texthash:", "sdbm:"};
  const bool text = std::ranges::any_of(kTypes, [&](std::string_view type) {
    return table.starts_with(type) || table.starts_with("proxy:" + std::string(type)) ||
           table.starts_with("default:");
  });
  if (text) return lists_in_text(read_file(std::string(path_of(table))));
  // Others (LDAP, SQL) are made for lists.
  return table.find(':') == std::string::npos || table.starts_with("static:") || table.starts_with("nis:")
             ? std::string{}
             : "not examined";
}

bool queries_suppressd(const std::vector<std::string>& tables) {
  return std::ranges::any_of(tables, [](const std::string& table) {
    return table.find("sqlite:") != std::string::npos &&
           read_file(std::string(path_of(table))).find("v_suppressed") != std::string::npos;
  });
}

}  // namespace suppressd
