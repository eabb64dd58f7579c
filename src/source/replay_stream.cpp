#include "suppressd/source/replay_stream.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace suppressd {

Result<ReplayStream> ReplayStream::open(const std::string& path, CursorBook& book) {
  Result<ByteStream> bytes = ByteStream::open_input(path);
  if (!bytes) return bytes.error();
  LogStream stream(std::move(*bytes));
  Result<bool> identified = stream.identify();
  if (identified && !*identified) identified = stream.identify_by_rest();
  if (!identified) return identified.error();

  ReplayStream replay(path, std::move(stream), !*identified);
  if (!*identified) return replay;
  std::error_code error;
  std::filesystem::path source = path == "-" ? "-" : std::filesystem::absolute(path, error);
  if (error) source = path;
  const Result<std::vector<Cursor>> known = book.by_first_line(replay.stream_.first_line());
  if (!known) return known.error();
  if (Status begun = replay.stream_.begin(*known, source.string()); !begun) return begun.error();
  if (!replay.stream_.known()) replay.stream_.replayed();
  replay.known_until_ = replay.stream_.cursor().offset;
  return replay;
}

Result<Source::Batch> ReplayStream::read(std::size_t limit, std::vector<SourceRecord> room) {
  Source::Batch batch;
  batch.records = std::move(room);
  batch.records.clear();
  if (ended_) return batch;
  const Result<LogStream::Progress> progress = stream_.read(limit, batch.records);
  if (!progress) return progress.error();
  if (*progress == LogStream::Progress::replaced)
    return Error{"cannot continue reading " + path_ + ": it was truncated"};
  if (*progress == LogStream::Progress::end) {
    ended_ = true;
    stream_.take_rest(batch.records);
  }
  batch.cursor = stream_.cursor();
  batch.reference = path_ == "-" ? wall_clock() : stream_.bytes().modified();
  batch.overlong = stream_.overlong() - std::exchange(overlong_told_, stream_.overlong());
  batch.moved = batch.overlong > 0;
  batch.more = !ended_;
  return batch;
}

ReplayStream::Progress ReplayStream::progress() const {
  const struct stat status = stream_.bytes().status();
  if (!S_ISREG(status.st_mode)) return {stream_.bytes().raw_position(), 0};
  const auto total = static_cast<std::uint64_t>(status.st_size);
  return {std::min(stream_.bytes().raw_position(), total), total};
}

}  // namespace suppressd
