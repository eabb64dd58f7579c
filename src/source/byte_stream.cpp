#include "suppressd/source/byte_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <archive.h>

#include "suppressd/core/cursor.h"
#include "suppressd/source/file_access.h"

namespace suppressd {
namespace {

struct CloseArchive {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

bool looks_compressed(std::string_view head) {
  using namespace std::string_view_literals;
  return head.starts_with("\x1f\x8b"sv) ||
         head.starts_with(
             "\xfd"
             "7zXZ\0"sv) ||
         head.starts_with("\x28\xb5\x2f\xfd"sv) || (head.starts_with("BZh"sv) && head.size() > 3 && head[3] >= '1' && head[3] <= '9');
}

Result<std::size_t> read_at(int fd, std::span<char> space, std::uint64_t offset, const std::string& path) {
  for (;;) {
    const ssize_t count = pread(fd, space.data(), space.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return Error{"cannot read " + path + " at byte " + std::to_string(offset) + ": " + std::strerror(errno)};
  }
}

}  // namespace

struct ByteStream::State {
  int fd = -1;
  std::string path;
  bool plain = true;
  bool pipe = false;
  std::uint64_t position = 0;
  std::unique_ptr<archive, CloseArchive> reader;
  bool ended = false;
  bool packed = false;  // the file begins as a compressed one does

  // A pipe's bytes so far, to read them again.
  std::unique_ptr<std::FILE, CloseFile> spool;
  std::uint64_t spooled = 0;
  bool keep = false;

  ~State() {
    reader.reset();
    if (fd >= 0) close(fd);
  }

  Status begin_archive();
  Result<std::size_t> unpack(std::span<char> space);
  Result<std::size_t> read(std::span<char> space);
  Status rewind();
};

Status ByteStream::State::begin_archive() {
  reader.reset(archive_read_new());
  ended = false;
  archive* a = reader.get();
  // ARCHIVE_WARN would mean that libarchive runs an outside program.
  const bool filters = archive_read_support_filter_gzip(a) == ARCHIVE_OK && archive_read_support_filter_bzip2(a) == ARCHIVE_OK &&
                       archive_read_support_filter_xz(a) == ARCHIVE_OK && archive_read_support_filter_zstd(a) == ARCHIVE_OK;
  if (!filters) return Error{"cannot read " + path + ": this libarchive lacks gzip, bzip2, xz or zstd"};
  archive_read_support_format_raw(a);
  archive_read_support_format_empty(a);
  archive_entry* entry = nullptr;
  if (archive_read_open_fd(a, fd, 128 * 1024) != ARCHIVE_OK) {
    return Error{"cannot read " + path + ": " + archive_error_string(a)};
  }
  const int begun = archive_read_next_header(a, &entry);
  ended = begun == ARCHIVE_EOF;
  if (packed && archive_filter_count(a) < 2) return Error{"cannot read " + path + ": it begins like a compressed file and is none"};
  if (begun != ARCHIVE_OK && !ended) return Error{"cannot read " + path + ": " + archive_error_string(a)};
  return {};
}

Result<std::size_t> ByteStream::State::unpack(std::span<char> space) {
  if (ended) return std::size_t{0};
  const la_ssize_t count = archive_read_data(reader.get(), space.data(), space.size());
  if (count < 0) {
    const char* why = archive_error_string(reader.get());
    return Error{"cannot read " + path + " beyond byte " + std::to_string(position) +
                 " of its decompressed text: " + (why != nullptr ? why : "damaged")};
  }
  ended = count == 0;
  return static_cast<std::size_t>(count);
}

Result<std::size_t> ByteStream::State::read(std::span<char> space) {
  Result<std::size_t> count = std::size_t{0};
  if (plain) {
    count = read_at(fd, space, position, path);
  } else if (position < spooled) {
    const std::uint64_t kept = spooled - position;
    count = read_at(fileno(spool.get()), space.first(std::min<std::uint64_t>(space.size(), kept)), position, "the copy of " + path);
  } else {
    count = unpack(space);
    if (count && keep && *count > 0) {
      if (std::fwrite(space.data(), 1, *count, spool.get()) != *count || std::fflush(spool.get()) != 0) {
        return Error{"cannot keep a temporary copy of " + path + ": " + std::strerror(errno)};
      }
      spooled += *count;
    }
  }
  if (count) position += *count;
  return count;
}

Status ByteStream::State::rewind() {
  position = 0;
  if (plain || pipe) return {};
  if (lseek(fd, 0, SEEK_SET) != 0) return Error{"cannot read " + path + " again: " + std::strerror(errno)};
  return begin_archive();
}

ByteStream::ByteStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;
ByteStream::~ByteStream() = default;

Result<ByteStream> ByteStream::open(const std::string& path, bool* missing) {
  // Without O_NONBLOCK a FIFO under this name would hold us for ever.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  const int error = errno;
  if (missing != nullptr) *missing = fd < 0 && (error == ENOENT || error == ENOTDIR);
  if (fd < 0) return Error{explain_unreadable(path, error)};
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(fd);
    return Error{"cannot read " + path + ": it is not a regular file"};
  }
  return adopt(fd, path);
}

Result<ByteStream> ByteStream::open_input(const std::string& path) {
  if (path == "-") {
    const int fd = dup(STDIN_FILENO);
    if (fd < 0) return Error{std::string("cannot read standard input: ") + std::strerror(errno)};
    return adopt(fd, "standard input");
  }
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISFIFO(status.st_mode)) return open(path);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{explain_unreadable(path, errno)};
  return adopt(fd, path);
}

Result<ByteStream> ByteStream::adopt(int fd, const std::string& path) {
  auto state = std::make_unique<State>();
  state->fd = fd;
  state->path = path;
  struct stat status {};
  state->pipe = fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || lseek(fd, 0, SEEK_CUR) != 0;
  if (state->pipe) {
    state->plain = false;
    state->spool.reset(std::tmpfile());
    state->keep = true;
    if (!state->spool) return Error{"cannot make a temporary file for " + path + ": " + std::strerror(errno)};
  } else {
    std::array<char, 6> head{};
    const Result<std::size_t> count = read_at(fd, head, 0, path);
    if (!count) return count.error();
    state->packed = looks_compressed({head.data(), *count});
    state->plain = !state->packed;
  }
  if (!state->plain) {
    if (Status begun = state->begin_archive(); !begun) return begun.error();
  }
  return ByteStream(std::move(state));
}

Result<std::size_t> ByteStream::read(std::span<char> space) {
  return state_->read(space);
}

Result<bool> ByteStream::window(std::uint64_t offset, std::string& bytes) {
  const std::uint64_t from = offset - std::min<std::uint64_t>(offset, kDigestWindow);
  if (Status moved = seek(from); !moved) return moved.error();
  bytes.resize(offset - from);
  std::size_t have = state_->position == from ? 0 : bytes.size() + 1;
  while (have < bytes.size()) {
    const Result<std::size_t> count = read(std::span(bytes).subspan(have));
    if (!count) return count.error();
    if (*count == 0) break;
    have += *count;
  }
  return have == bytes.size();
}

Status ByteStream::seek(std::uint64_t offset) {
  if (state_->plain) {
    state_->position = offset;
    return {};
  }
  if (offset < state_->position) {
    if (Status begun = state_->rewind(); !begun) return begun;
  }
  if (state_->pipe && offset <= state_->spooled) {
    state_->position = offset;
    return {};
  }
  std::array<char, 64 * 1024> space;
  while (state_->position < offset) {
    const Result<std::size_t> count = read(std::span(space).first(std::min<std::uint64_t>(space.size(), offset - state_->position)));
    if (!count) return count.error();
    if (*count == 0) break;
  }
  return {};
}

void ByteStream::settled() {
  state_->keep = false;
}

bool ByteStream::unchanged(std::uint64_t offset, std::string_view expected) const {
  struct stat now {};
  if (fstat(state_->fd, &now) != 0 || static_cast<std::uint64_t>(now.st_size) < offset) return false;
  std::array<char, kDigestWindow> space;
  expected = expected.substr(expected.size() - std::min(expected.size(), space.size()));
  const Result<std::size_t> count = read_at(state_->fd, std::span(space).first(expected.size()), offset - expected.size(), state_->path);
  return count && std::string_view(space.data(), *count) == expected;
}

const std::string& ByteStream::path() const {
  return state_->path;
}

std::string ByteStream::real_path() const {
  std::array<char, 4096> target;
  const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(state_->fd)).c_str(), target.data(), target.size());
  return length > 0 && target[0] == '/' ? std::string(target.data(), static_cast<std::size_t>(length)) : state_->path;
}

int ByteStream::fd() const {
  return state_->fd;
}
bool ByteStream::plain() const {
  return state_->plain;
}
std::uint64_t ByteStream::position() const {
  return state_->position;
}

struct stat ByteStream::status() const {
  struct stat now {};
  fstat(state_->fd, &now);
  return now;
}

Time ByteStream::modified() const {
  return from_unix(status().st_mtim.tv_sec);
}

std::uint64_t ByteStream::raw_position() const {
  if (state_->plain) return state_->position;
  return static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_filter_bytes(state_->reader.get(), -1)));
}

}  // namespace suppressd
