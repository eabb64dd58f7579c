// What the rates say of a sender domain at a provider, for the warm-up.
//
// Throws StoreFailure; used within the layer only.
#pragma once

#include "suppressd/core/warm_up.h"

#include "database.h"

namespace suppressd {

WarmUpHistory sends_before(Database& database, std::string_view sender_domain, std::string_view provider,
                           Time now);
ProvidersOfDomains providers_of_domains(Database& database);

}  // namespace suppressd
