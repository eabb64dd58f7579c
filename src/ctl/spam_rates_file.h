// Spam rates as Google Postmaster Tools gives them: JSON of its API (version 1), or CSV.
//
// JSON: one object of `trafficStats`, an array of them, or the answer to a list, which has them under that
// name. CSV: a line of headings, of which one says date or day and one says spam or rate, perhaps one domain;
// a rate is a share such as 0.0012, or a percentage, if it or its heading has a % or says percent. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/core/spam_rate.h"

namespace suppressd::ctl {

struct SpamRates {
  std::vector<SpamRate> rates;
  std::vector<std::string> wrong;  ///< What could not be read: `3: no date such as 2026-11-01: "x"`.
  std::size_t unknown = 0;         ///< Days for which there is no rate, because there was too little mail.
};

/// `domain`: of a CSV file that does not name it; canonical or empty. Error: it is neither JSON nor CSV.
Result<SpamRates> read_spam_rates(std::string_view text, const std::string& domain);

}  // namespace suppressd::ctl
