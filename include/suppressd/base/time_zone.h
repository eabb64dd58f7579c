// A time zone from the system's zone files (cctz), whatever TZ and TZDIR say.
//
// std::chrono's zones are missing in Debian 12's compiler, and the C library knows only the process's one
// zone. Immutable, safe from any thread; so is load(). cctz keeps each zone for the life of the process: one
// that is loaded again is read again only if its file has changed.
#pragma once

#include <cctz/time_zone.h>

#include <cstdint>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd {

class TimeZone {
 public:
  /// An IANA name, or empty for the system's (/etc/localtime; UTC where that is missing). Error: a name that
  /// the system does not know, or a file that is not one of a zone.
  static Result<TimeZone> load(std::string_view name);

  /// What a local time can mean: one time; two where clocks were set back (`first` < `second`); where clocks
  /// were set forward and the local time never was, both are the time that the clock would have shown without
  /// the change.
  struct Meaning {
    Time first;
    Time second;
  };
  /// `local` is the local time in seconds, counted as if it were UTC.
  Meaning meaning_of(std::int64_t local) const;

 private:
  explicit TimeZone(const cctz::time_zone& zone) : zone_(zone) {}

  cctz::time_zone zone_;
};

}  // namespace suppressd
