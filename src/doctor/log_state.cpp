#include "suppressd/doctor/log_state.h"

#include <algorithm>

#include "suppressd/config/sources.h"
#include "suppressd/mta/log_line.h"

namespace suppressd {
namespace {

constexpr std::size_t kPiece = 1000;
constexpr std::uint64_t kMostLines = 200'000;  // a second or so; who is further behind is far behind

class Cursors final : public CursorBook {
 public:
  explicit Cursors(const std::vector<Cursor>& newest_first) : cursors_(newest_first) {}

  Result<std::vector<Cursor>> by_first_line(std::string_view first_line) override {
    std::vector<Cursor> found;
    std::ranges::copy_if(cursors_, std::back_inserter(found),
                         [&](const Cursor& cursor) { return cursor.first_line == first_line; });
    return found;
  }
  Result<std::optional<Cursor>> newest_of(std::string_view source) override {
    return first([&](const Cursor& cursor) { return cursor.source == source; });
  }
  Result<std::optional<Cursor>> newest_followed() override {
    return first(
        [](const Cursor& cursor) { return cursor.kind != "replay" && !cursor.position.starts_with('@'); });
  }

 private:
  template <typename Wanted>
  std::optional<Cursor> first(Wanted wanted) const {
    const auto found = std::ranges::find_if(cursors_, wanted);
    return found == cursors_.end() ? std::nullopt : std::optional(*found);
  }

  const std::vector<Cursor>& cursors_;
};

std::size_t size_of(const SourceRecord& record) {
  return record.structured ? record.entry.message.size() : record.line.size() + 1;
}

void read_rest(Source& source, const Config& config, LogState& state) {
  for (;;) {
    const auto batch = source.read(kPiece);
    if (!batch) {
      state.trouble = batch.error().message;
      return;
    }
    state.gaps.insert(state.gaps.end(), batch->gaps.begin(), batch->gaps.end());
    auto clock = LineClock::make(config.learn.timezone, batch->reference, state.newest);
    std::optional<LogLineReader> reader;
    if (clock) reader.emplace(std::move(*clock));
    for (const auto& record : batch->records) {
      ++state.unread_lines;
      state.unread_bytes += size_of(record);
      std::optional<Time> at;
      if (record.structured) {
        at = record.entry.at;
      } else if (reader) {
        if (const auto entry = reader->read(record.line)) at = entry->at;
      }
      if (!at) continue;
      if (!state.oldest_unread) state.oldest_unread = at;
      state.newest = state.newest ? std::max(*state.newest, *at) : *at;
    }
    if (!batch->more) return;
    if (state.unread_lines >= kMostLines) {
      state.more = true;
      return;
    }
  }
}

}  // namespace

Result<std::vector<LogState>> look_at_logs(const Config& config, const std::vector<Cursor>& cursors) {
  Cursors book(cursors);
  auto logs = choose_logs(config, book);
  if (!logs) return logs.error();
  std::vector<LogState> states;
  for (const auto& source : logs->sources) {
    LogState state;
    state.name = source->name();
    const auto place = source->source();
    if (state.name.starts_with("file ")) state.path = place;
    if (const auto newest = book.newest_of(place); newest && *newest) {
      state.known = true;
      state.read_until = (**newest).last_time;
      state.newest = state.read_until;
    }
    if (auto opened = source->open(book, config.source_start, state.gaps); !opened)
      state.trouble = opened.error().message;
    else
      read_rest(*source, config, state);
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace suppressd
