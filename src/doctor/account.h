// The world as another process sees it: an account, its groups, the folder in which it runs, or that of its
// chroot.
//
// Needs root, or to be that account already and no chroot. Starts child processes; one thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace suppressd {

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< Beside `gid`.

  /// By name; nullopt: there is none. `more`: groups of its service unit.
  static std::optional<Account> of(const std::string& name, const std::vector<std::string>& more = {});
  /// The account of this user ID, which may have no name.
  static Account of(uid_t uid, gid_t gid);
};

/// Where a process runs.
struct Where {
  std::string chroot;  ///< Its root; empty: the host's.
  std::string folder;  ///< Its current folder, which it had entered as root; empty: anywhere.
};

/// What `look` returns there. nullopt: this process may not become that account.
std::optional<std::string> as_account(const Account& account, const Where& where,
                                      const std::function<std::string()>& look);

}  // namespace suppressd
