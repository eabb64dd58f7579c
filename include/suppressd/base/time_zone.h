// A time zone from the system's zone files, whatever TZ says.
//
// std::chrono's zones are missing in Debian 12's compiler, and the C library knows only the process's one
// zone. Reads TZif files (RFC 9636, versions 1 to 4), the rule for the future at their end included.
// Immutable after load(), safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "suppressd/base/result.h"
#include "suppressd/base/time.h"

namespace suppressd {

class TimeZone {
 public:
  /// An IANA name, or empty for the system's (/etc/localtime; UTC where that is missing). Error: a name that
  /// the system does not know.
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
  struct Span {
    std::int64_t from;    ///< First Unix second.
    std::int64_t offset;  ///< Seconds east of UTC.
  };

  TimeZone() = default;
  static bool read(std::string_view file, std::vector<Span>& spans);

  std::vector<Span> spans_;  ///< In order of time; the first begins at the smallest number.
};

}  // namespace suppressd
