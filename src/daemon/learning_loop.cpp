#include "suppressd/daemon/learning_loop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>
#include <unordered_map>

#include <spdlog/spdlog.h>

#include "suppressd/core/text.h"
#include "suppressd/daemon/held_lines.h"
#include "suppressd/daemon/service_manager.h"
#include "suppressd/store/view_settings.h"

namespace suppressd {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kNotes = 10000;         // refusals that may wait
constexpr std::size_t kMails = 64;            // collected mails that may wait
constexpr milliseconds kTurn{1000};           // the loop turns at least so often
constexpr milliseconds kRest{4};              // and at most so often, so that what comes line by line is not committed line by line
constexpr milliseconds kNotesEvery{100};      // refusals are written together: each commit empties the look-ups' caches
constexpr milliseconds kPoll{500};            // for a source that cannot wake us
constexpr milliseconds kLongestPause{30000};  // between tries after failures
constexpr seconds kUpkeepEvery{600};
constexpr seconds kUpkeepPause{1};    // between two steps of upkeep that has more to do
constexpr seconds kPendingEvery{60};  // one error line an operator a minute

Time wall_clock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

// In whole milliseconds, and not too early.
milliseconds until(Steady::time_point then) {
  return std::max(std::chrono::duration_cast<milliseconds>(then - Steady::now()) + milliseconds{1}, milliseconds{0});
}

// An eventfd: wakes the loop's poll from any thread.
class Wake {
 public:
  Wake() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Wake() {
    if (fd_ >= 0) close(fd_);
  }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;
  int fd() const { return fd_; }
  void signal() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);
  }
  void clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(fd_, &count, sizeof count);
  }

 private:
  int fd_;
};

// The stored cursors, for sources that go on to another stream: what is held of the one before is stored by then.
class StoredCursors : public CursorBook {
 public:
  StoredCursors(Ledger& ledger, std::function<bool()> store_held) : cursors_(ledger), store_held_(std::move(store_held)) {}
  Result<std::vector<Cursor>> by_first_line(std::string_view first_line_sha256) override {
    if (!store_held_()) return unstored();
    return cursors_.by_first_line(first_line_sha256);
  }
  Result<std::optional<Cursor>> newest_of(std::string_view source) override {
    if (!store_held_()) return unstored();
    return cursors_.newest_of(source);
  }

 private:
  static Error unstored() { return Error{"what was read before could not be stored"}; }

  LedgerCursors cursors_;
  std::function<bool()> store_held_;
};

ViewSettings view_settings_of(const Config& config) {
  return {.stale_after = config.policy.stale_after,
          .mode = config.gatekeeper.mode == Mode::enforce ? "enforce" : "monitor",
          .recipient_delimiter = config.gatekeeper.recipient_delimiter};
}

struct Followed {
  std::unique_ptr<Source> source;
  HeldLines held;
};

std::vector<Followed> follow(Sources sources) {
  std::vector<Followed> followed;
  for (auto& source : sources) followed.push_back({std::move(source), {}});
  return followed;
}

}  // namespace

struct LearningLoop::Parts {
  Config config;
  Judges judges;
  Database database;
  Ledger ledger;
  StoredCursors cursors;
  std::vector<Followed> followed;
  const Followed* reading = nullptr;  ///< Whose source is at work.
  Wake wake;
  RefusalQueue refusals;
  MailQueue mails;
  Learner learner;
  std::atomic<bool> stopping{false};

  std::mutex reload_mutex;
  std::unique_ptr<std::pair<Config, Judges>> reload;

  std::vector<Refusal> notes;  // taken from the queue, not written yet
  std::vector<CollectedMail> waiting_mails;
  std::uint64_t notes_dropped = 0;
  std::vector<Gap> gaps;  // found at opening, to be written with the first batch
  bool must_reopen = false;
  bool must_tell_views = false;  ///< The database does not know the configuration yet.
  milliseconds pause{0};
  Steady::time_point next_try;
  Steady::time_point next_turn;
  Steady::time_point next_notes;
  Steady::time_point next_upkeep = Steady::now() + seconds{5};
  std::unordered_map<std::string, Steady::time_point> pending_said;

  Parts(Config configuration, Judges judged_by, Database db, Sources sources)
      : config(std::move(configuration)),
        judges(std::move(judged_by)),
        database(std::move(db)),
        ledger(database),
        cursors(ledger, [this] { return learn_all_held(); }),
        followed(follow(std::move(sources))),
        refusals(kNotes, [this] { wake.signal(); }),
        mails(kMails, [this] { wake.signal(); }),
        learner(config, *judges.rules, ledger, [this](const Change& change) { say(change); }) {}

  Status open_sources();
  bool tell_views();
  void say(const Change& change);
  void go_back();
  void failed(const std::string& what, const Error& error);
  bool learn();
  bool read(Followed& from, bool& more);
  bool learn_held(Followed& from);
  bool learn_all_held();
  bool write_notes();
  void learn_mails();
  void upkeep();
  void take_reload();
  void wait(bool more);
};

Status LearningLoop::Parts::open_sources() {
  gaps.clear();
  for (const auto& [source, held] : followed)
    if (auto opened = source->open(cursors, config.source_start, gaps); !opened) return opened;
  for (const auto& gap : gaps)
    spdlog::error("lines are lost: {} from {} to {}: {}", gap.source, format_time(gap.from), format_time(gap.to), gap.reason);
  return {};
}

// False: failed.
bool LearningLoop::Parts::tell_views() {
  if (!must_tell_views) return true;
  if (auto saved = save_view_settings(database, view_settings_of(config)); !saved) {
    failed("cannot store what the views must know of the configuration", saved.error());
    return false;
  }
  must_tell_views = false;
  return true;
}

void LearningLoop::Parts::say(const Change& change) {
  if (change.act != "pending") {
    spdlog::info("{} {} ({}{}{}): {}", change.act, change.address, change.kind, change.category.empty() ? "" : ", ", change.category,
                 change.cause);
    return;
  }
  auto& said = pending_said[change.operator_domain];
  if (said.time_since_epoch().count() != 0 && Steady::now() < said + kPendingEvery) return;
  said = Steady::now();
  spdlog::error(
      "brake: {}: {} is recorded but not refused; look with `suppressctl list --pending --operator {}`, then `suppressctl confirm` or "
      "`suppressctl undo`",
      change.cause, change.address, change.operator_domain);
}

void LearningLoop::Parts::go_back() {
  must_reopen = true;
  for (auto& from : followed) from.held.clear();
}

// Nothing that was read is lost: the transaction is undone, and the sources go back to their stored cursors.
void LearningLoop::Parts::failed(const std::string& what, const Error& error) {
  pause = pause.count() == 0 ? milliseconds{500} : std::min(pause * 2, kLongestPause);
  next_try = Steady::now() + pause;
  go_back();
  spdlog::error("{}: {}; mail flows, trying again in {} s", what, error.message, static_cast<double>(pause.count()) / 1000.0);
  service_manager::status("not learning: " + error.message);
}

// True: turn again at once. What has failed has set next_try, for which that turn waits.
bool LearningLoop::Parts::learn() {
  if (Steady::now() < next_try) return false;
  if (must_reopen) {
    // A connection may hold pages of a damaged file, or a file that is gone.
    if (auto opened = database.open_again(); !opened) {
      failed("cannot use the database", opened.error());
      return false;
    }
    must_tell_views = true;  // It may be another file.
    if (auto opened = open_sources(); !opened) {
      failed("cannot read the mail log", opened.error());
      return false;
    }
    must_reopen = false;
  }
  if (!tell_views()) return false;
  bool more = false;
  for (auto& from : followed)
    if (!read(from, more)) return true;
  if (pause.count() != 0) {
    spdlog::info("learning again");
    service_manager::status("learning");
    pause = milliseconds{0};
  }
  return more;
}

// False: failed, or overtaken by another process that learns from the same log; so are the two below.
bool LearningLoop::Parts::read(Followed& from, bool& more) {
  auto& [source, held] = from;
  reading = &from;
  auto batch = source->read(held.room());
  const bool stored = batch && (held.goes_with(*batch) || learn_held(from));
  reading = nullptr;
  if (!batch && !must_reopen) failed(source->name(), batch.error());  // must_reopen: said already, by the book that was asked
  if (!stored) return false;
  for (const auto& gap : batch->gaps) spdlog::error("lines are lost: {}: {}", gap.source, gap.reason);
  batch->gaps.insert(batch->gaps.end(), gaps.begin(), gaps.end());
  more = more || batch->more;
  const auto now = Steady::now();
  if (!batch->records.empty() || !batch->gaps.empty() || batch->moved) held.add(std::move(*batch), now);
  return !held.due(now) || learn_held(from);
}

// A source that is at work may have gone on to another stream, which is not to get the row of the one that is held.
bool LearningLoop::Parts::learn_held(Followed& from) {
  auto& [source, held] = from;
  if (held.empty()) return true;
  auto cursor = learner.learn(held.batch());
  if (!cursor) {
    failed("cannot learn from " + source->name(), cursor.error());
    return false;
  }
  if (!*cursor) {
    go_back();
    return false;
  }
  held.clear();
  gaps.clear();
  if (&from != reading) source->stored(**cursor);
  return true;
}

bool LearningLoop::Parts::learn_all_held() {
  return std::all_of(followed.begin(), followed.end(), [this](Followed& from) { return learn_held(from); });
}

// False: they could not be written, and wait (bounded) for the next turn.
bool LearningLoop::Parts::write_notes() {
  if (Steady::now() < next_notes && !stopping) return true;
  std::uint64_t dropped = 0;
  auto taken = refusals.take(dropped);
  notes_dropped += dropped;
  if (notes.size() + taken.size() > kNotes) {
    notes_dropped += taken.size();
  } else {
    notes.insert(notes.end(), std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
  }
  if ((notes.empty() && notes_dropped == 0) || Steady::now() < next_try) return true;
  if (auto written = learner.note(notes, notes_dropped); !written) {
    failed("cannot record refusals", written.error());
    return false;
  }
  if (notes_dropped > 0)
    spdlog::warn("{} refusals were not recorded one by one: they came faster than they could be written", notes_dropped);
  notes.clear();
  notes_dropped = 0;
  next_notes = Steady::now() + kNotesEvery;
  return true;
}

// After the log, so that a delivery is known before the report that it was none.
void LearningLoop::Parts::learn_mails() {
  if (Steady::now() < next_try) return;
  std::uint64_t dropped = 0;
  auto taken = mails.take(dropped);
  waiting_mails.insert(waiting_mails.end(), std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
  if (waiting_mails.empty() || !learn_all_held()) return;
  std::size_t done = 0;
  for (; done < waiting_mails.size(); ++done) {
    const auto findings = learner.learn(waiting_mails[done], *judges.trace_keys);
    if (!findings) {
      failed("cannot learn from a report", findings.error());
      break;
    }
    for (const auto& finding : *findings)
      if (finding.fate == ReportFinding::Fate::unproven)
        spdlog::info("report about {} ({}) is not believed: {}", finding.address, finding.category, finding.why);
  }
  waiting_mails.erase(waiting_mails.begin(), waiting_mails.begin() + static_cast<std::ptrdiff_t>(done));
  // While the database cannot be written, the oldest wait and the rest is left to `suppressctl learn`.
  if (waiting_mails.size() > kMails) waiting_mails.resize(kMails);
}

void LearningLoop::Parts::upkeep() {
  if (Steady::now() < next_upkeep || Steady::now() < next_try) return;
  const auto more = expunge(database, config.retention, wall_clock());
  if (!more) spdlog::warn("cannot remove old rows: {}", more.error().message);
  next_upkeep = Steady::now() + (more && *more ? kUpkeepPause : kUpkeepEvery);
  pending_said.clear();
}

void LearningLoop::Parts::take_reload() {
  const std::lock_guard lock{reload_mutex};
  if (!reload) return;
  config = reload->first;
  judges = reload->second;
  learner.use(config, *judges.rules);
  must_tell_views = true;
  reload.reset();
}

void LearningLoop::Parts::wait(bool more) {
  if (!more) std::this_thread::sleep_until(next_turn);
  std::vector<pollfd> waits{{wake.fd(), POLLIN, 0}};
  auto timeout = kTurn;
  for (const auto& [source, held] : followed) {
    if (!held.empty()) timeout = std::min(timeout, until(held.until()));
    if (source->wait_fd() >= 0) {
      waits.push_back({source->wait_fd(), POLLIN, 0});
    } else {
      timeout = std::min(timeout, kPoll);
    }
  }
  if (Steady::now() < next_try) {
    waits.resize(1);  // what the sources have to say must wait
    timeout = std::min(timeout, until(next_try));
  }
  if (Steady::now() < next_notes) timeout = std::min(timeout, until(next_notes));
  if (more) timeout = milliseconds{0};
  poll(waits.data(), waits.size(), static_cast<int>(timeout.count()));
  wake.clear();
  next_turn = Steady::now() + kRest;
}

LearningLoop::LearningLoop(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LearningLoop::~LearningLoop() = default;

Result<std::unique_ptr<LearningLoop>> LearningLoop::open(const Config& config, Judges judges, Database database, Sources sources) {
  auto parts = std::make_unique<Parts>(config, std::move(judges), std::move(database), std::move(sources));
  if (auto saved = save_view_settings(parts->database, view_settings_of(config)); !saved) return saved.error();
  if (auto opened = parts->open_sources(); !opened) return opened.error();
  return std::unique_ptr<LearningLoop>(new LearningLoop(std::move(parts)));
}

RefusalQueue& LearningLoop::refusals() {
  return parts_->refusals;
}

MailQueue& LearningLoop::mails() {
  return parts_->mails;
}

void LearningLoop::run() {
  auto& parts = *parts_;
  const auto watchdog = service_manager::watchdog_interval();
  auto next_alive = Steady::now();
  while (!parts.stopping) {
    parts.take_reload();
    const bool more = parts.learn();
    if (!more) parts.learn_mails();
    parts.write_notes();
    parts.upkeep();
    if (watchdog && Steady::now() >= next_alive) {
      service_manager::alive();
      next_alive = Steady::now() + std::min<std::chrono::microseconds>(*watchdog, kTurn);
    }
    parts.wait(more);
  }
  parts.learn_all_held();
  parts.learn_mails();
  parts.write_notes();
}

void LearningLoop::stop() {
  parts_->stopping = true;
  parts_->wake.signal();
}

void LearningLoop::use(const Config& config, Judges judges) {
  const std::lock_guard lock{parts_->reload_mutex};
  parts_->reload = std::make_unique<std::pair<Config, Judges>>(config, std::move(judges));
  parts_->wake.signal();
}

}  // namespace suppressd
