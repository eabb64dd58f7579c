// What people ask of the database, on one connection that only reads.
//
// For programs beside the daemon, which open the file, query it and end: they do not notice if the file is
// replaced meanwhile (VerdictReader does). Each answer is from one moment, as committed when it was
// asked. One thread; callbacks must not use the Reader.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/text.h"
#include "suppressd/core/address_record.h"
#include "suppressd/core/breaker.h"
#include "suppressd/core/change.h"
#include "suppressd/core/lookup.h"
#include "suppressd/core/refusal.h"
#include "suppressd/core/spam_rate.h"
#include "suppressd/core/tracked.h"
#include "suppressd/store/enforcement.h"
#include "suppressd/store/exemptions.h"
#include "suppressd/store/host_state.h"
#include "suppressd/store/incidents.h"
#include "suppressd/store/monitored.h"
#include "suppressd/store/rates.h"
#include "suppressd/store/unproven.h"

namespace suppressd {

/// The whole state, or only what follows from the events of the list: without audit, counts, and what
/// belongs to this host.
enum class DumpScope : std::uint8_t { all, list };

class Database;

struct EntryFilter {
  std::string address;  ///< Exact. In all fields, empty or nullopt: any.
  std::string kind;
  std::string category;
  std::string provider;
  std::string rule;
  std::optional<std::string> scope = {};  ///< Empty: entries for all mail; nullopt: of all scopes.
  std::int64_t incident = 0;              ///< That holds a pending entry; 0: any, or none.
  std::optional<Time> since;              ///< Entries that began at or after.
  std::optional<Time> until;              ///< Entries that began before.
  bool pending = false;  ///< Only pending ones; else those that refuse mail: in force and not exempt.
  bool ended = false;    ///< Also those that have run out or were lifted, and exempt ones.
};

/// How many entries refuse mail now, and how many wait for confirmation.
struct EntryCounts {
  std::int64_t in_force = 0;
  std::int64_t pending = 0;
};

/// All that is known of one address.
struct Story {
  AddressRecord record;
  std::optional<Suppression>
      domain_entry;                ///< In force under a wider key, such as its domain: the one that decides.
  std::vector<Evidence> evidence;  ///< These three: oldest first, the newest 1000 of each.
  std::vector<Change> changes;
  std::vector<Refusal> refusals;
  std::vector<Send> open_sends;
  std::int64_t incident = 0;  ///< That holds its pending entry; 0: none.
};

/// `incident`: that holds the entry, if it is pending; 0: none.
using TakeEntry = std::function<void(const Suppression& entry, std::int64_t incident)>;

/// By entry (`@domain`, `@.domain`): how many addresses.
using Coverage = std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>>;

class Reader {
 public:
  /// Error: the file is missing, not ours, newer or older than this program, or may not be read.
  static Result<Reader> open(const std::string& path);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// The milter's answer to mail from `sender`; empty: only entries for all mail count. Address extensions
  /// are those of the daemon's last configuration (ViewSettings).
  LookupResult verdict(std::string_view address, std::string_view sender, Time now);

  /// In the order of address, kind and scope.
  Status each_entry(const EntryFilter& filter, Time now, const TakeEntry& take);
  Result<std::vector<Suppression>> entries(const EntryFilter& filter, Time now);
  Result<EntryCounts> count_entries(Time now);
  /// Addresses that were delivered to since then, and that such an entry covers. Reads all recipients.
  Result<Coverage> known_good_covered(std::span<const std::string> domains, Time since);
  /// In the order of addresses.
  Result<std::vector<Exemption>> exemptions();
  /// `address` is canonical, or an entry such as `@example.com`.
  Result<Story> story(std::string_view address, Time now);
  /// nullopt: enforcement is on.
  Result<std::optional<EnforcementOff>> enforcement_off(Time now);
  /// Open ones first, then the newest first.
  Result<std::vector<IncidentSummary>> incidents(Time now);
  /// nullopt: there is none of that number.
  Result<std::optional<IncidentStory>> incident(std::int64_t id, Time now);
  /// The sends that failed in the hours of an undo, oldest first, whatever they cost the address: their mail
  /// was lost.
  Status each_lost(const UndoDetails& undo, const std::function<void(const Evidence&)>& take);
  /// Sums of a dimension, of messages that entered at `since` or later, by name.
  Result<std::vector<RateSums>> rates(RateDimension dimension, Time since);
  /// Sums of all, by day.
  Result<std::vector<RateSums>> rates_by_day(Time since);
  /// Of recipient domains only the failures are known, and only as long as their evidence is kept.
  Result<std::vector<RateSums>> failures_by_recipient_domain(Time since);
  /// Rates over a limit, or over half of it, the worst first.
  Result<std::vector<UnusualRate>> unusual_rates(Time now);
  /// Open ones first, then the newest first.
  Result<std::vector<Alert>> alerts();
  Result<RateWatch> rate_watch();
  /// In the order of dimensions and names.
  Result<BreakerView> breakers();
  /// Queue ids of open messages with that campaign, source or account.
  Result<std::vector<std::string>> queued_with_tag(std::string_view tag);
  /// Of that day and later, by domain, the newest first.
  Result<std::vector<SpamRate>> spam_rates(Time since);
  /// What would have been refused since then.
  Result<Monitored> monitored(Time since);
  Result<LostTags> lost_tags();
  /// `since`: for gaps and lines; `threshold`: soft.threshold, for streaks at risk.
  Result<HostState> host_state(Time since, std::int64_t threshold, Time now);
  /// Newest first.
  Status each_unproven(const std::function<void(const Unproven&)>& take);

  /// The whole logical state as text, for comparing databases: tables in a fixed order, rows by natural key,
  /// bytewise, one JSON object per line, given without its line feed. Event times, and references by natural
  /// key; no row ids, cursors, gaps, paths, refusals (the milter's notes, which are in no log), or times
  /// of writing. Equal states print equal bytes.
  Status dump(const std::function<void(std::string_view line)>& write, DumpScope scope = DumpScope::all);

 private:
  explicit Reader(Database database);
  std::unique_ptr<Database> database_;
};

}  // namespace suppressd
