// A time zone from the system's zone files, read by cctz, regardless of TZ and TZDIR.
//
// Debian 12's compiler lacks the zones of std::chrono, and the C library knows only one zone per
// process. Immutable; safe from any thread, and so is load(). cctz keeps each zone for the life of
// the process: load() reads a file again only if it has changed.
#pragma once

#include <cctz/time_zone.h>

#include <cstdint>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd {

class TimeZone {
 public:
  /// `name` is an IANA name, or empty for the system's zone (/etc/localtime; UTC if that is
  /// missing). Error: the system does not know the name, or the file is not a zone file.
  static Result<TimeZone> load(std::string_view name);

  /// What a local time can mean. Where clocks were set back, it means two times: `first` <
  /// `second`. Otherwise both are equal; if clocks were set forward and the local time did not
  /// exist, they are its time by the offset before the change.
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
