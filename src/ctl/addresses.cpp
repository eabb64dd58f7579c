#include "suppressd/ctl/addresses.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <unordered_set>

#include <CLI/CLI.hpp>

#include "suppressd/core/address.h"
#include "suppressd/core/text.h"

namespace suppressd::ctl {
namespace {

class Collector {
 public:
  Status take(std::string_view text, const std::string& where) {
    // A log may hold such a local part without quotes; who types one has more likely forgotten something.
    if (trim(text).find(' ') != std::string_view::npos && text.find('"') == std::string_view::npos) {
      return Error{where + "\"" + clean(text, 100) + "\" has a space: name addresses one by one, or quote the part before the @"};
    }
    auto entry = canonical_entry(text);
    if (!entry) return Error{where + entry.error().message};
    if (seen_.insert(*entry).second) found_.push_back(std::move(*entry));
    return {};
  }

  Status take_lines(std::istream& lines, const std::string& name) {
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
      const auto text = trim(line);
      if (text.empty() || text.front() == '#') continue;
      if (auto taken = take(text, name + ":" + std::to_string(number) + ": "); !taken) return taken;
    }
    if (lines.bad()) return Error{name + ": " + std::strerror(errno)};
    return {};
  }

  Status take_file(const std::string& path) {
    if (path == "-") return take_lines(std::cin, "standard input");
    errno = 0;
    std::ifstream file(path);
    if (!file) return Error{"cannot read " + path + ": " + std::strerror(errno)};
    return take_lines(file, path);
  }

  std::vector<std::string> found() && { return std::move(found_); }

 private:
  std::vector<std::string> found_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

void AddressArguments::add_to(CLI::App& command) {
  command.add_option("address", given, "Addresses, or whole domains written @example.com; `-` reads them from standard input")
      ->type_name("ADDRESS...");
  command.add_option("--file", file, "Read addresses from FILE, one a line")->type_name("FILE");
}

Result<std::vector<std::string>> AddressArguments::read() const {
  if (!any()) return Error{"no address given: name at least one, or read them with --file FILE"};
  Collector collector;
  for (const auto& text : given) {
    auto taken = text == "-" ? collector.take_file(text) : collector.take(text, "");
    if (!taken) return taken.error();
  }
  if (!file.empty()) {
    if (auto taken = collector.take_file(file); !taken) return taken.error();
  }
  return std::move(collector).found();
}

}  // namespace suppressd::ctl
