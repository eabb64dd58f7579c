// Rows of `known_good` and `incident`.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "suppressd/core/incident.h"
#include "suppressd/core/known_good.h"

#include "columns.h"
#include "database.h"

namespace suppressd {

void columns(auto& column, RowOf<ProviderDomain> auto& place) {
  column("provider", place.provider);
  column("domain", place.domain);
}

void columns(auto& column, RowOf<OurSide> auto& side) {
  column("host", side.host);
  column("sender_domain", side.sender_domain);
  column("campaign", side.campaign);
}

void columns(auto& column, RowOf<Incident> auto& incident) {
  column.reference("id", incident.id, kNotDumped);
  column.word("kind", incident.kind, incident_kind_from);
  columns(column, incident.place);
  column("since", incident.span.since);
  column("opened", incident.span.opened);
  column("closed", incident.span.closed);
  column("last", incident.span.last);
  column("sends", incident.span.sends);
  column("failed", incident.span.failed);
  columns(column, incident.side);
  column("text", incident.text, kNotDumped);
  column("example", incident.example, kNotDumped);
  column("closed_by", incident.closed_by);
}

/// Of evidence: hard failures at provider ?1 that ended in [?2, ?3), of the domain ?4, or of all if it is ''.
inline constexpr std::string_view kHardFailedIn =
    "provider = ?1 AND at >= ?2 AND at < ?3 AND action = 'hard'"
    " AND (?4 = '' OR substr(address, -length(?4) - 1) = '@' || ?4)";

const TableSql& known_good_sql();
const TableSql& incident_sql();

KnownGoodBuckets load_known_good(Database& database, const ProviderDomain& place);
/// Domains of the provider with addresses that failed.
std::vector<std::string> known_good_failed(Database& database, std::string_view provider);
void add_known_good(Database& database, const std::map<ProviderDomain, KnownGoodBuckets>& counts);
/// Removes rows from before that time; those of an incident, and of the window before it, stay until it has
/// closed before that time.
void forget_known_good(Database& database, Time before);
/// The latest time for which that was done; min(): never.
Time known_good_since(Database& database);

/// Those of providers, by provider, domain and time.
std::vector<Incident> load_incidents(Database& database);
/// All others, by time.
std::vector<Incident> load_own_incidents(Database& database);
/// Inserts (id 0) or updates; returns the id.
std::int64_t save_incident(Database& database, const Incident& incident);
void remove_incident(Database& database, std::int64_t id);
/// False: it is not open.
bool close_incident(Database& database, std::int64_t id, Time now, std::string_view actor);
/// False: it was marked before, or there is none.
bool mark_read(Database& database, std::int64_t id);

}  // namespace suppressd
