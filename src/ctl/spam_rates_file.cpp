#include "spam_rates_file.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "suppressd/base/json.h"
#include "suppressd/base/text.h"
#include "suppressd/core/address.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kShown = 60;  // of a value that cannot be read

std::string shown_text(std::string_view text) {
  return "\"" + clean(text.substr(0, kShown)) + "\"";
}

/// `2026-11-01` or `20261101`.
std::optional<Time> read_day(std::string_view text) {
  std::string digits(trim(text));
  if (digits.size() == 8 && digits.find_first_not_of("0123456789") == std::string::npos)
    digits = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6);
  if (digits.size() != 10) return std::nullopt;
  const auto day = parse_time(digits + "T00:00:00Z");
  return day ? std::optional(*day) : std::nullopt;
}

std::optional<std::int64_t> per_million(double share) {
  if (!std::isfinite(share) || share < 0 || share > 1) return std::nullopt;
  return std::llround(share * 1e6);
}

std::optional<std::int64_t> read_share(std::string_view text, bool percentages) {
  std::string number(trim(text));
  if (number.ends_with('%')) {
    percentages = true;
    number = std::string(trim(std::string_view(number).substr(0, number.size() - 1)));
  }
  if (number.empty() || number.find_first_not_of("0123456789.eE+-") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (end != number.c_str() + number.size()) return std::nullopt;
  return per_million(percentages ? value / 100 : value);
}

std::optional<std::string> read_domain(std::string_view text) {
  const auto entry = canonical_entry("@" + std::string(trim(text)));
  if (!entry || entry->starts_with("@.") || entry->starts_with("@[")) return std::nullopt;
  return std::string(domain_of(*entry));
}

class Reading {
 public:
  /// Of one object, which the API names `domains/shop.example/trafficStats/20261101`.
  void take(const Json& stats, std::size_t number) {
    const auto where = std::to_string(number) + ": ";
    const std::string name = stats.is_object() && stats.contains("name") && stats["name"].is_string()
                                 ? stats["name"].get<std::string>()
                                 : std::string();
    constexpr std::string_view kDomains = "domains/";
    constexpr std::string_view kStats = "/trafficStats/";
    const auto middle = name.find(kStats);
    if (!name.starts_with(kDomains) || middle == std::string::npos) {
      found_.wrong.push_back(
          where + "no name such as domains/shop.example/trafficStats/20261101: " + shown_text(name));
      return;
    }
    const auto domain = read_domain(std::string_view(name).substr(kDomains.size(), middle - kDomains.size()));
    const auto day = read_day(std::string_view(name).substr(middle + kStats.size()));
    if (!domain || !day) {
      found_.wrong.push_back(where + (domain ? "no date such as 20261101: " : "no domain: ") +
                             shown_text(name));
      return;
    }
    const auto ratio = stats.find("userReportedSpamRatio");
    if (ratio == stats.end() || ratio->is_null()) {
      ++found_.unknown;
      return;
    }
    const auto share = ratio->is_number() ? per_million(ratio->get<double>()) : std::nullopt;
    if (!share) {
      found_.wrong.push_back(where +
                             "userReportedSpamRatio is no number from 0 to 1: " + shown_text(ratio->dump()));
      return;
    }
    found_.rates.push_back({.domain = *domain, .day = *day, .per_million = *share});
  }

  void take_json(const Json& json) {
    const Json* list = &json;
    if (json.is_object() && json.contains("trafficStats")) list = &json["trafficStats"];
    if (!list->is_array()) return take(*list, 1);
    std::size_t number = 0;
    for (const auto& stats : *list) take(stats, ++number);
  }

  Status take_csv(std::string_view text, const std::string& domain) {
    std::size_t number = 0;
    bool headed = false;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const auto line = trim(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      ++number;
      if (line.empty()) continue;
      const auto cells = cells_of(line);
      if (headed)
        take_line(cells, domain, number);
      else if (auto read = read_headings(cells, domain); !read)
        return read;
      headed = true;
    }
    return headed ? Status{} : Error{"the file is empty"};
  }

  SpamRates take_found() { return std::move(found_); }

 private:
  static std::vector<std::string> cells_of(std::string_view line) {
    const char separator =
        line.find(',') == std::string_view::npos && line.find(';') != std::string_view::npos ? ';' : ',';
    std::vector<std::string> cells(1);
    bool in_quotes = false;
    for (const char c : line) {
      if (c == '"')
        in_quotes = !in_quotes;
      else if (c == separator && !in_quotes)
        cells.emplace_back();
      else
        cells.back() += c;
    }
    return cells;
  }

  Status read_headings(const std::vector<std::string>& cells, const std::string& domain) {
    const bool any_spam = std::ranges::any_of(
        cells, [](const std::string& cell) { return to_lower(cell).find("spam") != std::string::npos; });
    for (std::size_t place = 0; place < cells.size(); ++place) {
      const auto heading = to_lower(cells[place]);
      const auto says = [&](std::string_view word) { return heading.find(word) != std::string::npos; };
      if (!day_ && (says("date") || says("day"))) {
        day_ = place;
      } else if (!share_ && (any_spam ? says("spam") : says("rate") || says("ratio"))) {
        share_ = place;
        percentages_ = says("%") || says("percent");
      } else if (!domain_ && says("domain")) {
        domain_ = place;
      }
    }
    if (!day_ || !share_)
      return Error{
          "it is neither JSON of the Postmaster Tools API nor CSV with headings for date and spam rate"};
    if (!domain_ && domain.empty())
      return Error{"the file does not say whose rates these are: name the domain with --domain"};
    return {};
  }

  void take_line(const std::vector<std::string>& cells, const std::string& given, std::size_t number) {
    const auto where = std::to_string(number) + ": ";
    const auto cell = [&](std::size_t place) { return place < cells.size() ? cells[place] : std::string(); };
    const auto day = read_day(cell(*day_));
    if (!day) {
      found_.wrong.push_back(where + "no date such as 2026-11-01: " + shown_text(cell(*day_)));
      return;
    }
    const auto domain = domain_ ? read_domain(cell(*domain_)) : std::optional(given);
    if (!domain) {
      found_.wrong.push_back(where + "no domain: " + shown_text(cell(*domain_)));
      return;
    }
    if (trim(cell(*share_)).empty()) {
      ++found_.unknown;
      return;
    }
    const auto share = read_share(cell(*share_), percentages_);
    if (!share) {
      found_.wrong.push_back(where + "no rate such as 0.0012 or 0.12%: " + shown_text(cell(*share_)));
      return;
    }
    found_.rates.push_back({.domain = *domain, .day = *day, .per_million = *share});
  }

  SpamRates found_;
  std::optional<std::size_t> day_;
  std::optional<std::size_t> share_;
  std::optional<std::size_t> domain_;
  bool percentages_ = false;
};

}  // namespace

Result<SpamRates> read_spam_rates(std::string_view text, const std::string& domain) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";  // which spreadsheets put first
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  Reading reading;
  const auto first = trim(text);
  if (first.starts_with('{') || first.starts_with('[')) {
    const auto json = Json::parse(first, nullptr, false);
    if (json.is_discarded()) return Error{"the JSON is damaged or incomplete"};
    reading.take_json(json);
  } else if (auto taken = reading.take_csv(text, domain); !taken) {
    return taken.error();
  }
  return reading.take_found();
}

}  // namespace suppressd::ctl
