#include "suppressd/source/log_stream.h"

#include <algorithm>
#include <span>
#include <utility>

#include "stream_identity.h"

namespace suppressd {

Result<bool> LogStream::identify() {
  if (!first_line_.empty()) return true;
  std::string head(kFirstLineLimit, '\0');
  if (Status begun = bytes_.seek(0); !begun) return begun.error();
  std::size_t have = 0;
  while (have < head.size()) {
    const Result<std::size_t> count = bytes_.read(std::span(head).subspan(have));
    if (!count) return count.error();
    if (*count == 0) break;
    have += *count;
    empty_ = false;
    first_line_ = first_line_hash({head.data(), have});
    if (!first_line_.empty()) break;
  }
  return !first_line_.empty();
}

Result<bool> LogStream::identify_by_rest() {
  std::string head(kFirstLineLimit, '\0');
  if (Status begun = bytes_.seek(0); !begun) return begun.error();
  std::size_t have = 0;
  for (;;) {
    const Result<std::size_t> count = bytes_.read(std::span(head).subspan(have));
    if (!count) return count.error();
    if (*count == 0) break;
    have += *count;
  }
  if (have == 0) return false;
  head.resize(have);
  first_line_ = first_line_hash(head + '\n');
  by_rest_ = true;
  return true;
}

Result<LogStream::Likeness> LogStream::compare(const Cursor& cursor) {
  if (first_line_.empty() || cursor.first_line != first_line_) return Likeness::other;
  std::string before;
  const Result<bool> long_enough = bytes_.window(cursor.offset, before);
  if (!long_enough) return long_enough.error();
  if (!*long_enough) return Likeness::shorter;
  return window_digest(before) == cursor.digest ? Likeness::same : Likeness::other;
}

Status LogStream::begin(const std::vector<Cursor>& known, const std::string& source) {
  std::vector<const Cursor*> order;
  order.reserve(known.size());
  for (const Cursor& cursor : known) order.push_back(&cursor);
  std::stable_sort(order.begin(), order.end(),
                   [](const Cursor* a, const Cursor* b) { return a->offset < b->offset; });
  cursor_ = Cursor{.kind = "file", .source = source};
  for (const Cursor* cursor : order) {
    const Result<Likeness> likeness = compare(*cursor);
    if (!likeness) return likeness.error();
    if (*likeness == Likeness::shorter) break;
    if (*likeness == Likeness::same) cursor_ = *cursor;
  }
  if (cursor_.id == 0) {
    for (const Cursor& cursor : known) cursor_.saved = std::max(cursor_.saved, cursor.saved);
  }
  cursor_.position = bytes_.real_path();
  if (Status went = go(cursor_.offset); !went) return went;
  bytes_.settled();
  return {};
}

Status LogStream::begin_at_end(const std::string& source) {
  cursor_ = Cursor{.saved = cursor_.saved, .kind = "file", .source = source, .position = bytes_.real_path()};
  // Searches backwards from the end, one window at a time.
  for (auto end = static_cast<std::uint64_t>(bytes_.status().st_size); end > 0;) {
    std::string before;
    const Result<bool> there = bytes_.window(end, before);
    if (!there) return there.error();
    const std::size_t newline = *there ? before.rfind('\n') : std::string::npos;
    if (newline != std::string::npos) return go(end - before.size() + newline + 1);
    end -= before.size();
  }
  return go(0);
}

Result<bool> LogStream::pass_over_until(const std::function<bool(std::string_view line)>& wanted) {
  std::vector<SourceRecord> records;
  for (;;) {
    const std::uint64_t before = lines_.offset();
    records.clear();
    const Result<Progress> progress = read(1, records);
    if (!progress) return progress.error();
    if (*progress != Progress::lines) return false;
    if (records.empty() || !wanted(records.front().line)) continue;
    if (Status went = go(before); !went) return went.error();
    return true;
  }
}

Status LogStream::go(std::uint64_t offset) {
  std::string before;
  const Result<bool> there = bytes_.window(offset, before);
  if (!there) return there.error();
  if (!*there) return Error{"cannot read " + bytes_.path() + ": it became shorter while it was opened"};
  lines_.start(offset, before);
  return {};
}

Result<LogStream::Progress> LogStream::read(std::size_t limit, std::vector<SourceRecord>& records) {
  const std::uint64_t overlong = lines_.overlong();
  const std::size_t before = records.size();
  for (;;) {
    std::string_view line;
    while (records.size() - before < limit && lines_.next(line)) records.push_back({.line = line});
    if (records.size() > before || lines_.overlong() > overlong) return Progress::lines;

    const std::span<char> space = lines_.space();
    const Result<std::size_t> count = bytes_.read(space);
    if (!count) return count.error();
    if (bytes_.plain() && !still_itself({space.data(), *count})) return Progress::replaced;
    if (*count == 0) return Progress::end;
    lines_.filled(*count);
  }
}

bool LogStream::still_itself(std::string_view read_now) const {
  if (lines_.read_offset() == 0) return by_rest_ || first_line_hash(read_now) == first_line_;
  return bytes_.unchanged(lines_.read_offset(), lines_.recent());
}

bool LogStream::take_rest(std::vector<SourceRecord>& records) {
  std::string_view line;
  if (!lines_.take_rest(line)) return false;
  records.push_back({.line = line});
  return true;
}

Cursor LogStream::cursor() const {
  Cursor now = cursor_;
  now.first_line = first_line_;
  now.offset = lines_.offset();
  now.digest = window_digest(lines_.before());
  return now;
}

void LogStream::stored(const Cursor& cursor) {
  cursor_.id = cursor.id;
  cursor_.saved = cursor.saved;
  cursor_.last_time = cursor.last_time;
  cursor_.zone = cursor.zone;
  cursor_.swept = cursor.swept;
}

}  // namespace suppressd
