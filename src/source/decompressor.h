// Reads a file from the descriptor's position to the end: the text of a compressed file, the bytes
// of any other.
//
// zlib reads gzip (RFC 1952), since it verifies the checksums at the end, which libarchive does
// not; libarchive reads xz, zstd and bzip2. The format is recognised by content, not by name. No
// other program is run. Borrows the descriptor, which may be a pipe. One thread.
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
  /// How many bytes of a file looks_compressed() needs.
  static constexpr std::size_t kHead = 6;
  static bool looks_compressed(std::string_view head);

  /// Reads the first bytes. Errors do not name the file, here and below.
  static Result<std::unique_ptr<Decompressor>> begin(int fd);
  virtual ~Decompressor() = default;

  /// The next bytes; 0: the end. Error: the file is damaged or cut off, or something else follows
  /// the compressed text.
  virtual Result<std::size_t> read(std::span<char> space) = 0;
  /// Bytes of the file itself that were read.
  virtual std::uint64_t raw_position() const = 0;
};

}  // namespace suppressd
