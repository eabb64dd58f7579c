#include "suppressd/base/time_zone.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <string>

#include "suppressd/base/scan.h"

namespace suppressd {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr int kLastYear = 2200;  ///< So far a zone's rule for the future is spelled out.

std::int64_t days_of(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)}
      .time_since_epoch()
      .count();
}

/// A big-endian two's complement number of TZif; `at` must lie within `bytes`.
std::int64_t read_number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8U) | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

/// Header of a TZif block: six counts behind 20 bytes.
struct Counts {
  std::size_t utc_flags, standard_flags, leaps, transitions, types, name_bytes;
  std::size_t body(std::size_t time_size) const {
    return transitions * time_size + transitions + types * 6 + name_bytes + leaps * (time_size + 4) +
           standard_flags + utc_flags;
  }
};

constexpr std::size_t kHeaderSize = 44;

std::optional<Counts> read_counts(std::string_view block) {
  if (block.size() < kHeaderSize || !block.starts_with("TZif")) return std::nullopt;
  std::array<std::size_t, 6> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::int64_t count = read_number(block, 20 + 4 * i, 4);
    if (count < 0 || count > 100'000) return std::nullopt;
    counts[i] = static_cast<std::size_t>(count);
  }
  return Counts{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

/// When clocks change in a year, as POSIX's TZ says it: `M3.5.0/2`, `J60`, `59`.
struct ChangeDay {
  enum class Form { month_week_day, julian_without_leap, julian } form = Form::month_week_day;
  int month = 0, week = 0, day = 0;
  std::int64_t second = 7200;  ///< Local time of day; may be negative or beyond a day.

  std::int64_t local_in(int year) const {
    std::int64_t at = 0;
    if (form == Form::julian) {
      at = days_of(year, 1, 1) + day;
    } else if (form == Form::julian_without_leap) {
      at = days_of(year, 1, 1) + day - 1 + (day >= 60 && std::chrono::year{year}.is_leap() ? 1 : 0);
    } else {
      const std::int64_t first = days_of(year, static_cast<unsigned>(month), 1);
      const std::int64_t weekday = ((first + 4) % 7 + 7) % 7;
      at = first + (day - weekday + 7) % 7 + (week - 1) * 7;
      const std::int64_t next_month =
          month == 12 ? days_of(year + 1, 1, 1) : days_of(year, static_cast<unsigned>(month) + 1, 1);
      while (at >= next_month) at -= 7;
    }
    return at * kDay + second;
  }
};

/// A TZ string of POSIX (RFC 9636 section 3.3): `CET-1CEST,M3.5.0,M10.5.0/3`.
class FutureRule {
 public:
  static std::optional<FutureRule> parse(std::string_view text) {
    FutureRule rule;
    std::optional<std::int64_t> west;
    if (!skip_name(text) || !(west = take_time(text))) return std::nullopt;
    rule.standard_ = -*west;
    if (text.empty()) return rule;
    if (!skip_name(text)) return std::nullopt;
    rule.summer_ = rule.standard_ + 3600;
    if (!text.starts_with(',')) {
      if (!(west = take_time(text))) return std::nullopt;
      rule.summer_ = -*west;
    }
    if (!take_change(text, rule.begin_) || !take_change(text, rule.end_) || !text.empty())
      return std::nullopt;
    rule.changes_ = true;
    return rule;
  }

  std::int64_t standard() const { return standard_; }
  bool changes() const { return changes_; }
  std::int64_t summer() const { return summer_; }
  std::int64_t summer_begins(int year) const { return begin_.local_in(year) - standard_; }
  std::int64_t summer_ends(int year) const { return end_.local_in(year) - summer_; }

 private:
  static bool skip_name(std::string_view& text) {
    if (scan::take(text, "<")) {
      const std::size_t end = text.find('>');
      if (end == std::string_view::npos) return false;
      text.remove_prefix(end + 1);
      return true;
    }
    const std::size_t end = std::min(text.find_first_of("0123456789+-,"), text.size());
    text.remove_prefix(end);
    return end > 0;
  }

  static std::optional<int> take_int(std::string_view& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0 || value > 366) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
  }

  /// `[+-]hh[:mm[:ss]]` as seconds.
  static std::optional<std::int64_t> take_time(std::string_view& text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::int64_t seconds = 0;
    std::int64_t unit = 3600;
    do {
      const std::optional<int> value = take_int(text);
      if (!value) return std::nullopt;
      seconds += *value * unit;
      unit /= 60;
    } while (unit > 0 && scan::take(text, ":"));
    return negative ? -seconds : seconds;
  }

  static bool take_change(std::string_view& text, ChangeDay& change) {
    if (!scan::take(text, ",")) return false;
    std::optional<int> first;
    if (scan::take(text, "M")) {
      const std::optional<int> month = take_int(text);
      if (!month || !scan::take(text, ".")) return false;
      const std::optional<int> week = take_int(text);
      if (!week || !scan::take(text, ".")) return false;
      first = take_int(text);
      if (!first || *month < 1 || *month > 12 || *week < 1 || *week > 5 || *first > 6) return false;
      change.month = *month;
      change.week = *week;
    } else {
      change.form = scan::take(text, "J") ? ChangeDay::Form::julian_without_leap : ChangeDay::Form::julian;
      first = take_int(text);
      if (!first) return false;
    }
    change.day = *first;
    if (scan::take(text, "/")) {
      const std::optional<std::int64_t> second = take_time(text);
      if (!second) return false;
      change.second = *second;
    }
    return true;
  }

  std::int64_t standard_ = 0;
  std::int64_t summer_ = 0;
  bool changes_ = false;
  ChangeDay begin_, end_;
};

bool is_zone_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) {
                       return scan::is_digit(c) || scan::is_lower(c) || scan::is_upper(c) || c == '/' ||
                              c == '_' || c == '-' || c == '+';
                     }) &&
         !name.starts_with('/');
}

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return std::nullopt;
  return content;
}

}  // namespace

bool TimeZone::read(std::string_view file, std::vector<Span>& spans) {
  std::optional<Counts> counts = read_counts(file);
  if (!counts) return false;
  std::size_t time_size = 4;
  if (file[4] >= '2') {
    if (file.size() < kHeaderSize + counts->body(4)) return false;
    file.remove_prefix(kHeaderSize + counts->body(4));
    counts = read_counts(file);
    if (!counts) return false;
    time_size = 8;
  }
  const std::string_view body = file.substr(kHeaderSize);
  if (body.size() < counts->body(time_size) || counts->types == 0) return false;

  const std::size_t kinds = counts->transitions * time_size;
  const std::size_t types = kinds + counts->transitions;
  spans.push_back({std::numeric_limits<std::int64_t>::min(), read_number(body, types, 4)});
  for (std::size_t i = 0; i < counts->transitions; ++i) {
    const auto type = static_cast<unsigned char>(body[kinds + i]);
    if (type >= counts->types) return false;
    const std::int64_t from = read_number(body, i * time_size, time_size);
    if (i > 0 && from <= spans.back().from) return false;
    spans.push_back({from, read_number(body, types + std::size_t{6} * type, 4)});
  }
  if (time_size == 4) return true;

  std::string_view footer = body.substr(counts->body(time_size));
  if (!scan::take(footer, "\n")) return true;
  const std::optional<FutureRule> rule = FutureRule::parse(scan::take_until(footer, "\n"));
  if (!rule) return true;
  if (counts->transitions == 0) spans.back().offset = rule->standard();
  if (!rule->changes()) return true;
  for (int year = 1970; year <= kLastYear; ++year) {
    Span begin{rule->summer_begins(year), rule->summer()};
    Span end{rule->summer_ends(year), rule->standard()};
    if (end.from < begin.from) std::swap(begin, end);
    for (const Span& span : {begin, end}) {
      if (span.from > spans.back().from) spans.push_back(span);
    }
  }
  return true;
}

Result<TimeZone> TimeZone::load(std::string_view name) {
  TimeZone zone;
  if (name == "UTC") {
    zone.spans_.push_back({std::numeric_limits<std::int64_t>::min(), 0});
    return zone;
  }
  if (!is_zone_name(name)) {
    return Error{"unknown time zone \"" + std::string(name.substr(0, 60)) +
                 "\": names read like Europe/Berlin or UTC"};
  }
  const std::string path = name.empty() ? "/etc/localtime" : "/usr/share/zoneinfo/" + std::string(name);
  const std::optional<std::string> file = content_of(path);
  if (!file && name.empty()) return load("UTC");
  if (!file) {
    return Error{"unknown time zone \"" + std::string(name) + "\": there is no " + path +
                 " (names read like Europe/Berlin or UTC; the package tzdata holds them)"};
  }
  if (!read(*file, zone.spans_))
    return Error{"cannot read the time zone file " + path + ": it is no TZif file"};
  return zone;
}

TimeZone::Meaning TimeZone::meaning_of(std::int64_t local) const {
  const auto next = std::upper_bound(spans_.begin(), spans_.end(), local,
                                     [](std::int64_t value, const Span& span) { return value < span.from; });
  // An offset is less than a day, so the span that holds `local` as UTC, or one near it, is the one.
  auto span = next == spans_.begin() ? next : std::prev(next);
  while (span != spans_.begin() && local - kDay * 2 < span->from) --span;

  std::optional<std::int64_t> first;
  std::int64_t last = local - span->offset;
  for (; span != spans_.end() &&
         (span->from == std::numeric_limits<std::int64_t>::min() || span->from < local + kDay * 2);
       ++span) {
    const std::int64_t time = local - span->offset;
    const auto after = std::next(span);
    const bool begun = span->from <= time;
    const bool ended = after != spans_.end() && after->from <= time;
    if (begun && !ended) {
      if (first) return {from_unix(*first), from_unix(time)};
      first = time;
    }
    // Neither before nor after the change: the clock as it would have gone on.
    if (begun) last = time;
  }
  if (first) return {from_unix(*first), from_unix(*first)};
  return {from_unix(last), from_unix(last)};
}

}  // namespace suppressd
