// Learner's part for old logs.
//
// As long as nobody else writes, another thread reads ahead of what is committed: what it holds of open
// messages, and of whom only deliveries are known, is true then. As soon as somebody does, what was not
// committed is read again, by turns and in small transactions. Somebody may even learn from the same log, as
// the daemon does that follows it: then reading goes on where he has come to.
#include <algorithm>
#include <utility>

#include "learner_parts.h"
#include "read_ahead.h"

namespace suppressd {
namespace {

constexpr std::uint64_t kBatch = 10000;
// Lines in a transaction, where nothing is read ahead; and where somebody else writes too.
constexpr std::uint64_t kAlone = 400000;
constexpr std::uint64_t kInCompany = 20000;
// Of a log that is worth a thread, and of one that is worth reading the whole database once.
constexpr std::uint64_t kLongLog = 4 * 1024 * 1024;

bool worth_reading_ahead(const ReplayStream& stream, std::uint64_t database_bytes) {
  const auto [read, total] = stream.progress();
  return total > read && total - read >= kLongLog && total - read >= database_bytes / 2;
}

// What a stream says itself names it already.
Error told(const ReplayStream& stream, const Error& error) {
  return Error{stream.name() + ": " + error.message};
}

}  // namespace

// False: somebody else writes.
Result<bool> Learner::Parts::replay_ahead(ReplayStream& stream, const ReplayTerms& terms, ReplayedLog& log) {
  Cursor stored = stream.cursor();
  auto undisturbed = begin_taking(stored);
  if (!undisturbed) return told(stream, undisturbed.error());
  if (!*undisturbed) return false;
  if (!config.report_index) {
    auto history = ledger.history();
    if (!history) return told(stream, history.error());
    reader.gather(std::move(*history));
  }
  loaded = false;  // as soon as it is ahead
  ReadAhead ahead(stream, reader, terms.transaction);
  for (bool last = false; !last;) {
    if (!terms.go_on()) {
      log.interrupted = true;
      undo();
      return true;
    }
    auto next = ahead.next();
    if (!next) return next.error();
    auto chapter = std::move(*next);
    if (!taking) {
      bool foreign = false;
      forget_changes();
      if (auto begun = ledger.begin(foreign); !begun) return told(stream, begun.error());
      if (ledger.in_company()) {
        ledger.rollback();
        return false;
      }
      taking = true;
    }
    auto& taught = chapter->lesson;
    if (auto taken = take(taught); !taken) return told(stream, taken.error());
    if (chapter->gathered) {
      if (auto added = ledger.add_newest(std::move(*chapter->gathered)); !added)
        return told(stream, added.error());
    }
    log.new_lines += taught.records;
    last = chapter->last;
    if (chapter->changes) {
      taught.cursor.id = stored.id;
      taught.cursor.saved = stored.saved;
      if (auto committed = finish(commit(*chapter->changes, taught.cursor)); !committed)
        return told(stream, committed.error());
      stored = taught.cursor;
      terms.committed(chapter->progress);
    }
    ahead.done(std::move(chapter));
  }
  return true;
}

// False: somebody else has learned from this log.
Result<bool> Learner::Parts::replay_by_turns(ReplayStream& stream, const ReplayTerms& terms,
                                             ReplayedLog& log) {
  std::uint64_t uncommitted = 0;
  std::uint64_t transaction = std::min(terms.transaction, ledger.in_company() ? kInCompany : kAlone);
  for (bool more = true; more;) {
    if (!terms.go_on()) {
      log.interrupted = true;
      undo();
      return true;
    }
    auto batch = stream.read(std::min(kBatch, transaction));
    if (!batch) return batch.error();
    more = batch->more;
    if (!batch->records.empty() || batch->moved) {
      auto taken = take(*batch);
      if (!taken) return told(stream, taken.error());
      if (!*taken) return false;
      stream.stored(lesson.cursor);
      log.new_lines += batch->records.size();
      uncommitted += batch->records.size() + 1;
    }
    if (uncommitted == 0 || (more && uncommitted < transaction)) continue;
    auto cursor = finish(commit());
    if (!cursor) return told(stream, cursor.error());
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
  auto size = parts.ledger.size();
  if (!size) return told(*stream, size.error());
  bool ahead = !parts.ledger.in_company() && worth_reading_ahead(*stream, *size);
  for (;;) {
    auto replayed = parts.or_undo(ahead ? parts.replay_ahead(*stream, terms, log)
                                        : parts.replay_by_turns(*stream, terms, log));
    if (std::exchange(ahead, false)) parts.reader = LogReader{parts.config, *parts.rules};
    if (!replayed) return replayed.error();
    if (*replayed) return log;
    if (path == "-")
      return Error{stream->name() + ": another process has learned from the same log meanwhile; try again"};
    stream = ReplayStream::open(path, book);
    if (!stream) return stream.error();
  }
}

}  // namespace suppressd
