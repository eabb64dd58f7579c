#include "suppressd/source/rate_limit.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>

#include "suppressd/base/ascii.h"
#include "suppressd/base/text.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// `30s`, `1min 30s`, `500ms`; a number alone is seconds (systemd.time(7)).
std::optional<std::chrono::microseconds> time_span(std::string_view text) {
  static const std::map<std::string_view, std::uint64_t> kUnits = {{"us", 1},
                                                                   {"usec", 1},
                                                                   {"ms", 1000},
                                                                   {"msec", 1000},
                                                                   {"", 1'000'000},
                                                                   {"s", 1'000'000},
                                                                   {"sec", 1'000'000},
                                                                   {"second", 1'000'000},
                                                                   {"seconds", 1'000'000},
                                                                   {"m", 60'000'000},
                                                                   {"min", 60'000'000},
                                                                   {"minute", 60'000'000},
                                                                   {"minutes", 60'000'000},
                                                                   {"h", 3'600'000'000},
                                                                   {"hr", 3'600'000'000},
                                                                   {"hour", 3'600'000'000},
                                                                   {"hours", 3'600'000'000}};
  std::uint64_t sum = 0;
  text = trim(text);
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    const auto value = number(text.substr(0, digits));
    text = trim(text.substr(digits));
    std::size_t letters = 0;
    while (letters < text.size() && !is_digit(text[letters]) && text[letters] != ' ') ++letters;
    const auto unit = kUnits.find(text.substr(0, letters));
    if (!value || unit == kUnits.end()) return std::nullopt;
    sum += *value * unit->second;
    text = trim(text.substr(letters));
  }
  return std::chrono::microseconds{sum};
}

void read_configuration(const fs::path& path, RateLimit& limit) {
  std::ifstream file(path);
  bool journal = false;
  for (std::string line; std::getline(file, line);) {
    const std::string_view text = trim(line);
    if (text.starts_with('[')) journal = text == "[Journal]";
    const auto equals = text.find('=');
    if (!journal || equals == std::string_view::npos) continue;
    const std::string_view key = trim(text.substr(0, equals));
    const std::string_view value = trim(text.substr(equals + 1));
    if (key == "RateLimitIntervalSec" || key == "RateLimitInterval")
      limit.interval = time_span(value).value_or(limit.interval);
    if (key == "RateLimitBurst") limit.burst = number(value).value_or(limit.burst);
  }
}

/// Of two files with the same name, the one in the earlier folder counts (systemd.syntax(7)).
RateLimit configured(const std::string& root) {
  constexpr std::array kFolders = {"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd",
                                   "/usr/lib/systemd"};
  RateLimit limit;
  std::map<std::string, fs::path> additions;
  for (const std::string folder : kFolders) {
    std::error_code error;
    for (fs::directory_iterator entry(root + folder + "/journald.conf.d", error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".conf")
        additions.emplace(entry->path().filename().string(), entry->path());
    }
  }
  for (const std::string folder : kFolders) {
    std::error_code error;
    const fs::path main = root + folder + "/journald.conf";
    if (!fs::exists(main, error)) continue;
    read_configuration(main, limit);
    break;
  }
  for (const auto& [name, path] : additions) read_configuration(path, limit);
  return limit;
}

std::optional<std::uint64_t> handed_over(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  if (error) return std::nullopt;
  return number(target.string());
}

}  // namespace

bool RateLimit::is_low() const {
  constexpr std::uint64_t kEnough = 100'000;
  constexpr std::chrono::microseconds kTime = std::chrono::seconds{30};
  if (interval.count() == 0 || burst == 0) return false;  // either of them switches the limit off
  return static_cast<double>(burst) * static_cast<double>(kTime.count()) <
         static_cast<double>(kEnough) * static_cast<double>(interval.count());
}

RateLimit rate_limit_of(std::string_view unit, const std::string& root) {
  RateLimit limit = configured(root);
  const std::string folder = root + "/run/systemd/units/";
  if (const auto interval = handed_over(folder + "log-rate-limit-interval:" + std::string(unit)))
    limit.interval = std::chrono::microseconds{*interval};
  if (const auto burst = handed_over(folder + "log-rate-limit-burst:" + std::string(unit)))
    limit.burst = *burst;
  return limit;
}

}  // namespace suppressd
