#include "suppressd/source/byte_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "suppressd/core/cursor.h"
#include "suppressd/source/file_access.h"

#include "decompressor.h"

namespace suppressd {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Result<std::size_t> read_at(int fd, std::span<char> space, std::uint64_t offset, const std::string& path) {
  for (;;) {
    const ssize_t count = pread(fd, space.data(), space.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR)
      return Error{"cannot read " + path + " at byte " + std::to_string(offset) + ": " +
                   std::strerror(errno)};
  }
}

}  // namespace

struct ByteStream::State {
  int fd = -1;
  std::string path;
  bool plain = true;
  bool pipe = false;
  std::uint64_t position = 0;
  std::unique_ptr<Decompressor> reader;  // unless it is plain

  // A pipe's bytes so far, to read them again.
  std::unique_ptr<std::FILE, CloseFile> spool;
  std::uint64_t spooled = 0;
  bool keep = false;

  ~State() {
    if (fd >= 0) close(fd);
  }

  Status begin_decompressor();
  Result<std::size_t> unpack(std::span<char> space);
  Result<std::size_t> read(std::span<char> space);
  Status rewind();
};

Status ByteStream::State::begin_decompressor() {
  auto begun = Decompressor::begin(fd);
  if (!begun) return Error{"cannot read " + path + ": " + begun.error().message};
  reader = std::move(*begun);
  return {};
}

Result<std::size_t> ByteStream::State::unpack(std::span<char> space) {
  auto count = reader->read(space);
  if (count) return count;
  return Error{"cannot read " + path + " beyond byte " + std::to_string(position) +
               " of its decompressed text: " + count.error().message};
}

Result<std::size_t> ByteStream::State::read(std::span<char> space) {
  Result<std::size_t> count = std::size_t{0};
  if (plain) {
    count = read_at(fd, space, position, path);
  } else if (position < spooled) {
    const std::uint64_t kept = spooled - position;
    count = read_at(fileno(spool.get()), space.first(std::min<std::uint64_t>(space.size(), kept)), position,
                    "the copy of " + path);
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
  return begin_decompressor();
}

ByteStream::ByteStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;
ByteStream::~ByteStream() = default;

Result<ByteStream> ByteStream::open(const std::string& path, bool* missing) {
  // Without O_NONBLOCK, a FIFO of this name would block open() forever.
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
    std::array<char, Decompressor::kHead> head{};
    const Result<std::size_t> count = read_at(fd, head, 0, path);
    if (!count) return count.error();
    state->plain = !Decompressor::looks_compressed({head.data(), *count});
  }
  if (!state->plain) {
    if (Status begun = state->begin_decompressor(); !begun) return begun.error();
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
    const Result<std::size_t> count =
        read(std::span(space).first(std::min<std::uint64_t>(space.size(), offset - state_->position)));
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
  const Result<std::size_t> count =
      read_at(state_->fd, std::span(space).first(expected.size()), offset - expected.size(), state_->path);
  return count && std::string_view(space.data(), *count) == expected;
}

const std::string& ByteStream::path() const {
  return state_->path;
}

std::string ByteStream::real_path() const {
  std::array<char, 4096> target;
  const ssize_t length =
      readlink(("/proc/self/fd/" + std::to_string(state_->fd)).c_str(), target.data(), target.size());
  return length > 0 && target[0] == '/' ? std::string(target.data(), static_cast<std::size_t>(length))
                                        : state_->path;
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
  return state_->reader->raw_position();
}

}  // namespace suppressd
