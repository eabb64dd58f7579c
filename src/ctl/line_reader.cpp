#include "line_reader.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace suppressd::ctl {
namespace {

std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

LineReader::LineReader(ByteStream bytes) : bytes_(std::move(bytes)), buffer_(2 * kLongest) {
  bytes_.settled();
}

Result<bool> LineReader::fill() {
  if (line_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + line_, end_ - line_);
    scan_ -= line_;
    end_ -= line_;
    line_ = 0;
  }
  auto count = bytes_.read(std::span(buffer_).subspan(end_));
  if (!count) return count.error();
  end_ += *count;
  at_end_ = *count == 0;
  return *count > 0;
}

Status LineReader::skip_rest_of_line() {
  while (true) {
    const void* newline = std::memchr(buffer_.data() + line_, '\n', end_ - line_);
    if (newline) {
      line_ = scan_ = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) + 1;
      return {};
    }
    line_ = scan_ = end_ = 0;
    const auto filled = fill();
    if (!filled) return filled.error();
    if (!*filled) return {};
  }
}

Result<std::optional<std::string_view>> LineReader::next() {
  using Line = std::optional<std::string_view>;
  while (true) {
    const void* newline = std::memchr(buffer_.data() + scan_, '\n', end_ - scan_);
    if (newline) {
      const auto length =
          static_cast<std::size_t>(static_cast<const char*>(newline) - (buffer_.data() + line_));
      const std::string_view line(buffer_.data() + line_, length);
      line_ = scan_ = line_ + length + 1;
      return Line{without_carriage_return(line.substr(0, kLongest))};
    }
    scan_ = end_;
    if (end_ - line_ >= kLongest) break;
    if (!at_end_) {
      const auto filled = fill();
      if (!filled) return filled.error();
      if (*filled) continue;
    }
    if (line_ == end_) return Line{};
    const std::string_view line(buffer_.data() + line_, end_ - line_);
    line_ = scan_ = end_;
    return Line{without_carriage_return(line)};
  }
  overlong_.assign(buffer_.data() + line_, kLongest);
  if (auto skipped = skip_rest_of_line(); !skipped) return skipped.error();
  return Line{overlong_};
}

}  // namespace suppressd::ctl
