#include "suppressd/source/rotation.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "suppressd/source/rotated_files.h"

#include "stream_identity.h"

namespace suppressd {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kTries = 100;

struct Neighbour {
  RotatedFile file;
  std::unique_ptr<LogStream> stream;  // once opened
  bool tried = false;
  std::string trouble;  // why the file gives no stream although it has content
};

std::int64_t modified_ns(const struct stat& status) {
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * kSecond + status.st_mtim.tv_nsec;
}

bool same_file(const RotatedFile& file, const struct stat& status) {
  return file.device == status.st_dev && file.inode == status.st_ino;
}

/// Opens and identifies the file, once. Null: it cannot be read, or has no complete line.
LogStream* load(Neighbour& neighbour) {
  if (neighbour.tried) return neighbour.stream.get();
  neighbour.tried = true;
  bool missing = false;
  Result<ByteStream> bytes = ByteStream::open(neighbour.file.path, &missing);
  if (!bytes) {
    if (!missing) neighbour.trouble = bytes.error().message;
    return nullptr;
  }
  auto stream = std::make_unique<LogStream>(std::move(*bytes));
  const Result<bool> identified = stream->identify();
  if (identified && !*identified && !stream->empty())
    neighbour.trouble = neighbour.file.path + " has no complete line";
  if (!identified) neighbour.trouble = identified.error().message;
  if (identified && *identified) neighbour.stream = std::move(stream);
  return neighbour.stream.get();
}

std::vector<Neighbour> neighbours(const std::string& path, const Cursor& last,
                                  const std::optional<struct stat>& current) {
  std::vector<RotatedFile> files = rotated_files(path);
  struct stat hint {};
  if (!is_nothing_yet(last) && !last.position.empty() && stat(last.position.c_str(), &hint) == 0 &&
      S_ISREG(hint.st_mode) && std::none_of(files.begin(), files.end(), [&](const RotatedFile& file) {
        return same_file(file, hint);
      })) {
    const auto later = std::find_if(files.begin(), files.end(),
                                    [&](const RotatedFile& f) { return f.modified_ns > modified_ns(hint); });
    files.insert(later, {last.position, hint.st_dev, hint.st_ino, modified_ns(hint)});
  }
  std::vector<Neighbour> result;
  for (RotatedFile& file : files) {
    if (!current || !same_file(file, *current)) result.push_back({.file = std::move(file)});
  }
  return result;
}

/// The neighbour that contains the stream, else the newest with a shorter copy of it.
std::optional<std::size_t> locate(std::vector<Neighbour>& files, const Cursor& last, const LogStream* open,
                                  Rotation& result) {
  if (open != nullptr) {
    const struct stat status = open->bytes().status();
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (same_file(files[i].file, status)) {
        result.found = Rotation::Found::open;
        return i;
      }
    }
  }
  if (is_nothing_yet(last)) return std::nullopt;
  std::optional<std::size_t> shorter;
  for (std::size_t i = files.size(); i-- > 0;) {
    LogStream* stream = load(files[i]);
    if (stream == nullptr || stream->first_line() != last.first_line) continue;
    const Result<LogStream::Likeness> likeness = stream->compare(last);
    if (!likeness || *likeness == LogStream::Likeness::shorter) {
      if (!shorter) shorter = i;
    } else if (*likeness == LogStream::Likeness::same) {
      result.found = open != nullptr ? Rotation::Found::open : Rotation::Found::whole;
      return i;
    }
  }
  if (shorter) result.found = Rotation::Found::shorter_copy;
  return shorter;
}

/// If the stream itself is not found, files modified at this time (nanoseconds) or later are newer.
std::int64_t newer_than(const Cursor& last, const LogStream* open) {
  if (open != nullptr) return modified_ns(open->bytes().status());
  if (is_nothing_yet(last)) {
    std::int64_t bound = 0;
    std::from_chars(last.position.data() + 1, last.position.data() + last.position.size(), bound);
    const std::size_t dot = last.position.find('.');
    std::int64_t fraction = 0;
    if (dot != std::string::npos)
      std::from_chars(last.position.data() + dot + 1, last.position.data() + last.position.size(), fraction);
    return bound * kSecond + fraction;
  }
  return last.last_time ? to_unix(*last.last_time) * kSecond : std::numeric_limits<std::int64_t>::max();
}

/// The names of the log and of the files beside it, each with its file's identity.
std::vector<std::tuple<std::string, dev_t, ino_t>> names_around(const std::string& path) {
  std::vector<std::tuple<std::string, dev_t, ino_t>> names;
  for (const RotatedFile& file : rotated_files(path)) names.emplace_back(file.path, file.device, file.inode);
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) names.emplace_back(path, status.st_dev, status.st_ino);
  return names;
}

Result<Rotation> look_once(const std::string& path, const Cursor& last, const LogStream* open) {
  Rotation result;
  std::unique_ptr<LogStream> current;
  Result<ByteStream> bytes = ByteStream::open(path, &result.current_missing);
  if (!bytes && !result.current_missing) return bytes.error();
  std::optional<struct stat> current_status;
  bool current_begun = false;
  if (bytes) {
    current_status = bytes->status();
    current = std::make_unique<LogStream>(std::move(*bytes));
    const Result<bool> identified = current->identify();
    if (!identified) return identified.error();
    current_begun = *identified;
  }
  if (current_begun && open == nullptr) {
    const Result<LogStream::Likeness> likeness = current->compare(last);
    if (likeness && *likeness == LogStream::Likeness::same) {
      result.found = Rotation::Found::whole;
      result.streams.push_back(std::move(current));
      return result;
    }
  }

  std::vector<Neighbour> files = neighbours(path, last, current_status);
  const std::optional<std::size_t> at = locate(files, last, open, result);
  if (at && result.found == Rotation::Found::whole) result.streams.push_back(std::move(files[*at].stream));
  const std::int64_t bound = newer_than(last, open);
  // A file that cannot be read is lost once there is a newer one; until then, it may still be being
  // written.
  std::vector<std::string> trouble;
  const auto append = [&](std::unique_ptr<LogStream> stream) {
    result.streams.push_back(std::move(stream));
    std::move(trouble.begin(), trouble.end(), std::back_inserter(result.lost));
    trouble.clear();
  };
  for (std::size_t i = at ? *at + 1 : 0; i < files.size(); ++i) {
    if (!at && files[i].file.modified_ns < bound) continue;
    if (load(files[i]) != nullptr) {
      append(std::move(files[i].stream));
    } else if (!files[i].trouble.empty()) {
      trouble.push_back(files[i].trouble);
    }
  }
  if (current_begun) append(std::move(current));
  return result;
}

Cursor nothing_before(const std::string& path, std::int64_t nanoseconds) {
  std::string fraction = std::to_string(nanoseconds % kSecond);
  fraction.insert(0, 9 - fraction.size(), '0');
  Cursor cursor;
  cursor.kind = "file";
  cursor.source = path;
  cursor.digest = window_digest({});
  cursor.position = "@" + std::to_string(nanoseconds / kSecond) + "." + fraction;
  return cursor;
}

}  // namespace

Result<Rotation> look_around(const std::string& path, const Cursor& last, const LogStream* open) {
  for (int tries = 0; tries < kTries; ++tries) {
    const auto names = names_around(path);
    Result<Rotation> rotation = look_once(path, last, open);
    if (!rotation || names_around(path) == names) return rotation;
  }
  return Error{"cannot follow " + path + ": the files beside it are renamed faster than they can be opened"};
}

Cursor nothing_yet(const std::string& path, bool all_seen) {
  std::int64_t newest = 0;
  for (const RotatedFile& file : rotated_files(path)) newest = std::max(newest, file.modified_ns);
  return nothing_before(path, all_seen ? newest + 1 : newest);
}

Cursor nothing_yet(const std::string& path, Time time) {
  return nothing_before(path, to_unix(time) * kSecond);
}

bool is_nothing_yet(const Cursor& cursor) {
  return cursor.position.starts_with('@');
}

}  // namespace suppressd
