#include "suppressd/learn/learner.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "suppressd/base/text.h"

#include "learner_parts.h"
#include "report_observer.h"

namespace suppressd {
namespace {

constexpr std::int64_t kWaitingAtOnce = 1000;
constexpr std::size_t kHostLimit = 255;
constexpr std::size_t kSettledWatched = 10'000;          // probes whose lines are still picked out of the log
constexpr Duration kTagsUnseen = std::chrono::hours(1);  // the log does not show their message
constexpr Duration kKeepTagValues = std::chrono::hours(24 * 400);

Time newest_of(const std::vector<TagNote>& notes) {
  Time newest = Time::min();
  for (const auto& note : notes) newest = std::max(newest, note.ended);
  return newest;
}

}  // namespace

Learner::Parts::Parts(const LearnSettings& learn, const Ruleset& ruleset, Ledger& book,
                      std::function<void(const Change&)> tell, std::function<Time()> time)
    : settings(learn),
      rules(&ruleset),
      ledger(book),
      noted(std::move(tell)),
      clock(std::move(time)),
      observer(learn, ruleset),
      decider(learn) {}

Result<Batch> Learner::Parts::begin() {
  auto batch = ledger.begin();
  if (!batch) return batch;
  if (!observing || batch->must_load()) {
    auto messages = ledger.messages();
    if (!messages) return messages.error();
    auto tag_notes = ledger.tag_notes();
    if (!tag_notes) return tag_notes.error();
    auto gap = batch->tag_gap();
    if (!gap) return gap.error();
    observer.load(std::move(*messages), std::move(*tag_notes), *gap);
    observing = true;
  }
  if (auto loaded = load_probes(*batch); !loaded) return loaded.error();
  if (settings.breaker.on()) {
    if (auto loaded = tests.load(*batch); !loaded) return loaded.error();
    auto& watch = observer.probe_watch();
    tests.each_queue_id([&](const std::string& queue_id) { watch.watch_also(queue_id); });
  }
  if (auto begun = begin_deciding(*batch); !begun) return begun.error();
  return batch;
}

Status Learner::Parts::load_probes(Batch& batch) {
  auto& watch = observer.probe_watch();
  if (probes_seen && *probes_seen == batch.data_version() && !batch.must_load()) {
    if (watch.size() > 2 * probes.size() + kSettledWatched) watch.watch(probes.queue_ids());
    return {};
  }
  auto open = batch.probes();
  if (!open) return open.error();
  probes.load(std::move(*open));
  watch.watch(probes.queue_ids());
  probes_seen = batch.data_version();
  return {};
}

Status Learner::Parts::begin_deciding(Batch& batch) {
  if (auto begun = decider.begin(ledger, batch); !begun) return begun;
  now = clock();
  if (auto set = decider.set_keys(batch, now); !set) return set;
  waits = {};
  const auto due = batch.take_waiting(now + kAheadOfClock, kWaitingAtOnce);
  if (!due) return due.error();
  more_waiting = std::ssize(*due) == kWaitingAtOnce;
  for (const auto& outcome : *due)
    if (auto taken = decider.take(batch, outcome); !taken) return taken;
  return {};
}

Result<bool> Learner::Parts::take(Batch& batch, const Outcome& outcome) {
  if (!is_ahead(outcome.at)) {
    if (auto taken = decider.take(batch, outcome); !taken) return taken.error();
    if (auto tested = tests.take(batch, outcome); !tested) return tested.error();
    return true;
  }
  const auto added = batch.add_waiting(outcome);
  if (!added) return added;
  if (*added)
    waits.add({.events = 1, .by = outcome.at - now, .host = clean(outcome.message.host, kHostLimit)});
  return false;
}

Status Learner::Parts::decide(Batch& batch, const Observations& observed) {
  auto sweep = observed.sweeps.begin();
  const auto sweep_before = [&](std::size_t outcome) {
    for (; sweep != observed.sweeps.end() && sweep->before <= outcome; ++sweep)
      if (!is_ahead(sweep->at)) decider.sweep(sweep->at);
  };
  auto bounce = observed.soft_bounces.begin();
  const auto count_before = [&](std::size_t outcome) -> Status {
    for (; bounce != observed.soft_bounces.end() && bounce->before <= outcome; ++bounce)
      if (!is_ahead(bounce->bounce.at))
        if (auto counted = decider.count(batch, bounce->bounce); !counted) return counted;
    return {};
  };
  auto failed = observed.failed_attempts.begin();
  const auto see_before = [&](std::size_t outcome) -> Status {
    for (; failed != observed.failed_attempts.end() && failed->before <= outcome; ++failed)
      if (!is_ahead(failed->attempt.at))
        if (auto seen = decider.see(batch, failed->attempt); !seen) return seen;
    return {};
  };
  if (auto followed = tests.follow(batch, observed.probe_lines); !followed) return followed;
  for (std::size_t i = 0; i < observed.outcomes.size(); ++i) {
    sweep_before(i);
    if (auto seen = see_before(i); !seen) return seen;
    if (auto counted = count_before(i); !counted) return counted;
    if (auto taken = take(batch, observed.outcomes[i]); !taken) return taken.error();
  }
  sweep_before(observed.outcomes.size());
  if (auto seen = see_before(observed.outcomes.size()); !seen) return seen;
  if (auto counted = count_before(observed.outcomes.size()); !counted) return counted;
  if (auto settled = probes.settle(batch, observed.outcomes, observed.probe_lines); !settled) return settled;
  if (auto finished = tests.finish(batch, observed.probe_lines); !finished) return finished;
  for (const auto& gap : observed.gaps)
    if (auto added = batch.add_gap(gap); !added) return added;
  if (observed.records > 0) {
    if (auto added = batch.add_line_counts(observed.day, observed.lines); !added) return added;
    if (auto added = batch.add_line_samples(observed.samples); !added) return added;
  }
  counters.lines += observed.records;
  counters.events += static_cast<std::uint64_t>(observed.lines.understood);
  counters.ignored += static_cast<std::uint64_t>(observed.lines.ignored);
  counters.not_understood += static_cast<std::uint64_t>(observed.lines.not_understood);
  counters.attempts += observed.attempts;
  return {};
}

Result<Cursor> Learner::Parts::commit(Batch batch, const TrackerChanges& tracked, Cursor cursor) {
  if (auto saved = batch.save(tracked); !saved) return saved.error();
  if (auto settled = probes.settle(batch, tracked); !settled) return settled.error();
  auto stored = batch.save_cursor(std::move(cursor));
  if (!stored) return stored;
  if (auto committed = commit(std::move(batch)); !committed) return committed.error();
  return stored;
}

Status Learner::Parts::commit(Batch batch) {
  if (auto ended = decider.end(batch); !ended) return ended;
  if (auto committed = batch.commit(); !committed) return committed;
  const auto decided = decider.take_counters();
  counters.delivered += decided.delivered;
  counters.failed += decided.failed;
  counters.waiting += waits.events;
  waited.add(std::exchange(waits, {}));
  for (auto& incident : decider.take_incidents()) incidents.push_back(std::move(incident));
  for (auto& alert : decider.take_alerts()) alerts.push_back(std::move(alert));
  for (const auto& change : decider.take_changes())
    if (noted) noted(change);
  return {};
}

void Learner::Parts::forget() {
  observing = false;
  probes_seen.reset();
  waits = {};
  decider.forget();
}

Result<std::optional<Cursor>> Learner::Parts::learn(const Source::Batch& lines) {
  auto batch = begin();
  if (!batch) return batch.error();
  const auto overtaken = batch->is_overtaken(lines.cursor);
  if (!overtaken) return overtaken.error();
  if (*overtaken) {
    forget();
    return std::optional<Cursor>{};
  }
  auto observed = observer.observe(lines);
  if (!observed) return observed.error();
  // By the log's clock: a log that could not be read for hours has all messages of these hours.
  if (const auto last = observed->cursor.last_time) observer.drop_tags(std::min(*last, now) - kTagsUnseen);
  if (auto decided = decide(*batch, *observed); !decided) return decided.error();
  auto cursor = commit(std::move(*batch), observer.take_changes(), observed->cursor);
  if (!cursor) return cursor.error();
  return std::optional{std::move(*cursor)};
}

Result<std::vector<ReportFinding>> Learner::Parts::learn(const CollectedMail& mail, const TraceKeys& keys) {
  using Fate = ReportFinding::Fate;
  auto batch = begin();
  if (!batch) return batch.error();
  const auto reported = observe_report(mail, *rules, settings.actions, keys, settings.report_window, *batch);
  if (!reported) return reported.error();
  std::vector<ReportFinding> findings;
  LearnerCounters counted{};
  for (const auto& one : *reported) {
    auto& finding = findings.emplace_back();
    finding.address = one.address;
    finding.category = one.category;
    if (one.about_us) ++counted.reports;
    if (one.unproven) {
      ++counted.unproven;
      finding.fate = Fate::unproven;
      finding.why = one.unproven->why;
      if (auto added = batch->add_unproven(*one.unproven); !added) return added.error();
    }
    if (!one.proven) continue;
    const auto known = batch->is_known(*one.proven);
    if (!known) return known.error();
    const auto taken = take(*batch, *one.proven);
    if (!taken) return taken.error();
    finding.fate = *known ? Fate::known : *taken ? Fate::learned : Fate::waiting;
  }
  if (auto committed = commit(std::move(*batch)); !committed) return committed.error();
  counters.reports += counted.reports;
  counters.unproven += counted.unproven;
  return findings;
}

Result<bool> Learner::Parts::upkeep(const RetentionSettings& retention, int limit) {
  auto batch = begin();
  if (!batch) return batch.error();
  bool more = more_waiting;
  decider.look(now);
  if (const auto oldest = oldest_kept(now, retention.evidence)) {
    const auto expunged = decider.expunge(*batch, *oldest, now, limit);
    if (!expunged) return expunged;
    more = more || *expunged;
  }
  if (auto removed = batch->remove_unseen_probes(now - kProbeUnseen); !removed) return removed.error();
  probes_seen.reset();
  if (auto forgotten = batch->forget_tag_values(now - kKeepTagValues); !forgotten) return forgotten.error();
  if (auto committed = commit(std::move(*batch)); !committed) return committed.error();
  return more;
}

Status Learner::Parts::keep(const std::vector<Probe>& sent) {
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  if (batch->must_load()) forget();
  for (const auto& probe : sent)
    if (auto saved = batch->save(probe); !saved) return saved;
  if (auto committed = batch->commit(); !committed) return committed;
  for (const auto& probe : sent) {
    probes.add(probe);
    observer.probe_watch().watch_also(probe.queue_id);
  }
  return {};
}

// Where the tags of an earlier process were not closed, it was killed, and what its milter had noted last is
// lost.
Result<std::optional<TagGap>> Learner::Parts::open_tags() {
  forget();
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  now = clock();
  const auto gap = batch->open_tags(now);
  if (!gap) return gap;
  if (auto committed = batch->commit(); !committed) return committed.error();
  return gap;
}

// The messages may be in the log already, or come with the next lines.
Status Learner::Parts::tag(const std::vector<TagNote>& notes, std::uint64_t dropped) {
  auto batch = begin();
  if (!batch) return batch.error();
  auto bounded = notes;
  if (auto bound = batch->bound(bounded, dropped, now); !bound) return bound;
  observer.tag(bounded);
  if (auto stored = batch->note_tags_open(newest_of(bounded)); !stored) return stored;
  if (auto saved = batch->save(observer.take_changes()); !saved) return saved;
  return commit(std::move(*batch));
}

Learner::Learner(const LearnSettings& settings, const Ruleset& rules, Ledger& ledger,
                 std::function<void(const Change&)> noted, std::function<Time()> clock)
    : parts_(std::make_unique<Parts>(settings, rules, ledger, std::move(noted), std::move(clock))) {}

Learner::~Learner() = default;

Result<std::optional<Cursor>> Learner::learn(const Source::Batch& batch) {
  return parts_->or_forget(parts_->learn(batch));
}

Result<std::vector<ReportFinding>> Learner::learn(const CollectedMail& mail, const TraceKeys& keys) {
  ++parts_->counters.mails;
  return parts_->or_forget(parts_->learn(mail, keys));
}

Result<bool> Learner::upkeep(const RetentionSettings& settings, int limit) {
  return parts_->or_forget(parts_->upkeep(settings, limit));
}

Status Learner::note(const std::vector<Refusal>& refusals, std::uint64_t dropped) {
  auto batch = parts_->ledger.begin();
  if (!batch) return batch.error();
  if (batch->must_load()) parts_->forget();
  if (auto added = batch->add_refusals(refusals, dropped); !added) return added;
  if (auto counted = count_refusals(*batch, refusals); !counted) return counted;
  return batch->commit();
}

Status Learner::tag(const std::vector<TagNote>& notes, std::uint64_t dropped) {
  return parts_->or_forget(parts_->tag(notes, dropped));
}

Result<std::optional<TagGap>> Learner::open_tags() {
  return parts_->or_forget(parts_->open_tags());
}

Status Learner::close_tags() {
  auto batch = parts_->ledger.begin();
  if (!batch) return batch.error();
  if (batch->must_load()) parts_->forget();
  if (auto closed = batch->close_tags(); !closed) return closed;
  return batch->commit();
}

Status Learner::keep(const std::vector<Probe>& sent) {
  return parts_->keep(sent);
}

void Learner::use(const LearnSettings& settings, const Ruleset& rules) {
  auto& parts = *parts_;
  parts.settings = settings;
  parts.rules = &rules;
  parts.observer = Observer(settings, rules);
  parts.decider = Decider(settings);
  parts.tests.clear();
  parts.observing = false;
  parts.probes_seen.reset();
}

bool Learner::other_keys() const {
  return parts_->decider.other_keys();
}

const LearnerCounters& Learner::counters() const {
  return parts_->counters;
}

std::vector<IncidentNews> Learner::take_incidents() {
  return std::exchange(parts_->incidents, {});
}

std::vector<AlertNews> Learner::take_alerts() {
  return std::exchange(parts_->alerts, {});
}

Ahead Learner::take_ahead() {
  return std::exchange(parts_->waited, {});
}

}  // namespace suppressd
