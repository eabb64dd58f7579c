#include "suppressd/source/line_buffer.h"

#include <algorithm>
#include <cstring>

#include "suppressd/core/cursor.h"

namespace suppressd {
namespace {

constexpr std::size_t kCapacity = kDigestWindow + 2 * LineBuffer::kMaxLine;

}  // namespace

LineBuffer::LineBuffer() : data_(std::make_unique_for_overwrite<char[]>(kCapacity)) {}

void LineBuffer::start(std::uint64_t offset, std::string_view before) {
  before = before.substr(before.size() - std::min<std::size_t>(before.size(), kDigestWindow));
  std::memcpy(data_.get(), before.data(), before.size());
  base_ = offset - before.size();
  line_ = scan_ = end_ = before.size();
  taken_ = 0;
  too_long_ = false;
  anchor_.reset();
  if (before.empty() || before.back() == '\n') return;
  hold();
  const std::size_t newline = before.rfind('\n');
  too_long_ = newline == std::string_view::npos && base_ > 0;
  line_ = newline == std::string_view::npos ? 0 : newline + 1;
  taken_ = end_ - line_;
}

std::span<char> LineBuffer::space() {
  if (scan_ == end_ && end_ - line_ > kMaxLine) pass_over();
  const std::size_t keep = line_ - std::min<std::size_t>(line_, kDigestWindow);
  if (keep > 0) {
    std::memmove(data_.get(), data_.get() + keep, end_ - keep);
    base_ += keep;
    line_ -= keep;
    scan_ -= keep;
    end_ -= keep;
  }
  return {data_.get() + end_, kCapacity - end_};
}

bool LineBuffer::next(std::string_view& line) {
  while (scan_ < end_) {
    if (scan_ == line_ && data_[line_] == '\0') {
      hold();
      while (line_ < end_ && data_[line_] == '\0') ++line_;
      scan_ = line_;
      continue;
    }
    const void* found = std::memchr(data_.get() + scan_, '\n', end_ - scan_);
    if (found == nullptr) {
      scan_ = end_;
      return false;
    }
    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - data_.get());
    line = {data_.get() + line_, newline - line_};
    const bool passed_over = too_long_ || line.size() > kMaxLine;
    const bool given_before = taken_ > 0 && line.size() == taken_;
    line_ = scan_ = newline + 1;
    taken_ = 0;
    too_long_ = false;
    anchor_.reset();
    if (passed_over) ++overlong_;
    if (!passed_over && !given_before) return true;
  }
  return false;
}

bool LineBuffer::take_rest(std::string_view& line) {
  line = rest();
  const bool nothing = line.size() == taken_;
  const bool passed_over = too_long_ || line.size() > kMaxLine;
  taken_ = 0;
  too_long_ = false;
  anchor_.reset();
  line_ = scan_ = end_;
  if (nothing) return false;
  if (passed_over) ++overlong_;
  return !passed_over;
}

std::string_view LineBuffer::before() const {
  return anchor_ ? std::string_view(anchor_->before) : up_to(line_);
}

std::string_view LineBuffer::recent() const {
  return up_to(end_);
}

std::string_view LineBuffer::up_to(std::size_t position) const {
  const std::size_t length = std::min<std::size_t>(position, kDigestWindow);
  return {data_.get() + position - length, length};
}

void LineBuffer::hold() {
  if (!anchor_) anchor_ = Anchor{offset(), std::string(up_to(line_))};
}

void LineBuffer::pass_over() {
  hold();
  too_long_ = true;
  line_ = end_;
}

}  // namespace suppressd
