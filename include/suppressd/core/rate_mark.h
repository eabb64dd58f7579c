// As what a failure counts in the rates.
//
// A function of the evidence of its address and of what the list makes of it: an incident, its confirmation
// or an undo changes it, and the counts follow. Evidence keeps its mark and its keys, so that exactly what
// was added is taken out again. Pure; nothing fails.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "suppressd/core/address_record.h"
#include "suppressd/core/fold.h"
#include "suppressd/core/outcome.h"
#include "suppressd/core/rate.h"

namespace suppressd {

std::string_view name_of(RateMark mark);  ///< Empty: nothing.
std::optional<RateMark> rate_mark_from(std::string_view name);

/// What evidence with that mark adds to its hour.
RateCounts counts_of(const Outcome& outcome, RateMark mark);

/// Whether a delivery that is not kept yet cannot have been counted before: of an address with deliveries
/// alone the newest are kept, and an older one may have been. Not so in the second of the oldest that is
/// kept.
bool is_new_delivery(const KeptEvents& events, const EventId& delivery);

/// As what it counts if there is no other evidence, and nothing excuses it.
RateMark mark_alone(const Outcome& outcome);

/// As what each row counts. `rows`: those of the address that may depend on one another; what is no kept
/// event of `record` any more keeps its mark. `record` is folded with `input`.
std::vector<RateMark> marks_of(std::span<const Evidence> rows, const AddressRecord& record,
                               const FoldInput& input);

}  // namespace suppressd
