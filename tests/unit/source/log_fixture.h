// What the tests of sources share: a folder of logs, and a caller that commits as the learner does.
// Header only.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

#include "suppressd/source/source.h"

namespace suppressd::test {

/// A folder that is removed with its content at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "suppressd-source-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void append(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

inline std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Compresses as gzip(1) and similar tools do: into `path` + `suffix`, with the same times.
/// `remove`: also removes the plain file.
inline void compress(const std::string& path, const std::string& suffix, bool remove = true) {
  const std::string target = path + suffix;
  const std::string text = content(path);
  archive* a = archive_write_new();
  int code = suffix == ".gz"    ? archive_write_add_filter_gzip(a)
             : suffix == ".xz"  ? archive_write_add_filter_xz(a)
             : suffix == ".zst" ? archive_write_add_filter_zstd(a)
                                : archive_write_add_filter_bzip2(a);
  code |= archive_write_set_format_raw(a);
  code |= archive_write_open_filename(a, target.c_str());
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  code |= archive_write_header(a, entry);
  const bool written =
      archive_write_data(a, text.data(), text.size()) == static_cast<la_ssize_t>(text.size());
  archive_entry_free(entry);
  code |= archive_write_close(a);
  archive_write_free(a);
  if (code != ARCHIVE_OK || !written) throw std::runtime_error("cannot compress to " + target);
  struct stat status {};
  stat(path.c_str(), &status);
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  utimensat(AT_FDCWD, target.c_str(), times.data(), 0);
  if (remove) std::filesystem::remove(path);
}

/// Cursors kept in memory, in the order in which they were stored.
class Book final : public CursorBook {
 public:
  Result<std::vector<Cursor>> by_first_line(std::string_view first_line) override {
    if (broken) return Error{"the book cannot be read"};
    std::vector<Cursor> found;
    std::copy_if(rows_.rbegin(), rows_.rend(), std::back_inserter(found),
                 [&](const Cursor& row) { return row.first_line == first_line; });
    return found;
  }
  Result<std::optional<Cursor>> newest_of(std::string_view source) override {
    if (broken) return Error{"the book cannot be read"};
    const auto row =
        std::find_if(rows_.rbegin(), rows_.rend(), [&](const Cursor& r) { return r.source == source; });
    return row == rows_.rend() ? std::optional<Cursor>() : std::optional(*row);
  }
  Result<std::optional<Cursor>> newest_followed() override {
    if (broken) return Error{"the book cannot be read"};
    const auto row =
        std::find_if(rows_.rbegin(), rows_.rend(), [&](const Cursor& r) { return r.kind != "replay"; });
    return row == rows_.rend() ? std::optional<Cursor>() : std::optional(*row);
  }
  Cursor save(Cursor cursor) {
    if (cursor.id == 0) cursor.id = ++last_id_;
    std::erase_if(rows_, [&](const Cursor& row) { return row.id == cursor.id; });
    rows_.push_back(cursor);
    return cursor;
  }
  std::size_t size() const { return rows_.size(); }

  bool broken = false;

 private:
  std::vector<Cursor> rows_;
  std::int64_t last_id_ = 0;
};

/// What a source returned and the caller committed.
struct Learned {
  std::vector<std::string> lines;
  std::vector<Gap> gaps;
  std::uint64_t overlong = 0;
};

inline std::string text_of(const SourceRecord& record) {
  if (!record.structured) return std::string(record.line);
  return std::string(record.entry.host) + " " + std::string(record.entry.tag) + ": " +
         std::string(record.entry.message);
}

/// Reads once and commits the batch if there is something to commit. False: there was nothing new.
template <typename AnySource>
bool learn_once(AnySource& source, Book& book, Learned& learned, std::size_t limit = 1000) {
  const Result<Source::Batch> batch = source.read(limit);
  if (!batch) throw std::runtime_error(batch.error().message);
  for (const SourceRecord& record : batch->records) learned.lines.push_back(text_of(record));
  learned.gaps.insert(learned.gaps.end(), batch->gaps.begin(), batch->gaps.end());
  learned.overlong += batch->overlong;
  if (!batch->records.empty() || batch->moved || !batch->gaps.empty())
    source.stored(book.save(batch->cursor));
  return batch->more;
}

template <typename AnySource>
void learn_all(AnySource& source, Book& book, Learned& learned, std::size_t limit = 1000) {
  while (learn_once(source, book, learned, limit)) {
  }
}

using Lines = std::vector<std::string>;

}  // namespace suppressd::test
