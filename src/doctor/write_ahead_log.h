// Whether the write-ahead log beside a database is its own.
//
// SQLite takes whatever is in FILE-wal for a part of FILE. If a copy is put in the place of a database that
// was not closed, the old log is applied to it, and damages it. Any thread.
#pragma once

#include <chrono>
#include <string>

namespace suppressd {

/// True: the log, which is not empty, was there `well_before` the file, so that it was made for another one.
/// An archive may be unpacked in any order, but within a moment. False if the file system does not tell when
/// a file was made, and for a file whose content was replaced.
bool is_foreign_log(const std::string& database,
                    std::chrono::nanoseconds well_before = std::chrono::seconds(2));

}  // namespace suppressd
