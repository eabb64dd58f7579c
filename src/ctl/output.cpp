#include "output.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <nlohmann/json.hpp>

#include "suppressd/base/text.h"
#include "suppressd/base/utf8.h"

namespace suppressd::ctl {
namespace {

constexpr std::size_t kFlushAt = 256 * 1024;
constexpr std::size_t kLongestLine = 64 * 1024;

bool wants_colour() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color && *no_color) return false;
  const char* terminal = std::getenv("TERM");
  if (!terminal || std::strcmp(terminal, "dumb") == 0) return false;
  return isatty(STDOUT_FILENO) == 1;
}

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::array<std::pair<Colour, std::string_view>, 5> kEscapes = {{{Colour::red, "\x1b[31m"},
                                                                          {Colour::green, "\x1b[32m"},
                                                                          {Colour::yellow, "\x1b[33m"},
                                                                          {Colour::bold, "\x1b[1m"},
                                                                          {Colour::faint, "\x1b[2m"}}};

std::string_view escape_of(Colour colour) {
  const auto found = std::ranges::find(kEscapes, colour, &std::pair<Colour, std::string_view>::first);
  return found == kEscapes.end() ? std::string_view{} : found->second;
}

/// Our own escape sequence at the start of `text`; empty: none.
std::string_view leading_escape(std::string_view text) {
  if (text.starts_with(kReset)) return kReset;
  for (const auto& [colour, escape] : kEscapes) {
    if (text.starts_with(escape)) return escape;
  }
  return {};
}

}  // namespace

Output::Output(bool json) : json_(json), coloured_(!json && wants_colour()) {}

void Output::line(std::string_view text) {
  while (!text.empty()) {
    const std::string_view escape = coloured_ ? leading_escape(text) : std::string_view{};
    buffer_ += escape;
    text.remove_prefix(escape.size());
    const auto next = coloured_ ? text.find('\x1b', escape.empty() ? 1 : 0) : std::string_view::npos;
    buffer_ += clean(text.substr(0, next), kLongestLine);
    text.remove_prefix(std::min(next, text.size()));
  }
  buffer_ += '\n';
  if (buffer_.size() >= kFlushAt) flush();
}

void Output::object(const nlohmann::ordered_json& value) {
  raw(value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  buffer_ += '\n';
}

void Output::raw(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kFlushAt) flush();
}

std::string Output::paint(Colour colour, std::string_view text) const {
  std::string cleaned = clean(text, kLongestLine);
  if (!coloured_ || colour == Colour::none) return cleaned;
  return std::string(escape_of(colour)) + cleaned + std::string(kReset);
}

void Output::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && !failed_) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      failed_ = true;
      error_ = errno;
    }
  }
  buffer_.clear();
}

Status Output::finish() {
  flush();
  if (failed_) return Error{std::string("cannot write to standard output: ") + std::strerror(error_)};
  return {};
}

Table::Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

void Table::row(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = clean(cell);
  cells.resize(headings_.size());
  rows_.push_back(std::move(cells));
}

void Table::print(Output& output) const {
  std::vector<std::size_t> widths;
  for (const auto& heading : headings_) widths.push_back(count_characters(heading));
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], count_characters(row[column]));
  }
  const auto layout = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      line += cells[column];
      if (column + 1 < cells.size()) line.append(widths[column] - count_characters(cells[column]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  output.line(output.paint(Colour::bold, layout(headings_)));
  for (const auto& row : rows_) output.line(layout(row));
}

std::string count_of(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

}  // namespace suppressd::ctl
