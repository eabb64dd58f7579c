// The part of the learner for old logs.
//
// As long as no other process writes, a second thread observes ahead of what is decided: the open
// messages that it knows are then still true. As soon as another process writes, what was not
// committed is read again, and this thread observes and decides by itself, in small transactions. If
// the other process learns from the same log, as the daemon that follows it does, reading continues
// where that process has stopped.
#include <algorithm>
#include <memory>
#include <utility>

#include "learner_parts.h"
#include "observing_thread.h"

namespace suppressd {
namespace {

constexpr std::uint64_t kBatch = 10000;
// Lines per transaction without a second thread; and if another process writes, too.
constexpr std::uint64_t kAlone = 400000;
constexpr std::uint64_t kInCompany = 20000;
// A log with at least this many unread bytes is worth a thread.
constexpr std::uint64_t kLongLog = 4 * 1024 * 1024;

bool worth_a_thread(const ReplayStream& stream) {
  const auto [read, total] = stream.progress();
  return total > read && total - read >= kLongLog;
}

// Errors of the stream itself name it already.
Error told(const ReplayStream& stream, const Error& error) {
  return Error{stream.name() + ": " + error.message};
}

}  // namespace

// False: another process writes.
Result<bool> Learner::Parts::replay_ahead(ReplayStream& stream, const ReplayTerms& terms, ReplayedLog& log) {
  Cursor stored = stream.cursor();
  auto batch = begin();
  if (!batch) return told(stream, batch.error());
  const auto overtaken = batch->is_overtaken(stored);
  if (!overtaken) return told(stream, overtaken.error());
  if (*overtaken) return false;
  observing = false;  // it will be ahead of the database
  std::optional<Batch> open = std::move(*batch);
  ObservingThread ahead(stream, observer, terms.transaction);
  for (bool last = false; !last;) {
    if (!terms.go_on()) {
      log.interrupted = true;
      return true;
    }
    auto next = ahead.next();
    if (!next) return next.error();
    auto& chapter = *next;
    if (!open) {
      auto begun = ledger.begin();
      if (!begun) return told(stream, begun.error());
      if (ledger.in_company()) return false;
      if (auto decides = begin_deciding(*begun); !decides) return told(stream, decides.error());
      open = std::move(*begun);
    }
    if (auto decided = decide(*open, chapter.observed); !decided) return told(stream, decided.error());
    log.new_lines += chapter.observed.records;
    last = chapter.last;
    if (!chapter.tracked) continue;
    auto cursor = std::move(chapter.observed.cursor);
    cursor.id = stored.id;
    cursor.saved = stored.saved;
    auto committed = commit(std::move(*open), *chapter.tracked, std::move(cursor));
    if (!committed) return told(stream, committed.error());
    open.reset();
    stored = std::move(*committed);
    terms.committed(chapter.progress);
  }
  return true;
}

// False: another process has learned from this log.
Result<bool> Learner::Parts::replay_by_turns(ReplayStream& stream, const ReplayTerms& terms,
                                             ReplayedLog& log) {
  std::uint64_t uncommitted = 0;
  std::uint64_t transaction = std::min(terms.transaction, ledger.in_company() ? kInCompany : kAlone);
  std::optional<Batch> open;
  Cursor reached;
  for (bool more = true; more;) {
    if (!terms.go_on()) {
      log.interrupted = true;
      forget();
      return true;
    }
    auto lines = stream.read(std::min(kBatch, transaction));
    if (!lines) return lines.error();
    more = lines->more;
    if (!lines->records.empty() || lines->moved) {
      if (!open) {
        auto batch = begin();
        if (!batch) return told(stream, batch.error());
        const auto overtaken = batch->is_overtaken(lines->cursor);
        if (!overtaken) return told(stream, overtaken.error());
        if (*overtaken) return false;
        open = std::move(*batch);
      }
      auto observed = observer.observe(*lines);
      if (!observed) return told(stream, observed.error());
      if (auto decided = decide(*open, *observed); !decided) return told(stream, decided.error());
      reached = observed->cursor;
      stream.stored(reached);
      log.new_lines += observed->records;
      uncommitted += observed->records + 1;
    }
    if (uncommitted == 0 || (more && uncommitted < transaction)) continue;
    auto cursor = commit(std::move(*open), observer.take_changes(), reached);
    if (!cursor) return told(stream, cursor.error());
    open.reset();
    stream.stored(*cursor);
    uncommitted = 0;
    if (ledger.in_company()) transaction = std::min(transaction, kInCompany);
    terms.committed(stream.progress());
  }
  return true;
}

Result<ReplayedLog> Learner::replay(const std::string& path, CursorBook& book, const ReplayTerms& terms) {
  auto& parts = *parts_;
  auto stream = ReplayStream::open(path, book);
  if (!stream) return stream.error();
  ReplayedLog log{.known = stream->known_until() > 0};
  bool ahead = !parts.ledger.in_company() && worth_a_thread(*stream);
  for (;;) {
    auto replayed = parts.or_forget(ahead ? parts.replay_ahead(*stream, terms, log)
                                          : parts.replay_by_turns(*stream, terms, log));
    if (std::exchange(ahead, false)) parts.forget();
    if (!replayed) return replayed.error();
    if (*replayed) return log;
    parts.forget();
    if (path == "-")
      return Error{stream->name() + ": another process has learned from the same log meanwhile; try again"};
    stream = ReplayStream::open(path, book);
    if (!stream) return stream.error();
  }
}

}  // namespace suppressd
