// A compressed file's text, from the descriptor's position to the end; the bytes of a file that is not
// compressed.
//
// gzip (RFC 1952) is read with zlib, which verifies the checksums at the end, as libarchive does not; xz,
// zstd and bzip2 with libarchive. Recognised by content, not by name. Within this process. Borrows the
// descriptor, which may be a pipe. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "suppressd/base/result.h"

namespace suppressd {

class Decompressor {
 public:
  /// How many bytes of a file looks_compressed() wants to see.
  static constexpr std::size_t kHead = 6;
  static bool looks_compressed(std::string_view head);

  /// Reads the first bytes. Errors do not name the file, here and below.
  static Result<std::unique_ptr<Decompressor>> begin(int fd);
  virtual ~Decompressor() = default;

  /// The next bytes; 0: the end. Error: damaged, cut off, or something else after it.
  virtual Result<std::size_t> read(std::span<char> space) = 0;
  /// Bytes of the file itself that were read.
  virtual std::uint64_t raw_position() const = 0;
};

}  // namespace suppressd
