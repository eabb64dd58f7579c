#include "suppressd/store/reader.h"

#include <utility>

#include "breaker_rows.h"
#include "coverage.h"
#include "deciding_entry.h"
#include "dump.h"
#include "enforcement_rows.h"
#include "entries.h"
#include "exemption_rows.h"
#include "failure.h"
#include "host_state.h"
#include "incident_story.h"
#include "monitored.h"
#include "rate_report.h"
#include "spam_rate_rows.h"
#include "story.h"
#include "undone_sends.h"
#include "unproven_rows.h"

namespace suppressd {

Reader::Reader(Database database) : database_(std::make_unique<Database>(std::move(database))) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::string& path) {
  auto database = Database::open(path, Database::Mode::read_only);
  if (!database) return database.error();
  return Reader(std::move(*database));
}

LookupResult Reader::verdict(std::string_view address, std::string_view sender, Time now) {
  return verdict_of(guarded(*database_, [&] {
    const ReadTransaction one_moment(*database_);
    return deciding_entry(*database_, {address, recipient_delimiter(*database_)}, sender, now);
  }));
}

Status Reader::each_entry(const EntryFilter& filter, Time now, const TakeEntry& take) {
  return suppressd::each_entry(*database_, filter, now, take);
}

Result<std::vector<Suppression>> Reader::entries(const EntryFilter& filter, Time now) {
  return list_entries(*database_, filter, now);
}

Result<EntryCounts> Reader::count_entries(Time now) {
  return suppressd::count_entries(*database_, now);
}

Result<Coverage> Reader::known_good_covered(std::span<const std::string> domains, Time since) {
  return guarded(*database_, [&] { return suppressd::known_good_covered(*database_, domains, since); });
}

Result<std::vector<Exemption>> Reader::exemptions() {
  return list_exemptions(*database_);
}

Result<std::optional<EnforcementOff>> Reader::enforcement_off(Time now) {
  return guarded(*database_, [&] { return suppressd::enforcement_off(*database_, now); });
}

Result<Story> Reader::story(std::string_view address, Time now) {
  return story_of(*database_, address, now);
}

Result<std::vector<IncidentSummary>> Reader::incidents(Time now) {
  return list_incidents(*database_, now);
}

Result<std::optional<IncidentStory>> Reader::incident(std::int64_t id, Time now) {
  return incident_story(*database_, id, now);
}

Status Reader::each_lost(const UndoDetails& undo, const std::function<void(const Evidence&)>& take) {
  return guarded(*database_, [&] { suppressd::each_lost(*database_, undo, take); });
}

Result<std::vector<RateSums>> Reader::rates(RateDimension dimension, Time since) {
  return sums_by_name(*database_, dimension, since);
}

Result<std::vector<RateSums>> Reader::rates_by_day(Time since) {
  return sums_by_day(*database_, since);
}

Result<std::vector<RateSums>> Reader::failures_by_recipient_domain(Time since) {
  return suppressd::failures_by_recipient_domain(*database_, since);
}

Result<std::vector<UnusualRate>> Reader::unusual_rates(Time now) {
  return suppressd::unusual_rates(*database_, now);
}

Result<std::vector<Alert>> Reader::alerts() {
  return list_alerts(*database_);
}

Result<RateWatch> Reader::rate_watch() {
  return suppressd::rate_watch(*database_);
}

Result<BreakerView> Reader::breakers() {
  return guarded(*database_, [&] {
    const ReadTransaction one_moment(*database_);
    return load_breakers(*database_, true);
  });
}

Result<std::vector<std::string>> Reader::queued_with_tag(std::string_view tag) {
  return guarded(*database_, [&] { return suppressd::queued_with_tag(*database_, tag); });
}

Result<std::vector<SpamRate>> Reader::spam_rates(Time since) {
  return suppressd::spam_rates(*database_, since);
}

Result<Monitored> Reader::monitored(Time since) {
  return suppressd::monitored(*database_, since);
}

Result<LostTags> Reader::lost_tags() {
  return suppressd::lost_tags(*database_);
}

Result<HostState> Reader::host_state(Time since, std::int64_t threshold, Time now) {
  return suppressd::host_state(*database_, since, threshold, now);
}

Status Reader::each_unproven(const std::function<void(const Unproven&)>& take) {
  return suppressd::each_unproven(*database_, take);
}

Status Reader::dump(const std::function<void(std::string_view line)>& write, DumpScope scope) {
  return suppressd::dump(*database_, write, scope);
}

}  // namespace suppressd
