// Where a line begins and ends in a stream that arrives in pieces.
//
// Fixed memory, whatever arrives: a line longer than kMaxLine is skipped to its newline and counted. NUL
// bytes before a line are dropped: they are the hole that a truncation leaves under a writer that does not
// append. The owner reads bytes into space(), says how many they were, and takes lines until there are none.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace suppressd {

class LineBuffer {
 public:
  static constexpr std::size_t kMaxLine = 256 * 1024;

  LineBuffer();

  /// Forgets everything and continues at `offset`, before which the stream has the bytes `before` (at least
  /// the last kDigestWindow of them). Where these end within a line, that line is begun again, and offset()
  /// stays until it is complete.
  void start(std::uint64_t offset, std::string_view before);

  /// Room for more bytes, never empty after next() has said no. Makes all views stale.
  std::span<char> space();
  void filled(std::size_t count) { end_ += count; }

  /// The next complete line, without its newline. Valid until space() or start().
  bool next(std::string_view& line);

  /// Bytes of the last line, which has no newline yet; of a line that is too long only its end.
  std::string_view rest() const { return {data_.get() + line_, end_ - line_}; }
  /// Takes the rest as a line, at the end of a stream that does not grow. False: there is none.
  bool take_rest(std::string_view& line);

  /// Bytes of the stream that were handed out.
  std::uint64_t offset() const { return anchor_ ? anchor_->offset : base_ + line_; }
  /// The up to kDigestWindow bytes before offset().
  std::string_view before() const;
  /// Where the next byte of the stream comes from, and the up to kDigestWindow bytes before that.
  std::uint64_t read_offset() const { return base_ + end_; }
  std::string_view recent() const;

  /// Lines that were skipped so far.
  std::uint64_t overlong() const { return overlong_; }

 private:
  /// What offset() and before() say while the line behind them is not kept whole.
  struct Anchor {
    std::uint64_t offset;
    std::string before;
  };
  std::string_view up_to(std::size_t position) const;
  void hold();
  void pass_over();

  std::unique_ptr<char[]> data_;
  std::uint64_t base_ = 0;  // offset in the stream of data_[0]
  std::size_t line_ = 0;    // where the current line begins
  std::size_t scan_ = 0;    // no newline before this
  std::size_t end_ = 0;
  std::size_t taken_ = 0;  // how much of the current line was given out before, by take_rest()
  bool too_long_ = false;  // the current line is being skipped
  std::optional<Anchor> anchor_;
  std::uint64_t overlong_ = 0;
};

}  // namespace suppressd
