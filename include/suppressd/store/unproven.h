// Reports without proof: kept for people to read, bounded, without any effect.
#pragma once

#include <string>

#include "suppressd/base/time.h"

namespace suppressd {

/// How many are kept, the newest ones.
inline constexpr int kUnprovenKept = 10'000;

/// Row in `unproven`.
struct Unproven {
  Time at;
  std::string address;  ///< Empty where the report does not say.
  std::string what;     ///< `failed` or `complaint`.
  std::string category;
  std::string why;       ///< One sentence for people.
  std::string queue_id;  ///< If a valid trace has it; else empty.
  std::string reporting_mta;
  std::string form;
  std::string status;
  std::string text;
};

}  // namespace suppressd
