#include "suppressd/source/journal_follower.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <deque>
#include <filesystem>
#include <utility>

#include "suppressd/source/file_access.h"

#include "journal_entry.h"

namespace suppressd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestMessage = 256 * 1024;
/// How many foreign entries one read skips, and after how many the position is stored although
/// nothing was learned.
constexpr std::size_t kForeignInARead = 20'000;
constexpr std::size_t kForeignBeforeStore = 5'000;

std::int64_t now_us() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now())
      .time_since_epoch()
      .count();
}

struct JournalFiles {
  std::size_t readable = 0;
  std::string unreadable;  // one of them

  bool any() const { return readable > 0 || !unreadable.empty(); }
};

JournalFiles find_files(const std::vector<fs::path>& folders, bool system_only) {
  JournalFiles files;
  for (const fs::path& folder : folders) {
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.extension() != ".journal" || (system_only && !path.filename().string().starts_with("system")))
        continue;
      if (faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) {
        ++files.readable;
      } else {
        files.unreadable = path.string();
      }
    }
  }
  return files;
}

/// `folder` empty: the system journal, here and below.
JournalFiles files_of(const std::string& folder) {
  if (folder.empty()) return find_files({"/run/log/journal", "/var/log/journal"}, true);
  return find_files({folder}, false);
}

int open_journal(sd_journal*& journal, const std::string& folder) {
  return folder.empty() ? sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM)
                        : sd_journal_open_directory(&journal, folder.c_str(), 0);
}

Error failed_on(const std::string& folder, const std::string& what, int code) {
  return {"cannot " + what + " " + (folder.empty() ? "the journal" : "the journal in " + folder) + ": " +
          std::strerror(-code)};
}

std::string position_of(std::int64_t microseconds) {
  std::string fraction = std::to_string(microseconds % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return "@" + std::to_string(microseconds / 1'000'000) + "." + fraction;
}

/// All values of _SYSTEMD_UNIT in the journal that match `units`.
std::vector<std::string> units_in(sd_journal* journal, UnitFilter units) {
  std::vector<std::string> found;
  if (sd_journal_query_unique(journal, "_SYSTEMD_UNIT") < 0) return found;
  constexpr std::size_t kName = sizeof "_SYSTEMD_UNIT=" - 1;
  const void* data = nullptr;
  std::size_t length = 0;
  while (sd_journal_enumerate_available_unique(journal, &data, &length) > 0) {
    const std::string_view unit(static_cast<const char*>(data) + std::min(kName, length),
                                length - std::min(kName, length));
    if (units.matches(unit)) found.emplace_back(unit);
  }
  return found;
}

std::optional<Time> newest_mail_message(sd_journal* journal, const std::string& unit) {
  sd_journal_flush_matches(journal);
  if (sd_journal_add_match(journal, ("_SYSTEMD_UNIT=" + unit).c_str(), 0) < 0) return std::nullopt;
  if (sd_journal_add_match(journal, "SYSLOG_FACILITY=2", 0) < 0) return std::nullopt;
  if (sd_journal_seek_tail(journal) < 0 || sd_journal_previous(journal) <= 0) return std::nullopt;
  return journal_time(journal);
}

}  // namespace

struct JournalFollower::State {
  explicit State(std::vector<std::string> patterns, std::string directory)
      : units(std::move(patterns)), folder(std::move(directory)) {}
  ~State() { sd_journal_close(journal); }

  UnitFilter units;
  std::string folder;
  sd_journal* journal = nullptr;
  int fd = -1;
  bool opened = false;
  bool at_unread = false;  // the current entry was not given out
  bool at_entry = false;   // there is a current entry
  std::size_t foreign = 0;
  bool moved = false;
  Cursor cursor;
  std::optional<Cursor> first;
  std::vector<Gap> gaps;
  std::deque<std::string> texts;  // the last batch's views point into these

  std::string source() const { return folder.empty() ? "journal" : folder; }
  Error failed(const std::string& what, int code) const { return failed_on(folder, what, code); }
  Status connect();
  Status start_first_time(StartAt start);
  Status go_on_from(const Cursor& stored);
  void nothing_yet();
  void note_late_beginning();
  void lost(const std::string& reason, std::optional<Time> until = std::nullopt) {
    gaps.push_back({.from = cursor.last_time.value_or(wall_clock()),
                    .to = until.value_or(wall_clock()),
                    .source = source(),
                    .reason = reason});
  }
  std::string_view keep(std::optional<std::string_view> text) {
    return texts.emplace_back(text.value_or(""));
  }
  void take(std::vector<SourceRecord>& records);
};

Status JournalFollower::State::connect() {
  sd_journal_close(std::exchange(journal, nullptr));
  fd = -1;
  at_unread = at_entry = moved = false;
  foreign = 0;
  gaps.clear();
  if (const int code = open_journal(journal, folder); code < 0) return failed("open", code);
  sd_journal_set_data_threshold(journal, kLongestMessage);
  fd = sd_journal_get_fd(journal);
  const JournalFiles files = files_of(folder);
  if (files.readable == 0 && !files.unreadable.empty())
    return Error{explain_unreadable(files.unreadable, EACCES)};
  if (files.readable == 0 && !opened) {
    return Error{"there is no journal in " +
                 (folder.empty() ? "/run/log/journal and /var/log/journal" : folder) +
                 ": is systemd-journald running, with Storage= not none? Else set source.journal = \"no\" "
                 "and name the log in source.files"};
  }
  return {};
}

void JournalFollower::State::nothing_yet() {
  cursor.position = position_of(now_us());
}

Status JournalFollower::State::start_first_time(StartAt start) {
  cursor = Cursor{.kind = "journal", .source = source()};
  if (start == StartAt::beginning) {
    const int code = sd_journal_seek_head(journal);
    if (code < 0) return failed("read", code);
    return {};
  }
  int code = sd_journal_seek_tail(journal);
  if (code >= 0) code = sd_journal_previous(journal);
  if (code < 0) return failed("read", code);
  at_entry = code > 0;
  if (at_entry) {
    cursor.position = journal_cursor(journal);
  } else {
    nothing_yet();
    if (code = sd_journal_seek_head(journal); code < 0) return failed("read", code);
  }
  first = cursor;
  moved = true;
  return {};
}

Status JournalFollower::State::go_on_from(const Cursor& stored) {
  cursor = stored;
  if (stored.position.starts_with('@')) {
    std::uint64_t seconds = 0;
    std::uint64_t microseconds = 0;
    const char* end = stored.position.data() + stored.position.size();
    const auto [dot, error] = std::from_chars(stored.position.data() + 1, end, seconds);
    if (error == std::errc() && dot + 1 < end) std::from_chars(dot + 1, end, microseconds);
    const int code = sd_journal_seek_realtime_usec(journal, seconds * 1'000'000 + microseconds);
    if (code < 0) return failed("read", code);
    note_late_beginning();
    return {};
  }
  int code = sd_journal_seek_cursor(journal, stored.position.c_str());
  const bool understood = code >= 0;
  if (!understood) code = sd_journal_seek_head(journal);
  if (code >= 0) code = sd_journal_next(journal);
  if (code < 0) return failed("read", code);
  at_entry = code > 0;
  if (at_entry && understood && sd_journal_test_cursor(journal, stored.position.c_str()) > 0) return {};
  at_unread = at_entry;
  lost(
      "the journal no longer has the entry that was read last: it was vacuumed or removed, and what followed "
      "it is lost",
      at_entry ? std::optional(journal_time(journal)) : std::nullopt);
  if (!at_entry) nothing_yet();
  return {};
}

// If JournalFollower::since() set `last_time`, another log was read until then.
void JournalFollower::State::note_late_beginning() {
  std::uint64_t oldest = 0;
  if (!cursor.last_time || sd_journal_get_cutoff_realtime_usec(journal, &oldest, nullptr) <= 0) return;
  const Time begins = from_unix(static_cast<std::int64_t>(oldest / 1'000'000));
  if (begins <= *cursor.last_time) return;
  lost("the journal begins after the time until which the log was read: what was logged in between is lost",
       begins);
  cursor.last_time.reset();  // report it once
}

void JournalFollower::State::take(std::vector<SourceRecord>& records) {
  if (!units.believes(journal)) {
    ++foreign;
    if (units.dropped(journal)) {
      lost("journald dropped messages: " + std::string(journal_field(journal, "MESSAGE").value_or("")) +
               "; raise RateLimitBurst= in journald.conf, or LogRateLimitBurst= in the MTA's unit",
           journal_time(journal));
    }
    return;
  }
  const auto message = journal_field(journal, "MESSAGE");
  if (!message) return;
  SourceRecord record;
  record.structured = true;
  record.entry.message = keep(message);
  record.entry.tag = keep(journal_field(journal, "SYSLOG_IDENTIFIER"));
  record.entry.host = keep(journal_field(journal, "_HOSTNAME"));
  record.entry.at = journal_time(journal);
  records.push_back(record);
}

JournalFollower::JournalFollower(std::vector<std::string> units, std::string folder)
    : state_(std::make_unique<State>(std::move(units), std::move(folder))) {}
JournalFollower::~JournalFollower() = default;

bool JournalFollower::present(const std::string& folder) {
  return files_of(folder).any();
}

Result<std::vector<JournalFollower::Speaker>> JournalFollower::speakers(const std::vector<std::string>& units,
                                                                        const std::string& folder) {
  const JournalFiles files = files_of(folder);
  if (files.readable == 0 && files.any()) return Error{explain_unreadable(files.unreadable, EACCES)};
  std::vector<Speaker> found;
  if (!files.any()) return found;
  sd_journal* opened = nullptr;
  if (const int code = open_journal(opened, folder); code < 0) return failed_on(folder, "open", code);
  const std::unique_ptr<sd_journal, decltype(&sd_journal_close)> journal(opened, sd_journal_close);
  for (auto& unit : units_in(opened, UnitFilter(units))) {
    if (const auto newest = newest_mail_message(opened, unit)) found.push_back({std::move(unit), *newest});
  }
  return found;
}

Status JournalFollower::open(CursorBook& book, StartAt start, std::vector<Gap>&) {
  if (Status connected = state_->connect(); !connected) return connected;
  Result<std::optional<Cursor>> newest = book.newest_of(state_->source());
  if (!newest) return newest.error();
  if (!*newest) *newest = state_->first;
  Status begun = *newest ? state_->go_on_from(**newest) : state_->start_first_time(start);
  state_->opened = state_->opened || begun.ok();
  return begun;
}

Cursor JournalFollower::since(Time time, Before before) const {
  Cursor cursor{
      .kind = "journal", .source = state_->source(), .position = position_of(to_unix(time) * 1'000'000)};
  if (before == Before::another_log) cursor.last_time = time;
  return cursor;
}

std::string JournalFollower::source() const {
  return state_->source();
}

int JournalFollower::wait_fd() const {
  return state_->fd;
}

Result<Source::Batch> JournalFollower::read(std::size_t limit) {
  State& s = *state_;
  Batch batch;
  s.texts.clear();
  if (const int code = sd_journal_process(s.journal); code < 0) return s.failed("follow", code);
  bool end = false;
  const bool was_at_entry = s.at_entry;
  bool passed = false;
  for (std::size_t scanned = 0; scanned < kForeignInARead && batch.records.size() < limit; ++scanned) {
    if (!std::exchange(s.at_unread, false)) {
      const int code = sd_journal_next(s.journal);
      if (code < 0) return s.failed("read", code);
      end = code == 0;
      if (end) break;
    }
    s.at_entry = passed = true;
    s.take(batch.records);
  }
  if (passed || was_at_entry) {
    if (std::string position = s.at_entry ? journal_cursor(s.journal) : std::string(); !position.empty())
      s.cursor.position = position;
  }
  batch.gaps = std::exchange(s.gaps, {});
  batch.moved = std::exchange(s.moved, false) || !batch.gaps.empty() || s.foreign >= kForeignBeforeStore;
  if (batch.moved || !batch.records.empty()) s.foreign = 0;
  batch.cursor = s.cursor;
  batch.reference = wall_clock();
  batch.more = !end;
  return batch;
}

void JournalFollower::stored(const Cursor& cursor) {
  state_->first.reset();
  state_->cursor.id = cursor.id;
  state_->cursor.saved = cursor.saved;
  state_->cursor.last_time = cursor.last_time;
  state_->cursor.zone = cursor.zone;
  state_->cursor.swept = cursor.swept;
}

std::string JournalFollower::name() const {
  return state_->folder.empty() ? "journal" : "journal in " + state_->folder;
}

}  // namespace suppressd
