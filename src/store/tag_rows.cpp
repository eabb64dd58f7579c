#include "tag_rows.h"

#include <string_view>

#include "statement.h"

namespace suppressd {
namespace {

constexpr std::int64_t kNewPerDay = 1000;  // values of an account

std::int64_t day_of(Time time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
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
  Query query(database, "SELECT count(*) FROM tag_value WHERE day = ?1 AND account = ?2", day, account);
  return query.step() && query->integer(0) >= kNewPerDay;
}

void bound(Database& database, std::string_view tag, std::string_view account, std::string& value,
           std::int64_t day) {
  if (value.empty() || value == kOtherTag || is_known(database, tag, account, value)) return;
  if (too_many(database, account, day)) {
    value = kOtherTag;
    return;
  }
  run(database, "INSERT INTO tag_value(tag, account, value, day) VALUES (?1, ?2, ?3, ?4)", tag, account,
      std::string_view{value}, day);
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
}

void count_lost_tags(Database& database, std::uint64_t count) {
  if (count == 0) return;
  run(database,
      "INSERT INTO meta(name, value) VALUES ('tags_lost', ?1)"
      " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
      static_cast<std::int64_t>(count));
}

void bound_tags(Database& database, Tags& tags, Time now) {
  const auto day = day_of(now);
  bound(database, "account", {}, tags.account, day);
  bound(database, "campaign", tags.account, tags.campaign, day);
  bound(database, "source", tags.account, tags.source, day);
}

void forget_tag_values(Database& database, Time time) {
  run(database, "DELETE FROM tag_value WHERE day < ?1", day_of(time));
}

}  // namespace suppressd
