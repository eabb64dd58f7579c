#include "syslog.h"

#include <algorithm>

#include "suppressd/base/scan.h"
#include "suppressd/mta/dialect.h"

namespace suppressd {
namespace {

using scan::take;
using scan::take_number;

/// `Jan` to `Dec` as 1 to 12; 0: none.
int month_of(std::string_view text) {
  if (text.size() < 3) return 0;
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = kMonths.find(text.substr(0, 3));
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<int>(at / 3) + 1;
}

struct TimeOfDay {
  int hour, minute, second;
};

/// `22:58:55`, with a fraction that is skipped.
std::optional<TimeOfDay> take_time_of_day(std::string_view& text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const std::optional<int> hour = take_number(text, 2);
  text.remove_prefix(hour ? 1 : 0);
  const std::optional<int> minute = hour ? take_number(text, 2) : std::nullopt;
  text.remove_prefix(minute ? 1 : 0);
  const std::optional<int> second = minute ? take_number(text, 2) : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  if (text.size() > 1 && (text[0] == '.' || text[0] == ',') && scan::is_digit(text[1])) {
    std::size_t end = 1;
    while (end < text.size() && scan::is_digit(text[end])) ++end;
    text.remove_prefix(end);
  }
  return TimeOfDay{*hour, *minute, *second};
}

/// `<22>`, which may come before everything else.
void skip_priority(std::string_view& text) {
  if (!text.starts_with('<')) return;
  std::size_t end = 1;
  while (end < text.size() && end < 4 && scan::is_digit(text[end])) ++end;
  if (end > 1 && end < text.size() && text[end] == '>') text.remove_prefix(end + 1);
}

/// `58:55 `: the rest of a time in the hour that the clock remembers.
std::optional<Duration> take_rest_of_hour(std::string_view& text) {
  std::string_view rest = text;
  const std::optional<int> minute = take_number(rest, 2);
  if (!minute || *minute > 59 || !take(rest, ":")) return std::nullopt;
  const std::optional<int> second = take_number(rest, 2);
  if (!second || *second > 59 || !take(rest, " ")) return std::nullopt;
  text = rest;
  return std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

/// `Nov 20 22:58:55 `, `Nov  1 ...`, `Nov 01 ...`, `Nov 1 ...`, `Nov 20 2026 ...`.
std::optional<Time> take_rfc3164_time(std::string_view& text, LineClock& clock) {
  if (const auto hour = clock.hour_of(text)) {
    std::string_view rest = text.substr(LineClock::kHourText);
    if (const auto within = take_rest_of_hour(rest)) {
      text = rest;
      return clock.take(*hour + *within);
    }
  }
  const std::string_view line = text;
  const int month = month_of(text);
  if (month == 0 || text.size() < 6 || text[3] != ' ') return std::nullopt;
  std::string_view rest = text.substr(4);
  if (rest[0] == ' ') rest.remove_prefix(1);
  std::optional<int> day = take_number(rest, 2);
  if (!day) day = take_number(rest, 1);
  if (!day || *day < 1 || *day > 31 || !take(rest, " ")) return std::nullopt;
  std::optional<int> year;
  if (rest.size() > 4 && rest[2] != ':' && rest[4] == ' ') {
    year = take_number(rest, 4);
    if (!year || *year < 1970) return std::nullopt;
    rest.remove_prefix(1);
  }
  const std::optional<TimeOfDay> time = take_time_of_day(rest);
  if (!time || !(rest.empty() || take(rest, " "))) return std::nullopt;
  text = rest;
  if (year) return clock.resolve(*year, month, *day, time->hour, time->minute, time->second);
  const Time at = clock.resolve(month, *day, time->hour, time->minute, time->second);
  if (line.size() >= LineClock::kHourText && line[LineClock::kHourText - 1] == ':') clock.remember_hour(line);
  return at;
}

/// `Z`, `+01:00`, `-0530` as seconds east of UTC.
std::optional<int> take_zone(std::string_view& text) {
  if (take(text, "Z")) return 0;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return std::nullopt;
  std::string_view rest = text.substr(1);
  const std::optional<int> hours = take_number(rest, 2);
  take(rest, ":");
  const std::optional<int> minutes = hours ? take_number(rest, 2) : std::nullopt;
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  text = rest;
  const int seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

/// The zone after an ISO 8601 time; Exim puts a blank before it.
std::optional<int> take_zone_after_time(std::string_view& text) {
  if (const auto zone = take_zone(text)) return zone;
  std::string_view rest = text;
  if (!take(rest, " ") || rest.starts_with('Z')) return std::nullopt;
  const std::optional<int> zone = take_zone(rest);
  if (!zone || !(rest.empty() || rest.starts_with(' '))) return std::nullopt;
  text = rest;
  return zone;
}

/// `2026-11-20T22:58:55.123456+01:00 `; without a zone it is local time.
std::optional<Time> take_iso8601_time(std::string_view& text, LineClock& clock) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' '))
    return std::nullopt;
  std::string_view rest = text;
  const std::optional<int> year = take_number(rest, 4);
  rest.remove_prefix(year ? 1 : 0);
  const std::optional<int> month = year ? take_number(rest, 2) : std::nullopt;
  rest.remove_prefix(month ? 1 : 0);
  const std::optional<int> day = month ? take_number(rest, 2) : std::nullopt;
  if (!day || *year < 1970 || *month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  rest.remove_prefix(1);
  const std::optional<TimeOfDay> time = take_time_of_day(rest);
  if (!time) return std::nullopt;
  const std::optional<int> zone = take_zone_after_time(rest);
  if (!(rest.empty() || take(rest, " "))) return std::nullopt;
  text = rest;
  if (!zone) return clock.resolve(*year, *month, *day, time->hour, time->minute, time->second);
  const auto date =
      std::chrono::sys_days{std::chrono::year{*year} / *month / 1} + std::chrono::days(*day - 1);
  return clock.note(date +
                    std::chrono::seconds(time->hour * 3600 + time->minute * 60 + time->second - *zone));
}

std::string_view take_word(std::string_view& text) {
  return scan::take_until(text, " ");
}

/// RFC 5424 writes `-` for a missing value.
std::string_view take_field(std::string_view& text) {
  const std::string_view field = take_word(text);
  return field == "-" ? std::string_view{} : field;
}

void skip_structured_data(std::string_view& text) {
  if (take(text, "-")) return;
  while (text.starts_with('[')) {
    bool quoted = false;
    std::size_t end = 1;
    for (; end < text.size(); ++end) {
      if (text[end] == '\\' && quoted) {
        ++end;
      } else if (text[end] == '"') {
        quoted = !quoted;
      } else if (text[end] == ']' && !quoted) {
        break;
      }
    }
    if (end >= text.size()) return;
    text.remove_prefix(end + 1);
  }
}

/// After the version: `TIME HOST APP PROCID MSGID SD MESSAGE`.
std::optional<LogEntry> parse_rfc5424(std::string_view text, LineClock& clock) {
  LogEntry entry;
  const std::optional<Time> at = take_iso8601_time(text, clock);
  if (!at) return std::nullopt;
  entry.at = *at;
  entry.host = take_field(text);
  entry.tag = take_field(text);
  take_word(text);
  take_word(text);
  skip_structured_data(text);
  take(text, " ");
  take(text, "\xEF\xBB\xBF");
  entry.message = text;
  return entry;
}

/// Whether the word is `program:` or `program[pid]:`, and not a host, an address or AIX's
/// `mail:info`.
bool is_program(std::string_view word) {
  return word.size() > 1 && word.ends_with(':') && !word.ends_with("::");
}

std::string_view next_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

/// BSD's `<mail.notice>` or `<2.5>`, and AIX's `mail:info`.
void skip_facility(std::string_view& text) {
  const bool bsd = text.starts_with('<');
  if (!bsd && !text.starts_with("mail:")) return;
  const std::string_view word = next_word(text);
  if (bsd ? word.size() > 2 && word.back() == '>' : word.size() > 5)
    text.remove_prefix(std::min(word.size() + 1, text.size()));
}

/// After the time: `[HOST ]PROGRAM[pid]: MESSAGE`.
void read_origin(std::string_view text, LogEntry& entry) {
  skip_facility(text);
  const std::string_view whole = text;
  std::string_view word = next_word(text);
  if (!is_program(word)) {
    entry.host = word;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    skip_facility(text);
    word = next_word(text);
  }
  if (is_program(word)) {
    entry.tag = word.substr(0, std::min(word.find('['), word.size() - 1));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    // Solaris: `[ID 197553 mail.info] `.
    if (text.starts_with("[ID ")) {
      const std::size_t end = text.find("] ");
      if (end < 40) text.remove_prefix(end + 2);
    }
  }
  entry.message = text;
  // A log that an MTA writes itself may name neither. Its text begins with a queue id.
  if (entry.tag.empty() && begins_with_queue_id(whole)) {
    entry.host = {};
    entry.message = whole;
  }
}

}  // namespace

std::optional<LogEntry> parse_log_line(std::string_view line, LineClock& clock) {
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  skip_priority(line);
  if (line.empty()) return std::nullopt;
  LogEntry entry;
  std::optional<Time> at;
  if (scan::is_digit(line[0])) {
    if (line.starts_with("1 ")) return parse_rfc5424(line.substr(2), clock);
    at = take_iso8601_time(line, clock);
  } else {
    at = take_rfc3164_time(line, clock);
  }
  if (!at) return std::nullopt;
  entry.at = *at;
  read_origin(line, entry);
  return entry;
}

std::optional<LogEntry> parse_bare_line(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  skip_priority(line);
  LogEntry entry;
  const std::string_view word = next_word(line);
  if (is_program(word) && word.find_first_of("[/") != std::string_view::npos) {
    read_origin(line, entry);
    return entry;
  }
  entry.message = line;
  return dialect_of(entry) != nullptr ? std::optional(entry) : std::nullopt;
}

}  // namespace suppressd
