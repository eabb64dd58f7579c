#include "config_values.h"

#include <charconv>

#include "suppressd/base/text.h"

namespace suppressd::values {
namespace {

template <typename Number>
bool read_number(const std::string& text, int base, Number& number) {
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc{} && stop == end;
}

}  // namespace

Error wrong(std::string_view text, std::string_view why) {
  return {"\"" + clean(text, 200) + "\" " + std::string(why)};
}

Result<std::int64_t> whole_number(const std::string& text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  if (!read_number(text, 10, number) || number < least || number > most) {
    return wrong(text, "is not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

Result<double> fraction(const std::string& text, std::int64_t least, std::int64_t most) {
  double number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end && number >= static_cast<double>(least) &&
      number <= static_cast<double>(most))
    return number;
  return wrong(text, "is not a number from " + std::to_string(least) + " to " + std::to_string(most));
}

Result<Duration> finite_duration(const std::string& text) {
  auto duration = parse_duration(text);
  if (duration && *duration == kForever) return wrong(text, "is too long here; write, for example, 72h");
  return duration;
}

Result<Duration> bounded_duration(const std::string& text) {
  auto duration = finite_duration(text);
  if (duration && *duration == Duration{0}) return wrong(text, "is zero; write, for example, 72h");
  return duration;
}

Result<std::vector<Duration>> ladder(const std::vector<std::string>& texts) {
  constexpr std::string_view kExample = "write, for example, [\"30d\", \"90d\", \"forever\"]";
  if (texts.empty()) return Error{"at least one duration is needed; " + std::string(kExample)};
  std::vector<Duration> steps;
  for (const auto& text : texts) {
    const auto step = parse_duration(text);
    if (!step) return step.error();
    if (*step == Duration{0}) return wrong(text, "suppresses no one; " + std::string(kExample));
    if (!steps.empty() && *step <= steps.back()) {
      return wrong(text, "is not longer than the step before it; " + std::string(kExample));
    }
    steps.push_back(*step);
  }
  return steps;
}

Status delimiters(const std::string& text) {
  constexpr std::string_view kAllowed = "!#$%&'*+-./=?^_`{|}~";
  if (text.size() > 2) return wrong(text, "is more than two characters; write, for example, \"+\" or \"+-\"");
  if (text.find_first_not_of(kAllowed) == std::string::npos) return {};
  return wrong(
      text,
      "has a character that cannot begin an address extension; write, for example, \"+\" (allowed are " +
          std::string(kAllowed) + ")");
}

Result<unsigned> file_mode(const std::string& text) {
  unsigned mode = 0;
  if (text.size() < 3 || text.size() > 4 || !read_number(text, 8, mode) || mode > 0777) {
    return wrong(text, "is not a file mode; write, for example, \"0660\"");
  }
  return mode;
}

Status absolute_path(const std::string& text) {
  if (text.find('\0') != std::string::npos) return wrong(text, "contains a null character");
  if (!text.starts_with('/')) return wrong(text, "is not an absolute path; begin it with /");
  if (text.ends_with('/')) return wrong(text, "is a folder; write the path of a file");
  return {};
}

Status absolute_paths(const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    if (auto status = absolute_path(text); !status) return status;
  }
  return {};
}

}  // namespace suppressd::values
