// Finds where lines begin and end in a stream that arrives in pieces.
//
// Its memory is fixed: a line longer than kMaxLine is skipped up to its newline and counted. NUL
// bytes before a line are dropped: they are the hole that a truncation leaves if the writer does
// not append. The owner reads bytes into space(), passes their number to filled(), and calls next()
// until it says no. One thread.
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

  /// Forgets everything and continues at `offset`. `before`: the bytes of the stream before it, at
  /// least the last kDigestWindow of them. If they end within a line, that line is begun again, and
  /// offset() does not advance until it is complete.
  void start(std::uint64_t offset, std::string_view before);

  /// Room for more bytes; never empty after next() has said no. Invalidates all views.
  std::span<char> space();
  void filled(std::size_t count) { end_ += count; }

  /// The next complete line, without its newline. Valid until space() or start().
  bool next(std::string_view& line);

  /// The bytes of the last line, which has no newline yet; if it is too long, only its end.
  std::string_view rest() const { return {data_.get() + line_, end_ - line_}; }
  /// Returns the rest as a line, at the end of a stream that does not grow. False: there is none.
  bool take_rest(std::string_view& line);

  /// Bytes of the stream that were handed out.
  std::uint64_t offset() const { return anchor_ ? anchor_->offset : base_ + line_; }
  /// The up to kDigestWindow bytes before offset().
  std::string_view before() const;
  /// The offset from which the stream must be read next, and the up to kDigestWindow bytes before
  /// it.
  std::uint64_t read_offset() const { return base_ + end_; }
  std::string_view recent() const;

  /// The number of lines that were skipped so far.
  std::uint64_t overlong() const { return overlong_; }

 private:
  /// The values of offset() and before() while the current line is not in the buffer as a whole.
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
  std::size_t taken_ = 0;  // how much of the current line take_rest() has already returned
  bool too_long_ = false;  // the current line is being skipped
  std::optional<Anchor> anchor_;
  std::uint64_t overlong_ = 0;
};

}  // namespace suppressd
