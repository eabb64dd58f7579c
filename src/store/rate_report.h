// Sums of rates for people. Failures are Errors; private to this layer.
#pragma once

#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/store/rates.h"

#include "database.h"

namespace suppressd {

Result<std::vector<RateSums>> sums_by_name(Database& database, RateDimension dimension, Time since);
Result<std::vector<RateSums>> sums_by_day(Database& database, Time since);
Result<std::vector<RateSums>> failures_by_recipient_domain(Database& database, Time since);
Result<std::vector<UnusualRate>> unusual_rates(Database& database, Time now);
Result<std::vector<Alert>> list_alerts(Database& database);
Result<LostTags> lost_tags(Database& database);
Result<RateWatch> rate_watch(Database& database);

}  // namespace suppressd
