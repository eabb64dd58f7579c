// A delivery that was none: the report that a message bounced after it had been accepted.
//
// What stood of an address before a delivery is kept with the delivery for a while. When a proven report
// comes, the address is put back to that state, and what has happened since is applied again, so that streak,
// ladders and entries are as if the delivery had never been. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suppressd/core/policy.h"
#include "suppressd/core/record.h"

namespace suppressd {

/// What a delivery can change of an entry.
struct EntryMark {
  Time since;
  std::optional<Time> until;
  SuppressionState state = SuppressionState::active;
  std::optional<Time> contradicted_at;
};

/// Row in `delivery`.
struct Delivery {
  std::string address;
  Time at;
  std::string host;
  std::string instance;
  std::string queue_id;
  std::optional<Time> entered;  ///< When the message entered.
  std::string message;          ///< Digest of its Message-ID; empty where it is not kept.

  // What stood before.
  Recipient recipient;
  std::optional<EntryMark> soft;
  std::optional<EntryMark> hard;
};

/// The delivery that `outcome` tells of, with what stands now.
Delivery delivery_of(const Outcome& outcome, const AddressRecord& record);

/// Whether there is anything that a delivery at that time can change beside its own time.
bool matters(const AddressRecord& record, Time delivered);

/// What has happened since the delivery, each list in the order of time.
struct SinceThen {
  std::vector<Evidence> failures;
  std::vector<Delivery> deliveries;  ///< Get what then stood before them.
};

/// Takes the delivery back and returns the entries that stand again, as changes that rest on `evidence`. Does
/// nothing where somebody has acted by hand since.
PolicyResult reverse_delivery(AddressRecord& record, const Delivery& delivery, SinceThen& since_then,
                              const Policy& policy, const Evidence& evidence);

}  // namespace suppressd
