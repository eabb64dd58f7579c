#include "decompressor.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <archive.h>

namespace suppressd {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBlock = 128 * 1024;
constexpr std::string_view kGzip = "\x1f\x8b"sv;
constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd"sv;
constexpr std::string_view kXz =
    "\xfd"
    "7zXZ\0"sv;

/// The file's own bytes, one block at a time.
class RawBytes {
 public:
  explicit RawBytes(int fd) : fd_(fd), block_(kBlock) {}

  /// The first block, at least kHead bytes if there are that many.
  Result<std::span<char>> first() {
    std::size_t have = 0;
    while (have < Decompressor::kHead) {
      const auto count = read_into(std::span(block_).subspan(have));
      if (!count) return count.error();
      if (*count == 0) break;
      have += *count;
    }
    return std::span(block_).first(have);
  }

  /// The next block; empty: the end. Valid until the next call.
  Result<std::span<char>> next() {
    const auto count = read_into(block_);
    if (!count) return count.error();
    return std::span(block_).first(*count);
  }

 private:
  Result<std::size_t> read_into(std::span<char> space) const {
    for (;;) {
      const ssize_t count = ::read(fd_, space.data(), space.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return Error{std::strerror(errno)};
    }
  }

  int fd_;
  std::vector<char> block_;
};

/// One or more members, one after another, as `cat a.gz b.gz` makes them. Zeros may follow, as on a
/// tape.
class Gzip : public Decompressor {
 public:
  Gzip(RawBytes raw, std::span<char> first) : raw_(std::move(raw)) { feed(first); }
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Status begin() {
    constexpr int kGzipAlone = MAX_WBITS + 16;
    if (inflateInit2(&stream_, kGzipAlone) != Z_OK) return Error{"out of memory"};
    return {};
  }

  Result<std::size_t> read(std::span<char> space) override {
    stream_.next_out = reinterpret_cast<Bytef*>(space.data());
    stream_.avail_out = static_cast<uInt>(space.size());
    while (stream_.avail_out > 0 && stream_.avail_out == space.size()) {
      if (stream_.avail_in == 0) {
        const auto block = raw_.next();
        if (!block) return block.error();
        feed(*block);
        if (block->empty() && between_members_) break;
        if (block->empty()) return Error{"truncated: it was cut off, or is still being written"};
      }
      if (auto stepped = between_members_ ? begin_member() : inflate_some(); !stepped) return stepped.error();
    }
    return space.size() - stream_.avail_out;
  }

  std::uint64_t raw_position() const override { return fed_ - stream_.avail_in; }

 private:
  void feed(std::span<char> block) {
    stream_.next_in = reinterpret_cast<Bytef*>(block.data());
    stream_.avail_in = static_cast<uInt>(block.size());
    fed_ += block.size();
  }

  Status inflate_some() {
    const int code = inflate(&stream_, Z_NO_FLUSH);
    between_members_ = code == Z_STREAM_END;
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR) return {};
    return Error{"damaged: " + std::string(stream_.msg != nullptr ? stream_.msg : zError(code))};
  }

  Status begin_member() {
    const std::span rest(stream_.next_in, stream_.avail_in);
    const auto zeros = static_cast<std::size_t>(
        std::ranges::find_if(rest, [](Bytef byte) { return byte != 0; }) - rest.begin());
    stream_.next_in += zeros;
    stream_.avail_in -= static_cast<uInt>(zeros);
    if (zeros == rest.size()) return {};
    if (rest[zeros] != static_cast<Bytef>(kGzip[0]))
      return Error{"something that is not gzip follows the compressed text"};
    between_members_ = false;
    inflateReset(&stream_);
    return {};
  }

  RawBytes raw_;
  z_stream stream_{};
  std::uint64_t fed_ = 0;
  bool between_members_ = false;
};

struct CloseArchive {
  void operator()(archive* a) const { archive_read_free(a); }
};

/// xz, zstd or bzip2, or data that is not compressed.
class Archive : public Decompressor {
 public:
  Archive(RawBytes raw, std::span<char> first)
      : raw_(std::move(raw)), first_(first), archive_(archive_read_new()) {}

  Status begin(bool compressed) {
    archive* a = archive_.get();
    // ARCHIVE_WARN would mean that libarchive runs an outside program.
    if (archive_read_support_filter_bzip2(a) != ARCHIVE_OK ||
        archive_read_support_filter_xz(a) != ARCHIVE_OK ||
        archive_read_support_filter_zstd(a) != ARCHIVE_OK) {
      return Error{"this libarchive does not support bzip2, xz or zstd"};
    }
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    if (archive_read_open(a, this, nullptr, give_block, nullptr) != ARCHIVE_OK) return error();
    archive_entry* entry = nullptr;
    const int begun = archive_read_next_header(a, &entry);
    ended_ = begun == ARCHIVE_EOF;
    if (compressed && archive_filter_count(a) < 2)
      return Error{"it looks compressed but is not a valid file"};
    if (begun != ARCHIVE_OK && !ended_) return error();
    return {};
  }

  Result<std::size_t> read(std::span<char> space) override {
    if (ended_) return std::size_t{0};
    const la_ssize_t count = archive_read_data(archive_.get(), space.data(), space.size());
    if (count < 0) return error();
    ended_ = count == 0;
    return static_cast<std::size_t>(count);
  }

  std::uint64_t raw_position() const override {
    return static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(archive_.get(), -1)));
  }

 private:
  static la_ssize_t give_block(archive* a, void* self, const void** block) {
    auto& own = *static_cast<Archive*>(self);
    const auto next =
        own.first_.empty() ? own.raw_.next() : Result<std::span<char>>(std::exchange(own.first_, {}));
    if (!next) {
      archive_set_error(a, EIO, "%s", next.error().message.c_str());
      return -1;
    }
    *block = next->data();
    return static_cast<la_ssize_t>(next->size());
  }

  Error error() const {
    const char* why = archive_error_string(archive_.get());
    return Error{why != nullptr ? why : "damaged"};
  }

  RawBytes raw_;
  std::span<char> first_;  ///< Already read, but not yet given to libarchive.
  std::unique_ptr<archive, CloseArchive> archive_;
  bool ended_ = false;
};

}  // namespace

bool Decompressor::looks_compressed(std::string_view head) {
  const bool bzip2 = head.starts_with("BZh"sv) && head.size() > 3 && head[3] >= '1' && head[3] <= '9';
  return bzip2 || head.starts_with(kGzip) || head.starts_with(kZstd) || head.starts_with(kXz);
}

Result<std::unique_ptr<Decompressor>> Decompressor::begin(int fd) {
  RawBytes raw(fd);
  const auto first = raw.first();
  if (!first) return first.error();
  const std::string_view head(first->data(), first->size());
  if (head.starts_with(kGzip)) {
    auto gzip = std::make_unique<Gzip>(std::move(raw), *first);
    if (auto begun = gzip->begin(); !begun) return begun.error();
    return std::unique_ptr<Decompressor>(std::move(gzip));
  }
  const bool compressed = looks_compressed(head);
  auto archive = std::make_unique<Archive>(std::move(raw), *first);
  if (auto begun = archive->begin(compressed); !begun) return begun.error();
  return std::unique_ptr<Decompressor>(std::move(archive));
}

}  // namespace suppressd
