// A walk through a table in the order of its key, a piece at a time, once a day.
//
// `meta` has the last key of the last piece, and the day on which the walk ended; both are written in the
// caller's transaction. Throws StoreFailure; used within the layer only.
#pragma once

#include <string>
#include <string_view>

#include "suppressd/base/time.h"

#include "database.h"

namespace suppressd {

class Walk {
 public:
  Walk(Database& database, std::string_view table, Time now);

  /// False: it has ended today.
  bool due() const;
  /// The last key of the last piece; empty: it has not begun.
  std::string place() const;
  /// The last key of this piece; nullopt: there was no more, and the walk ends for today.
  void advance(const std::optional<std::string>& last);

 private:
  bool started() const;

  Database& database_;
  std::string place_;
  std::string ended_;
  Time day_;
};

}  // namespace suppressd
