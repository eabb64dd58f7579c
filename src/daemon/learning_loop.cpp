#include "learning_loop.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <thread>
#include <unordered_map>

#include <spdlog/spdlog.h>

#include "suppressd/base/text.h"
#include "suppressd/core/advice.h"
#include "suppressd/learn/held_lines.h"
#include "suppressd/learn/ledger_cursors.h"
#include "suppressd/store/ledger.h"

#include "breaker_watch.h"
#include "enforcement_watch.h"
#include "service_manager.h"

namespace suppressd {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kNotes = 10000;  // refusals that may wait
constexpr std::size_t kMails = 64;     // collected mails that may wait
constexpr std::size_t kProbes =
    10000;                             // half-open addresses that are tested at a time, until they are stored
constexpr std::size_t kTags = 100000;  // tags of messages that may wait
constexpr milliseconds kTurn{1000};    // the loop turns at least this often
constexpr milliseconds kRest{
    4};  // and at most this often, so that lines that arrive one by one are not committed one by one
constexpr milliseconds kNotesEvery{
    100};                           // refusals are written together: each commit empties the look-ups' caches
constexpr milliseconds kPoll{500};  // for a source that cannot wake us
constexpr milliseconds kLongestPause{30000};  // between tries after failures
constexpr seconds kUpkeepEvery{600};
constexpr seconds kUpkeepPause{1};     // between two steps of upkeep that has more to do
constexpr seconds kAheadEvery{600};    // one warning about clocks that are ahead
constexpr seconds kPendingEvery{60};   // one error line per provider and minute
constexpr seconds kSayAgain{3600};     // for a log that cannot be read, with the same reason
constexpr milliseconds kLeaving{300};  // for all connections to a file that was replaced
constexpr seconds kOverlap{1};         // the times of one line in two logs may differ by this

// The daemon's keys are those of the list.
LearnSettings learn_settings_of(const Config& config) {
  auto settings = config.learn;
  settings.sets_policy = true;
  return settings;
}

// In whole milliseconds, and not too early.
milliseconds until(Steady::time_point then) {
  return std::max(std::chrono::duration_cast<milliseconds>(then - Steady::now()) + milliseconds{1},
                  milliseconds{0});
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

// When something that has failed is retried.
class Retry {
 public:
  /// Returns the pause until then.
  milliseconds failed() {
    pause_ = pause_.count() == 0 ? milliseconds{500} : std::min(pause_ * 2, kLongestPause);
    next_ = Steady::now() + pause_;
    return pause_;
  }
  void succeeded() { *this = {}; }
  void wait(milliseconds pause) { next_ = Steady::now() + pause; }
  bool due() const { return Steady::now() >= next_; }
  Steady::time_point next() const { return next_; }

 private:
  milliseconds pause_{0};
  Steady::time_point next_;
};
ViewSettings view_settings_of(const Config& config) {
  return {.stale_after = config.learn.policy.stale_after,
          .mode = config.gatekeeper.mode == Mode::enforce ? "enforce" : "monitor",
          .recipient_delimiter = config.gatekeeper.recipient_delimiter};
}

struct Followed {
  std::unique_ptr<Source> source;
  HeldLines held;
  bool placed = false;  ///< Its position is stored, though nothing was read yet.
  bool open = false;
  Retry retry;
  std::optional<Trouble> trouble;
  Steady::time_point said;
};

Trouble trouble_since(const std::optional<Trouble>& before, const std::string& why) {
  return {before ? before->since : wall_clock(), why};
}

}  // namespace

struct LearningLoop::Parts {
  Config config;
  Judges judges;
  Ledger ledger;
  VerdictReader* look_ups;
  LogPlaces places;
  LedgerCursors cursors;
  std::vector<Followed> followed;
  std::optional<Cursor> log_before;  ///< Of the log that was followed until now.
  bool logs_late = false;            ///< The logs could not be read at once.
  const Time started = wall_clock();
  const Followed* reading = nullptr;  ///< Whose source is being read.
  std::shared_ptr<Wake> wake = std::make_shared<Wake>();
  RefusalQueue refusals;
  MailQueue mails;
  ProbeClaims probes;
  TagQueue tags;
  TestTickets tests;
  Learner learner;
  std::atomic<bool> stopping{false};
  std::promise<std::string> logs_opened;  ///< The names of the logs, once they were opened.
  std::future<std::string> opened_logs = logs_opened.get_future();

  std::mutex reload_mutex;
  std::unique_ptr<std::pair<Config, Judges>> reload;

  std::vector<Refusal> notes;  // taken from the queue, not written yet
  std::vector<CollectedMail> waiting_mails;
  std::uint64_t notes_dropped = 0;
  std::vector<TagNote> tag_notes;  // taken from the queue, not learned yet
  std::uint64_t tags_dropped = 0;
  bool tags_open = false;
  std::vector<Gap> gaps;  // found at opening, to be written with the first batch
  bool must_reopen = false;
  Retry database_retry;
  std::optional<Trouble> trouble;  // of the database
  std::optional<Trouble> no_log;
  Retry choice_retry;
  Health health;                     // as last reported
  std::optional<Time> health_since;  // not stored yet
  EnforcementWatch enforcement;
  BreakerWatch breakers;
  bool alert_news = false;      ///< The breakers have not seen them yet.
  bool must_tell_views = true;  ///< The database does not know the configuration yet.
  Steady::time_point next_turn;
  Steady::time_point next_notes;
  Steady::time_point next_upkeep = Steady::now() + seconds{5};
  Steady::time_point next_ahead;
  std::unordered_map<std::string, Steady::time_point> pending_said;

  Parts(Config configuration, Judges judged_by, Ledger opened, VerdictReader* lookups, LogPlaces log_places)
      : config(std::move(configuration)),
        judges(std::move(judged_by)),
        ledger(std::move(opened)),
        look_ups(lookups),
        places(std::move(log_places)),
        cursors(ledger, [this] { return learn_all_held(); }),
        refusals(kNotes, [this] { wake->signal(); }),
        mails(kMails, [this] { wake->signal(); }),
        probes(kProbes, [this] { wake->signal(); }),
        tags(kTags),
        tests([this] { wake->signal(); }),
        learner(learn_settings_of(config), *judges.rules, ledger,
                [this](const Change& change) { say(change); }) {
    ledger.when_replaced([wake = wake] { wake->signal(); });
  }

  void begin();
  bool must_choose() const;
  bool choose();
  bool open(Followed& from);
  Status place(Followed& from);
  void log_failed(Followed& from, const Error& error);
  void log_works(Followed& from);
  bool reopen();
  void tell_health();
  void store_health();
  bool tell_views();
  void database_works();
  void say(const Change& change);
  void say_who_is_ahead();
  void say_incidents();
  void say_alerts();
  void go_back();
  void failed(const std::string& what, const Error& error);
  bool learn();
  bool read(Followed& from, bool& more);
  bool learn_held(Followed& from);
  bool learn_all_held();
  bool write_notes();
  bool write_probes();
  bool write_tags();
  bool write_tests();
  void move_breakers();
  void open_tags();
  void learn_mails();
  void upkeep();
  void take_reload();
  void wait(bool more);
};

// Opens the logs, as far as that is possible.
void LearningLoop::Parts::begin() {
  std::string names;
  if (!tell_views() || !choose()) names = "none yet";
  for (auto& from : followed) {
    const bool is_open = !must_reopen && open(from);
    names += (names.empty() ? "" : ", ") + from.source->name() + (is_open ? "" : " (cannot be read yet)");
  }
  tell_health();
  logs_opened.set_value(names);
}

// False: there is no log, or the database failed.
bool LearningLoop::Parts::choose() {
  auto logs = choose_logs(config, cursors, places);
  if (must_reopen) return false;  // said already, by the book that was asked
  if (!logs) {
    logs_late = true;
    const auto pause = choice_retry.failed();
    if (!no_log || no_log->why != logs.error().message)
      spdlog::error("not learning: {}; mail flows and the list is enforced, retrying in {} s",
                    logs.error().message, static_cast<double>(pause.count()) / 1000.0);
    no_log = trouble_since(no_log, logs.error().message);
    return false;
  }
  choice_retry.succeeded();
  no_log.reset();
  const auto same = [](const Followed& from, const std::unique_ptr<Source>& source) {
    return from.source->name() == source->name();
  };
  if (std::equal(followed.begin(), followed.end(), logs->sources.begin(), logs->sources.end(), same))
    return true;
  followed.clear();
  for (auto& source : logs->sources) followed.push_back({.source = std::move(source)});
  log_before = std::move(logs->before);
  if (!logs->reason.empty())
    spdlog::info("log: {}, because {}", followed.front().source->name(), logs->reason);
  for (const auto& warning : logs->warnings) spdlog::warn("{}", warning);
  return true;
}

// A log that was never read begins where nothing is missed: where another log was left, or, if it could not
// be read at first, when the daemon started. A log that was read continues where it was left.
Status LearningLoop::Parts::place(Followed& from) {
  if (from.placed) return {};
  const auto& source = *from.source;
  const auto known = cursors.newest_of(source.source());
  if (!known) return known.error();
  if (*known) return {};
  std::optional<Time> since;
  if (log_before) {
    since = *log_before->last_time - kOverlap;
    spdlog::warn("{} is followed instead of {}: learning continues with what was logged at {} and later",
                 source.name(), log_before->source, format_time(*since));
  } else if (config.source_start == StartAt::end && logs_late) {
    since = started;
  }
  if (!since) return {};
  Source::Batch batch;
  batch.cursor = source.since(*since, log_before ? Source::Before::another_log : Source::Before::nothing);
  batch.reference = wall_clock();
  const auto stored = learner.learn(batch);
  if (!stored) return stored.error();
  from.placed = true;
  return {};
}

// False: the log cannot be read, or the database failed.
bool LearningLoop::Parts::open(Followed& from) {
  auto begun = place(from);
  if (!begun) {
    if (!must_reopen) failed("cannot start reading " + from.source->name(), begun.error());
    return false;
  }
  auto opened = from.source->open(cursors, config.source_start, gaps);
  if (must_reopen) return false;
  if (!opened) {
    logs_late = true;
    log_failed(from, opened.error());
    // The position is stored, so that it is the same after a restart.
    if (auto kept = place(from); !kept && !must_reopen) failed("cannot store the position", kept.error());
    return false;
  }
  from.open = true;
  for (const auto& gap : gaps)
    spdlog::error("lines are lost: {} from {} to {}: {}", gap.source, format_time(gap.from),
                  format_time(gap.to), gap.reason);
  return true;
}

void LearningLoop::Parts::log_failed(Followed& from, const Error& error) {
  from.open = false;
  const auto pause = from.retry.failed();
  const bool news =
      !from.trouble || from.trouble->why != error.message || Steady::now() >= from.said + kSayAgain;
  from.trouble = trouble_since(from.trouble, error.message);
  if (!news) return;
  from.said = Steady::now();
  spdlog::error("not learning from {}: {}; mail flows and the list is enforced, retrying in {} s",
                from.source->name(), error.message, static_cast<double>(pause.count()) / 1000.0);
}

void LearningLoop::Parts::log_works(Followed& from) {
  from.retry.succeeded();
  if (!from.trouble) return;
  from.trouble.reset();
  spdlog::info("learning again from {}", from.source->name());
}

// False: failed.
bool LearningLoop::Parts::tell_views() {
  if (!must_tell_views) return true;
  if (auto saved = ledger.save(view_settings_of(config)); !saved) {
    failed("cannot store the settings that the views need", saved.error());
    return false;
  }
  must_tell_views = false;
  return true;
}

void LearningLoop::Parts::say(const Change& change) {
  if (change.act != ChangeAct::pending) {
    spdlog::info("{} {} ({}{}{}{}{}): {}", name_of(change.act), change.address,
                 change.kind ? name_of(*change.kind) : "", change.category.empty() ? "" : ", ",
                 change.category, change.scope.empty() ? "" : ", mail from ", change.scope, change.cause);
    return;
  }
  auto& said = pending_said[change.provider];
  if (said.time_since_epoch().count() != 0 && Steady::now() < said + kPendingEvery) return;
  said = Steady::now();
  spdlog::error(
      "{}: {} and others are pending and refuse no one; check with `suppressctl incidents` and "
      "`suppressctl list --pending --provider {}`",
      change.cause, change.address, change.provider);
}

namespace {

void say_own_incident(const Incident& incident, bool withdrawn) {
  if (withdrawn) {
    spdlog::warn("{} is withdrawn: with what was read since, there was not enough for one", incident.name());
    return;
  }
  if (incident.span.closed) {
    spdlog::warn("{} is over since {}; see `suppressctl incidents show {}`", incident.name(),
                 format_time(*incident.span.closed), incident.id);
    return;
  }
  std::string look;
  for (const auto& [what, page] : where_to_look(incident))
    look += (look.empty() ? "" : "; ") + what + (page.empty() ? "" : ": " + page);
  const auto said = incident.example.empty() ? std::string{} : ": \"" + incident.example + "\"";
  spdlog::warn("{}: {} since {}{}; look at {}; see `suppressctl incidents show {}`", incident.name(),
               finding(incident), format_time(incident.span.since), said, look, incident.id);
}

}  // namespace

void LearningLoop::Parts::say_incidents() {
  for (const auto& [incident, withdrawn] : learner.take_incidents()) {
    const auto& span = incident.span;
    if (incident.kind != IncidentKind::provider) {
      say_own_incident(incident, withdrawn);
      continue;
    }
    if (withdrawn)
      spdlog::warn("{} is withdrawn: with what was read since, no more failed there than can be expected",
                   incident.name());
    else if (span.closed)
      spdlog::warn(
          "{} is over since {}: what is pending in it stays so until a failure days later confirms it, or a "
          "delivery drops it; see `suppressctl incidents show {}`",
          incident.name(), format_time(*span.closed), incident.id);
    else
      spdlog::error(
          "{}: {} of {} sends to addresses that took mail before failed hard since {}: hard failures there "
          "are "
          "pending and refuse no one; see `suppressctl incidents show {}`",
          incident.name(), span.failed, span.sends, format_time(span.since), incident.id);
  }
}

void LearningLoop::Parts::say_alerts() {
  for (const auto& [alert, before, now] : learner.take_alerts()) {
    alert_news = true;
    if (now == AlertLevel::none)
      spdlog::warn("the {} is over, opened {} for {}", name_of(before), format_time(alert.opened),
                   alert.words());
    else
      spdlog::log(now == AlertLevel::critical ? spdlog::level::err : spdlog::level::warn,
                  "{}: {}; see `suppressctl report`",
                  before > now ? "only a " + std::string(name_of(now)) + " now" : std::string(name_of(now)),
                  alert.words());
  }
}

void LearningLoop::Parts::move_breakers() {
  if (!database_retry.due() || must_reopen) return;
  if (auto moved = breakers.look(learner, alert_news); !moved)
    return failed("cannot move breakers on", moved.error());
  alert_news = false;
}

void LearningLoop::Parts::say_who_is_ahead() {
  if (Steady::now() < next_ahead) return;
  const auto ahead = learner.take_ahead();
  if (ahead.events == 0) return;
  next_ahead = Steady::now() + kAheadEvery;
  spdlog::warn("{}, in the table waiting: set the clock that is wrong, there or here", ahead.words());
}

void LearningLoop::Parts::go_back() {
  must_reopen = true;
  for (auto& from : followed) {
    from.held.clear();
    from.open = false;
  }
}

// Nothing that was read is lost: the transaction is rolled back, and the sources return to their cursors.
void LearningLoop::Parts::failed(const std::string& what, const Error& error) {
  const auto pause = database_retry.failed();
  go_back();
  trouble = trouble_since(trouble, error.message);
  spdlog::error("{}: {}; mail flows, retrying in {} s", what, error.message,
                static_cast<double>(pause.count()) / 1000.0);
}

// A connection may have pages of a damaged file, or a file that is gone.
bool LearningLoop::Parts::reopen() {
  const bool replaced = ledger.moved();
  if (replaced && !ledger.closed()) {
    // The others have noticed it, too, and close theirs.
    ledger.leave();
    database_retry.wait(kLeaving);
    return false;
  }
  if (auto opened = ledger.open_again(); !opened) {
    failed("cannot use the database", opened.error());
    return false;
  }
  if (replaced)
    spdlog::warn("database {}: the file was replaced or its log removed; the current one is used",
                 ledger.path());
  must_reopen = false;
  must_tell_views = true;  // It may be another file.
  return true;
}

// As long as none of the logs can be read, the choice may have changed.
bool LearningLoop::Parts::must_choose() const {
  const auto is_open = [](const Followed& from) { return from.open; };
  const auto is_due = [](const Followed& from) { return from.retry.due(); };
  if (followed.empty()) return true;
  return logs_late && std::none_of(followed.begin(), followed.end(), is_open) &&
         std::any_of(followed.begin(), followed.end(), is_due);
}

// True: turn again at once. What has failed has set its retry, for which the next turn waits.
bool LearningLoop::Parts::learn() {
  if (!database_retry.due()) return false;
  if (ledger.moved()) go_back();
  if (must_reopen && !reopen()) return false;
  if (!tell_views()) return false;
  if (must_choose() && (!choice_retry.due() || !choose())) {
    if (!must_reopen) database_works();
    return must_reopen;
  }
  bool more = false;
  for (auto& from : followed) {
    if (!from.open && (!from.retry.due() || !open(from))) {
      if (must_reopen) return true;
      continue;
    }
    if (!read(from, more)) return true;
  }
  database_works();
  return more;
}

void LearningLoop::Parts::database_works() {
  if (trouble) spdlog::info("the database can be used again, learning again");
  trouble.reset();
  database_retry.succeeded();
}

// False: failed, or overtaken by another process that learns from the same log; so are the two below.
bool LearningLoop::Parts::read(Followed& from, bool& more) {
  reading = &from;
  auto batch = from.source->read(from.held.room());
  if (!batch) {
    reading = nullptr;
    if (must_reopen || !learn_held(from))
      return false;  // must_reopen: said already, by the book that was asked
    log_failed(from, batch.error());
    return true;
  }
  const bool stored = from.held.goes_with(*batch) || learn_held(from);
  reading = nullptr;
  if (!stored) return false;
  log_works(from);
  for (const auto& gap : batch->gaps) spdlog::error("lines are lost: {}: {}", gap.source, gap.reason);
  batch->gaps.insert(batch->gaps.end(), gaps.begin(), gaps.end());
  more = more || batch->more;
  const auto now = Steady::now();
  if (!batch->records.empty() || !batch->gaps.empty() || batch->moved) from.held.add(std::move(*batch), now);
  return !from.held.due(now) || learn_held(from);
}

// A source that is being read may have moved to another stream, which must not get the row of the one that is
// held.
bool LearningLoop::Parts::learn_held(Followed& from) {
  auto& held = from.held;
  if (held.empty()) return true;
  if (!write_probes() || !write_tests() || !write_tags()) return false;
  auto cursor = learner.learn(held.batch());
  if (!cursor) {
    failed("cannot learn from " + from.source->name(), cursor.error());
    return false;
  }
  if (!*cursor) {
    go_back();
    return false;
  }
  held.clear();
  gaps.clear();
  if (&from != reading) from.source->stored(**cursor);
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
  if ((notes.empty() && notes_dropped == 0) || !database_retry.due()) return true;
  if (auto written = learner.note(notes, notes_dropped); !written) {
    failed("cannot record refusals", written.error());
    return false;
  }
  if (notes_dropped > 0)
    spdlog::warn("{} refusals were not recorded one by one: they came faster than they could be written",
                 notes_dropped);
  notes.clear();
  notes_dropped = 0;
  next_notes = Steady::now() + kNotesEvery;
  return true;
}

// Before what the log tells of these messages, which is later than their acceptance by the milter.
bool LearningLoop::Parts::write_probes() {
  const auto sent = probes.waiting();
  if (sent.empty() || !database_retry.due()) return true;
  if (auto kept = learner.keep(sent); !kept) {
    failed("cannot record messages that test half-open entries", kept.error());
    return false;
  }
  probes.stored(sent);
  return true;
}

void LearningLoop::Parts::open_tags() {
  if (!config.tags.any() || tags_open || !database_retry.due()) return;
  const auto gap = learner.open_tags();
  if (!gap) return failed("cannot record that tags are read", gap.error());
  tags_open = true;
  if (*gap)
    spdlog::warn(
        "suppressd was killed: tags of messages that entered between {} and {} may be lost; those "
        "without tags are counted as tags_unnoted in table meta",
        format_time((**gap).from), format_time((**gap).to));
}

// As above.
bool LearningLoop::Parts::write_tests() {
  if (!database_retry.due()) return true;
  const auto stored = BreakerWatch::store(learner, tests);
  if (!stored) failed("cannot record test messages of breakers", stored.error());
  return stored.ok();
}

// As above.
bool LearningLoop::Parts::write_tags() {
  open_tags();
  std::uint64_t dropped = 0;
  auto taken = tags.take(dropped);
  tags_dropped += dropped;
  if (tag_notes.size() + taken.size() > kTags) {
    tags_dropped += taken.size();
  } else {
    tag_notes.insert(tag_notes.end(), std::make_move_iterator(taken.begin()),
                     std::make_move_iterator(taken.end()));
  }
  if ((tag_notes.empty() && tags_dropped == 0) || !database_retry.due()) return true;
  if (auto tagged = learner.tag(tag_notes, tags_dropped); !tagged) {
    failed("cannot record tags", tagged.error());
    return false;
  }
  if (tags_dropped > 0)
    spdlog::warn("tags of {} messages were lost: they came faster than they could be written", tags_dropped);
  tag_notes.clear();
  tags_dropped = 0;
  return true;
}

// After the log, so that a delivery is known before the report that disproves it.
void LearningLoop::Parts::learn_mails() {
  if (!database_retry.due()) return;
  std::uint64_t dropped = 0;
  auto taken = mails.take(dropped);
  waiting_mails.insert(waiting_mails.end(), std::make_move_iterator(taken.begin()),
                       std::make_move_iterator(taken.end()));
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
        spdlog::info("report about {} ({}) is not believed: {}", finding.address, finding.category,
                     finding.why);
  }
  waiting_mails.erase(waiting_mails.begin(), waiting_mails.begin() + static_cast<std::ptrdiff_t>(done));
  // While the database cannot be written, the oldest wait, and the others are left to `suppressctl learn`.
  if (waiting_mails.size() > kMails) waiting_mails.resize(kMails);
}

void LearningLoop::Parts::upkeep() {
  if (Steady::now() < next_upkeep || !database_retry.due()) return;
  const auto rows = ledger.expunge(config.retention, wall_clock());
  if (!rows) spdlog::warn("cannot remove old rows: {}", rows.error().message);
  const auto evidence = learner.upkeep(config.retention);
  if (!evidence) failed("cannot remove old evidence", evidence.error());
  const bool more = (rows && *rows) || (evidence && *evidence);
  next_upkeep = Steady::now() + (more ? kUpkeepPause : kUpkeepEvery);
  pending_said.clear();
}

void LearningLoop::Parts::take_reload() {
  const std::lock_guard lock{reload_mutex};
  if (!reload) return;
  config = reload->first;
  judges = reload->second;
  learner.use(learn_settings_of(config), *judges.rules);
  must_tell_views = true;
  reload.reset();
}

void LearningLoop::Parts::wait(bool more) {
  if (!more) std::this_thread::sleep_until(next_turn);
  std::vector<pollfd> waits{{wake->fd(), POLLIN, 0}};
  auto timeout = kTurn;
  if (followed.empty()) timeout = std::min(timeout, until(choice_retry.next()));
  for (const auto& from : followed) {
    if (!from.held.empty()) timeout = std::min(timeout, until(from.held.until()));
    if (!from.open) {
      timeout = std::min(timeout, until(from.retry.next()));
    } else if (from.source->wait_fd() >= 0) {
      waits.push_back({from.source->wait_fd(), POLLIN, 0});
    } else {
      timeout = std::min(timeout, kPoll);
    }
  }
  if (!database_retry.due()) {
    waits.resize(1);  // what the sources have to say must wait
    timeout = std::min(timeout, until(database_retry.next()));
  }
  if (Steady::now() < next_notes) timeout = std::min(timeout, until(next_notes));
  if (more) timeout = milliseconds{0};
  poll(waits.data(), waits.size(), static_cast<int>(timeout.count()));
  wake->clear();
  next_turn = Steady::now() + kRest;
}

// Look-ups that have failed are retried here, too: without mail, no one else would find out that they work
// again.
void LearningLoop::Parts::tell_health() {
  Health now{.look_ups = {}, .learning = trouble ? trouble : no_log, .logs = {}};
  if (look_ups != nullptr) {
    if (look_ups->trouble() || trouble) look_ups->find({"nobody@invalid", {}}, {}, wall_clock());
    now.look_ups = look_ups->trouble();
  }
  for (const auto& from : followed) now.logs.push_back({from.source->name(), from.trouble});
  const auto line = now.line();
  if (line == health.line() && now.kind() == health.kind()) return;
  service_manager::status(line);
  if (now.kind() != health.kind()) {
    spdlog::log(now.well() ? spdlog::level::info : spdlog::level::err, "status: {}", line);
    health_since = wall_clock();
  }
  health = std::move(now);
}

// For `suppressctl status`. What cannot be stored now is stored when the database works again.
void LearningLoop::Parts::store_health() {
  if (!health_since || trouble || must_reopen) return;
  if (ledger.save_health(health.line(), *health_since)) health_since.reset();
}

LearningLoop::LearningLoop(const Config& config, Judges judges, Ledger ledger, VerdictReader* look_ups,
                           LogPlaces places)
    : parts_(std::make_unique<Parts>(config, std::move(judges), std::move(ledger), look_ups,
                                     std::move(places))) {}
LearningLoop::~LearningLoop() = default;

std::optional<std::string> LearningLoop::logs_within(std::chrono::milliseconds patience) {
  if (parts_->opened_logs.wait_for(patience) != std::future_status::ready) return std::nullopt;
  return parts_->opened_logs.get();
}

RefusalQueue& LearningLoop::refusals() {
  return parts_->refusals;
}

MailQueue& LearningLoop::mails() {
  return parts_->mails;
}

ProbeClaims& LearningLoop::probes() {
  return parts_->probes;
}

TagQueue& LearningLoop::tags() {
  return parts_->tags;
}

TestTickets& LearningLoop::tests() {
  return parts_->tests;
}

void LearningLoop::run() {
  auto& parts = *parts_;
  parts.begin();
  const auto watchdog = service_manager::watchdog_interval();
  auto next_alive = Steady::now();
  while (!parts.stopping) {
    parts.take_reload();
    parts.open_tags();
    const bool more = parts.learn();
    if (!more) parts.learn_mails();
    parts.write_probes();
    parts.write_tests();
    parts.write_notes();
    parts.upkeep();
    parts.say_who_is_ahead();
    parts.say_incidents();
    parts.enforcement.look(parts.ledger, wall_clock());
    parts.say_alerts();
    parts.move_breakers();
    parts.tell_health();
    parts.store_health();
    if (watchdog && Steady::now() >= next_alive) {
      service_manager::alive();
      next_alive = Steady::now() + std::min<std::chrono::microseconds>(*watchdog, kTurn);
    }
    parts.wait(more);
  }
  parts.learn_all_held();
  parts.learn_mails();
  parts.write_probes();
  parts.write_tests();
  // What could not be written is lost, as after a kill.
  if (parts.write_tags() && parts.tag_notes.empty() && parts.tags_open)
    if (auto closed = parts.learner.close_tags(); !closed)
      parts.failed("cannot record that all tags are written", closed.error());
  parts.write_notes();
}

void LearningLoop::stop() {
  parts_->stopping = true;
  parts_->wake->signal();
}

void LearningLoop::use(const Config& config, Judges judges) {
  const std::lock_guard lock{parts_->reload_mutex};
  parts_->reload = std::make_unique<std::pair<Config, Judges>>(config, std::move(judges));
  parts_->wake->signal();
}

}  // namespace suppressd
