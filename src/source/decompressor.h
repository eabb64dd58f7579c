// A compressed file's text, from wherever its descriptor stands to its end; of what is not compressed, its
// bytes.
//
// gzip (RFC 1952) is read with zlib, which compares the check sums at the end, as libarchive does not; xz,
// zstd and bzip2 with libarchive. Known by their content, not their name. Within this process. Borrows the
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

  /// The next bytes; 0: the end. Error: damaged, cut off, or something else behind it.
  virtual Result<std::size_t> read(std::span<char> space) = 0;
  /// Bytes of the file itself that were read.
  virtual std::uint64_t raw_position() const = 0;
};

}  // namespace suppressd
