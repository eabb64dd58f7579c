#include "suppressd/learn/held_lines.h"

#include <utility>

#include "suppressd/mta/dialect.h"

namespace suppressd {
namespace {

std::size_t size_of(const SourceRecord& record) {
  return record.line.size() + record.entry.host.size() + record.entry.tag.size() +
         record.entry.message.size();
}

// `text` has room for all.
void own(SourceRecord& record, std::string& text) {
  for (auto* view : {&record.line, &record.entry.host, &record.entry.tag, &record.entry.message}) {
    const std::size_t begin = text.size();
    text.append(*view);
    *view = std::string_view(text).substr(begin);
  }
}

}  // namespace

void HeldLines::add(Source::Batch next, Moment now) {
  if (empty()) since_ = now;
  std::size_t bytes = 0;
  for (const auto& record : next.records) bytes += size_of(record);
  bytes_ += bytes;
  auto& text = texts_.emplace_back();
  text.reserve(bytes);  // so that it does not move
  for (auto& record : next.records) {
    own(record, text);
    urgent_ = urgent_ || may_tell_permanent_failure(record.structured ? record.entry.message : record.line);
  }
  // Only records wait: a gap, or a position that must be stored without a record, is due at once.
  auto records = std::move(batch_.records);
  records.insert(records.end(), next.records.begin(), next.records.end());
  batch_ = std::move(next);
  batch_.records = std::move(records);
  const bool begins =
      batch_.cursor.id == 0 || !batch_.cursor.last_time;  // nothing of its stream is stored yet
  urgent_ = urgent_ || begins || batch_.moved || !batch_.gaps.empty() || batch_.records.size() >= kMost ||
            bytes_ >= kMostBytes;
}

void HeldLines::clear() {
  *this = {};
}

}  // namespace suppressd
