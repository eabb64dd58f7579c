#include "tally.h"

#include <algorithm>

namespace suppressd::ctl {

void Tally::count(std::string_view outcome) {
  const auto known = std::ranges::find(outcomes_, outcome, &std::pair<std::string, std::size_t>::first);
  if (known != outcomes_.end())
    ++known->second;
  else
    outcomes_.emplace_back(outcome, 1);
}

void Tally::print(const std::vector<std::string>& lines) {
  if (out_.json()) return;
  for (const auto& line : lines) out_.line(line);
}

void Tally::usual(std::string_view outcome, const std::vector<std::string>& lines) {
  count(outcome);
  if (few()) print(lines);
}

void Tally::exception(std::string_view outcome, const std::vector<std::string>& lines) {
  count(outcome);
  if (few() || exceptions_ < kFew) print(lines);
  ++exceptions_;
}

void Tally::finish() {
  if (out_.json()) return;
  if (addresses_ == 0) out_.line("no addresses: nothing to do");
  if (few()) return;
  std::size_t told = 0;
  std::string parts;
  for (const auto& [outcome, number] : outcomes_) {
    told += number;
    parts += (parts.empty() ? "" : ", ") + std::to_string(number) + " " + outcome;
  }
  if (told == 0) return;
  out_.line((told < addresses_ ? std::to_string(told) + " of " : "") + std::to_string(addresses_) +
            " addresses: " + parts + (exceptions_ > kFew ? " (--json lists each)" : ""));
}

}  // namespace suppressd::ctl
