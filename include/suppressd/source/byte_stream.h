// The bytes of one log file, decompressed.
//
// Plain files, files compressed with gzip, xz, zstd or bzip2 (known by their content, not their
// name), and standard input. A plain file may grow while it is read; a compressed one is read
// within this process, to its end, where its checksums are verified. Owns its descriptor: once it
// is open, the file may be renamed, compressed or removed. Errors name the file. One thread.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd {

class ByteStream {
 public:
  /// A file that cannot be opened gives an Error with the fix (see file_access.h); `missing`, if
  /// given, says whether it does not exist.
  static Result<ByteStream> open(const std::string& path, bool* missing = nullptr);
  /// Like open(), for a path from a user: `-` is standard input, and named pipes are allowed.
  static Result<ByteStream> open_input(const std::string& path);
  /// Takes over `fd`. A pipe can only be read forward: until settled(), a temporary file keeps what
  /// was read, to read it again.
  static Result<ByteStream> adopt(int fd, const std::string& path);

  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) noexcept;
  ~ByteStream();

  /// The next bytes; 0: the end, for now.
  Result<std::size_t> read(std::span<char> space);
  /// The up to kDigestWindow bytes before `offset`. False: the stream is shorter than that. Moves
  /// the position.
  Result<bool> window(std::uint64_t offset, std::string& bytes);
  /// Goes to `offset`, which must be within the stream.
  Status seek(std::uint64_t offset);
  /// Call when no seek to an earlier position will follow.
  void settled();

  /// Plain files only: true if the bytes before `offset` are still `expected`, that is, the file
  /// was not truncated or rewritten.
  bool unchanged(std::uint64_t offset, std::string_view expected) const;

  const std::string& path() const;
  /// Where the open file is now, as far as the system knows; for display and as a hint.
  std::string real_path() const;
  int fd() const;
  bool plain() const;
  std::uint64_t position() const;
  /// The file's state now.
  struct stat status() const;
  Time modified() const;
  /// Bytes of the file itself (compressed, if it is) that were read.
  std::uint64_t raw_position() const;

 private:
  struct State;
  explicit ByteStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace suppressd
