#include "addresses.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <unordered_set>

#include <CLI/CLI.hpp>

#include "suppressd/base/text.h"
#include "suppressd/core/address.h"

#include "mistakes.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kNamed = 20;  // of the invalid addresses
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The canonical form, or why it is not accepted.
Result<std::string> read_entry(std::string_view text, bool as_is) {
  auto entry = canonical_entry(text);
  const auto mistake = entry && !as_is ? likely_mistake(text, *entry) : std::string{};
  if (entry && mistake.empty()) return entry;
  const auto meant = advice_after(text);
  if (!entry) return Error{entry.error().message + meant};
  return Error{"\"" + clean(text, 100) + "\" is probably a mistake: " + mistake + meant +
               " (--as-is accepts it)"};
}

class Collector {
 public:
  explicit Collector(bool as_is) : as_is_(as_is) {}

  void take(std::string_view text, const std::string& where) {
    auto entry = read_entry(text, as_is_);
    if (!entry) {
      if (++invalid_ <= kNamed) problems_.push_back(where + entry.error().message);
    } else if (seen_.insert(*entry).second) {
      found_.push_back(std::move(*entry));
    }
  }

  Status take_lines(std::istream& lines, const std::string& name) {
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
      std::string_view text = line;
      if (number == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
      text = trim(text);
      if (text.empty() || text.front() == '#') continue;
      take(text, name + ":" + std::to_string(number) + ": ");
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

  std::size_t invalid() const { return invalid_; }
  const std::vector<std::string>& problems() const { return problems_; }
  std::vector<std::string> found() && { return std::move(found_); }

 private:
  bool as_is_;
  std::vector<std::string> found_;
  std::unordered_set<std::string> seen_;
  std::size_t invalid_ = 0;
  std::vector<std::string> problems_;  // the first of the invalid ones
};

void name_problems(const Context& context, const Collector& collector) {
  for (const auto& problem : collector.problems()) context.warn(problem);
  const auto more = collector.invalid() - collector.problems().size();
  if (more > 0) context.warn("and " + std::to_string(more) + " more");
}

}  // namespace

void AddressArguments::add_to(CLI::App& command) {
  command
      .add_option("ADDRESS", given,
                  "Addresses, or whole domains written @example.com; `-` reads them from standard input")
      ->option_text("...");
  command.add_option("--file", file, "Read addresses from FILE, one per line")->type_name("FILE");
  command.add_flag("--skip-invalid", skip_invalid, "Skip invalid addresses, and list them");
}

void AddressArguments::add_new_to(CLI::App& command) {
  as_is = false;
  add_to(command);
  command.add_flag("--as-is", as_is, "Also accept what is probably a mistake (mailto:user@example.com)");
}

Result<std::vector<std::string>> AddressArguments::read(const Context& context) const {
  if (!any()) return Error{"no address given: name at least one, or read them with --file FILE"};
  Collector collector(as_is);
  for (const auto& text : given) {
    if (text != "-") {
      collector.take(text, "");
    } else if (auto taken = collector.take_file(text); !taken) {
      return taken.error();
    }
  }
  if (!file.empty()) {
    if (auto taken = collector.take_file(file); !taken) return taken.error();
  }
  const auto invalid = collector.invalid();
  if (invalid == 1 && !skip_invalid) return Error{collector.problems().front()};
  name_problems(context, collector);
  auto found = std::move(collector).found();
  if (invalid == 0) return found;
  const auto count = count_of(invalid, "address is", "addresses are");
  if (!skip_invalid)
    return Error{count + " not valid, and nothing was changed; --skip-invalid continues with the others"};
  if (found.empty()) return Error{count + " not valid, and there is no other"};
  context.warn("skipped " + count_of(invalid, "invalid address", "invalid addresses"));
  return found;
}

}  // namespace suppressd::ctl
