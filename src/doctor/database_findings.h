// What is wrong with the database's files. Pure, except look_at_database().
#pragma once

#include <cstdint>
#include <string>

#include "suppressd/doctor/finding.h"

#include "account.h"

namespace suppressd {

struct DatabaseFacts {
  std::string path;
  bool exists = true;
  std::string error;    ///< Why the service's account cannot use it, and what to do; empty: it can.
  std::string damage;   ///< What `PRAGMA quick_check` found; empty: nothing, or it is too large to look.
  std::string account;  ///< Of the service.
  std::string owner;
  std::string mode;  ///< `0640`
  bool others_read = false;
  bool has_log = true;          ///< A -wal is beside it.
  bool log_is_foreign = false;  ///< The -wal belongs to another file.
  bool held_elsewhere = false;  ///< The running suppressd has another file open, which was at this path.
  std::uint64_t available = 0;  ///< Bytes of the disk, for those who are not root.
  std::uint64_t total = 0;
};

/// `pid`: of the running suppressd; 0: it does not run, or is not known.
DatabaseFacts look_at_database(const std::string& path, const Account& account, int pid);

Findings database_findings(const DatabaseFacts& facts);

}  // namespace suppressd
