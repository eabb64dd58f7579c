#include "tag_rows.h"

#include <string_view>

#include "statement.h"

namespace suppressd {
namespace {

constexpr std::int64_t kNewPerDay = 1000;  // values of an account
constexpr std::int64_t kNewSenderDomains = 10'000;
constexpr std::string_view kSenderDomain = "sender-domain";

std::int64_t day_of(Time time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

// In `meta`: until when notes are known while a milter takes tags; and when the last one was killed.
constexpr std::string_view kOpen = "tags.open";
constexpr std::string_view kGapFrom = "tags.gap_from";
constexpr std::string_view kGapTo = "tags.gap_to";

void count(Database& database, std::string_view name, std::uint64_t more) {
  if (more == 0) return;
  run(database,
      "INSERT INTO meta(name, value) VALUES (?1, ?2)"
      " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
      name, static_cast<std::int64_t>(more));
}

std::optional<Time> time_in(Database& database, std::string_view name) {
  Query query(database, "SELECT value FROM meta WHERE name = ?1", name);
  return query.step() ? query->maybe_time(0) : std::nullopt;
}

void set(Database& database, std::string_view name, Time time) {
  run(database,
      "INSERT INTO meta(name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name, time);
}

void run_note(Database& database, std::string_view sql, const TagNote& note) {
  run(database, sql, note.queue_id, note.begun, note.ended, note.tags.campaign, note.tags.source,
      note.tags.account, note.tags.contact);
}

bool is_known(Database& database, std::string_view tag, std::string_view account, std::string_view value) {
  Query query(database, "SELECT 1 FROM tag_value WHERE tag = ?1 AND account = ?2 AND value = ?3", tag,
              account, value);
  return query.step();
}

bool too_many(Database& database, std::string_view account, std::int64_t day) {
  Query query(database,
              "SELECT count(*) FROM tag_value WHERE day = ?1 AND account = ?2 AND tag <> 'sender-domain'",
              day, account);
  return query.step() && query->integer(0) >= kNewPerDay;
}

bool too_many_sender_domains(Database& database, std::int64_t day) {
  Query query(database,
              "SELECT count(*) FROM tag_value WHERE day = ?1 AND account = '' AND tag = 'sender-domain'",
              day);
  return query.step() && query->integer(0) >= kNewSenderDomains;
}

void add_value(Database& database, std::string_view tag, std::string_view account, std::string_view value,
               std::int64_t day) {
  run(database, "INSERT INTO tag_value(tag, account, value, day) VALUES (?1, ?2, ?3, ?4)", tag, account,
      value, day);
}

void bound(Database& database, std::string_view tag, std::string_view account, std::string& value,
           std::int64_t day) {
  if (value.empty() || value == kOtherTag || is_known(database, tag, account, value)) return;
  if (too_many(database, account, day)) {
    value = kOtherTag;
    return;
  }
  add_value(database, tag, account, value, day);
}

}  // namespace

std::vector<TagNote> load_tag_notes(Database& database) {
  std::vector<TagNote> notes;
  Query query(database, "SELECT queue_id, begun, ended, campaign, source, account, contact FROM tag_note");
  while (query.step())
    notes.push_back({.queue_id = std::string(query->text(0)),
                     .begun = query->time(1),
                     .ended = query->time(2),
                     .tags = {.campaign = std::string(query->text(3)),
                              .source = std::string(query->text(4)),
                              .account = std::string(query->text(5)),
                              .contact = std::string(query->text(6))}});
  return notes;
}

void save_tag_notes(Database& database, const TagChanges& changes) {
  for (const auto& note : changes.removed)
    run_note(database,
             "DELETE FROM tag_note WHERE queue_id = ?1 AND begun = ?2 AND ended = ?3 AND campaign = ?4"
             " AND source = ?5 AND account = ?6 AND contact = ?7",
             note);
  for (const auto& note : changes.added)
    run_note(database, "INSERT OR IGNORE INTO tag_note VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", note);
  count_lost_tags(database, changes.lost);
  count(database, "tags_unnoted", changes.unnoted);
}

void count_lost_tags(Database& database, std::uint64_t lost) {
  count(database, "tags_lost", lost);
}

std::optional<TagGap> tag_gap(Database& database) {
  const auto from = time_in(database, kGapFrom);
  const auto to = time_in(database, kGapTo);
  return from && to ? std::optional(TagGap{*from, *to}) : std::nullopt;
}

std::optional<TagGap> open_tags(Database& database, Time now) {
  const auto open = time_in(database, kOpen);
  set(database, kOpen, now);
  if (!open || *open > now) return std::nullopt;  // a clock that was put back
  set(database, kGapFrom, *open);
  set(database, kGapTo, now);
  return TagGap{*open, now};
}

void note_tags_open(Database& database, Time newest) {
  run(database, "UPDATE meta SET value = max(value, ?2) WHERE name = ?1", kOpen, newest);
}

void close_tags(Database& database) {
  run(database, "DELETE FROM meta WHERE name = ?1", kOpen);
}

void bound_tags(Database& database, Tags& tags, Time now) {
  const auto day = day_of(now);
  bound(database, "account", {}, tags.account, day);
  bound(database, "campaign", tags.account, tags.campaign, day);
  bound(database, "source", tags.account, tags.source, day);
}

bool admit_sender_domain(Database& database, std::string_view domain, Time day) {
  if (is_known(database, kSenderDomain, {}, domain)) return true;
  if (too_many_sender_domains(database, day_of(day))) return false;
  add_value(database, kSenderDomain, {}, domain, day_of(day));
  return true;
}

void forget_tag_values(Database& database, Time time) {
  run(database, "DELETE FROM tag_value WHERE day < ?1", day_of(time));
}

}  // namespace suppressd
